import { type Dispatch, type ReactNode, type SetStateAction, useEffect, useState } from 'react'
import type { EngineState } from '../../electron/contract/events.ts'
import { followProgress } from '../jobs/progress.ts'
import { attempt, dismissAll, notify } from '../state/notices.ts'
import { client, followEvents, on, useCall } from '../state/queries.ts'
import { Empty, Failure } from '../ui/controls.tsx'
import { Notices } from './Notices.tsx'
import { ProjectWindow } from './ProjectWindow.tsx'
import { openFile, openFirst } from './projects.ts'
import { useDrops } from './use-drops.ts'
import { Welcome } from './Welcome.tsx'

/** The window: the open project or the welcome page, and over it the notices. */
export function App(): ReactNode {
  const [engine, setEngine] = useState<EngineState>({ state: 'ready' })
  return (
    <>
      <Content engine={engine} setEngine={setEngine} />
      <Notices engine={engine} />
    </>
  )
}

interface ContentProps {
  readonly engine: EngineState
  readonly setEngine: Dispatch<SetStateAction<EngineState>>
}

function Content({ engine, setEngine }: ContentProps): ReactNode {
  const [first, setFirst] = useState<'unknown' | 'opening' | 'done'>('unknown')
  // While the engine starts, this call waits; a project that was open stays on the screen.
  const summary = useCall('project.summary', {})
  useEffect(() => {
    const ends = [
      followEvents(),
      followProgress(),
      on('engine.state', state => {
        setEngine(before => {
          // Reported after the restart as well: it takes half a second, too short to read a sentence.
          if (before.state === 'lost' && state.state !== 'lost')
            notify(
              `The engine stopped (${before.reason}) and was restarted. Finished work is saved; interrupted jobs can be resumed under Jobs.`,
              'warning',
            )
          return state
        })
      }),
      on('notice', ({ text, level }) => notify(text, level)),
      on('project.chosen', ({ file }) => void attempt(() => openFile(file))),
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [setEngine])
  useEffect(() => {
    if (engine.state === 'ready') void client.invalidateQueries()
  }, [engine.state])
  useEffect(() => {
    if (summary.data === undefined || first !== 'unknown') return
    if (summary.data !== null) return setFirst('done')
    setFirst('opening')
    void attempt(openFirst).finally(() => setFirst('done'))
  }, [summary.data, first])

  const over = useDrops(summary.data != null)
  const key = summary.data?.key
  useEffect(() => (key === undefined ? undefined : dismissAll), [key])

  if (summary.data) return <ProjectWindow key={summary.data.key} summary={summary.data} over={over} />
  if (engine.state === 'lost')
    return (
      <Empty title="The engine stopped">
        <p>{engine.reason}</p>
      </Empty>
    )
  if (summary.error) return <Failure error={summary.error} retry={() => void summary.refetch()} />
  if (summary.data === undefined) return <Empty title="Starting the engine…" busy />
  return first === 'done' ? <Welcome over={over} /> : <Empty title="Opening the project…" busy />
}
