import type { ReactNode } from 'react'
import type { EngineState } from '../../electron/contract/events.ts'
import { attempt, useNotice } from '../state/notices.ts'
import { Button } from '../ui/controls.tsx'
import css from './app.module.css'

/** What the reader must know whatever they look at: a lost engine, and the last sentence that no view shows. */
export function Banner({ engine }: { readonly engine: EngineState }): ReactNode {
  const { notice } = useNotice()
  if (engine.state === 'lost') {
    return (
      <div className={css['notice']} data-level="error" role="alert">
        <span className={css['said']}>
          {`The engine stopped: ${engine.reason} Nothing that was finished is lost. `}
          {engine.retryInMs !== null && 'It is being started again, and jobs can be resumed.'}
        </span>
        {engine.retryInMs === null && (
          <Button onClick={() => void attempt(() => window.portolan.shell('engine.restart', {}))}>
            Start it again
          </Button>
        )}
      </div>
    )
  }
  // An empty row keeps the grid of the window the same.
  if (!notice) return <div />
  return (
    <div className={css['notice']} data-level={notice.level} role={notice.level === 'info' ? 'status' : 'alert'}>
      <span className={css['said']}>{notice.text}</span>
      <Button onClick={() => useNotice.setState({ notice: null })}>Close</Button>
    </div>
  )
}
