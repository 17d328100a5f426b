import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { reason } from '../../electron/contract/errors.ts'
import { Button } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import ui from '../ui/ui.module.css'
import css from './app.module.css'
import { newProject, openDemo, openFile, openProject } from './projects.ts'
import { RecentProject } from './RecentProject.tsx'

/** Without a project: open a recent one, create one, or open the demo. */
export function Welcome({ over }: { readonly over: boolean }): ReactNode {
  const recent = useQuery({ queryKey: ['app.recent'], queryFn: () => window.portolan.shell('app.recent', {}) })
  const [problem, setProblem] = useState('')
  const enter = (open: () => Promise<unknown>) => async (): Promise<void> => {
    try {
      setProblem('')
      await open()
    } catch (error) {
      setProblem(reason(error))
    }
  }
  return (
    <main className={css['welcome']}>
      {over && <p className={css['over']}>Drop a project</p>}
      <div>
        <h1>Portolan</h1>
        <p>Activation atlases of your own image classifier and photographs.</p>
      </div>
      <div className={ui['row']}>
        <Button look="primary" onClick={enter(openDemo)}>
          Open the demo
        </Button>
        <Button onClick={enter(openProject)}>Open project</Button>
        <Button onClick={enter(newProject)}>New project</Button>
      </div>
      {problem && (
        <p role="alert" style={{ color: 'var(--danger)' }}>
          {problem}
        </p>
      )}
      {(recent.data?.length ?? 0) > 0 && (
        <section>
          <h2 className={panel['label']}>Recent</h2>
          <ul className={css['recent']}>
            {recent.data?.map(one => (
              <RecentProject
                key={one.file}
                project={one}
                onOpen={enter(() => openFile(one.file))}
                onForget={enter(async () => {
                  await window.portolan.shell('app.forget', { file: one.file })
                  await recent.refetch()
                })}
              />
            ))}
          </ul>
        </section>
      )}
    </main>
  )
}
