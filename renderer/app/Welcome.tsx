import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Button } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import ui from '../ui/ui.module.css'
import css from './app.module.css'
import { newProject, openDemo, openFile, openProject } from './projects.ts'

/** What to do without a project: go on with one, begin one, or look at the one that comes along. */
export function Welcome({ over }: { readonly over: boolean }): ReactNode {
  const recent = useQuery({ queryKey: ['app.recent'], queryFn: () => window.portolan.shell('app.recent', {}) })
  const [problem, setProblem] = useState('')
  const enter = (how: () => Promise<unknown>) => async (): Promise<void> => {
    try {
      setProblem('')
      await how()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <main className={css['welcome']}>
      {over && <p className={css['over']}>Drop a project</p>}
      <div>
        <h1>Portolan</h1>
        <p>Charts of what an image classifier sees, drawn from your own network and photographs.</p>
      </div>
      <div className={ui['row']}>
        <Button look="primary" onClick={enter(openDemo)}>
          Look at the demo
        </Button>
        <Button onClick={enter(openProject)}>Open a project</Button>
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
            {recent.data?.map(r => (
              <li key={r.file}>
                <button type="button" disabled={!r.exists} title={r.file} onClick={enter(() => openFile(r.file))}>
                  <span>{r.name}</span>
                  <small>
                    {r.exists
                      ? new Date(r.opened).toLocaleDateString('en-GB', {
                          day: 'numeric',
                          month: 'short',
                          year: 'numeric',
                        })
                      : 'not there any more'}
                  </small>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </main>
  )
}
