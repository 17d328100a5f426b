import type { ReactNode } from 'react'
import type { EngineState } from '../../electron/contract/events.ts'
import { attempt, useNotice } from '../state/notices.ts'
import { Button } from '../ui/controls.tsx'
import css from './app.module.css'

/** Messages above every view: a stopped engine, and the last notice. */
export function Banner({ engine }: { readonly engine: EngineState }): ReactNode {
  const { notice } = useNotice()
  if (engine.state === 'lost') {
    return (
      <div className={css['notice']} data-level="error" role="alert">
        <span className={css['message']}>
          {`The engine stopped: ${engine.reason}. Finished work is saved. `}
          {engine.retryInMs !== null && 'Restarting; interrupted jobs can be resumed.'}
        </span>
        {engine.retryInMs === null && (
          <Button onClick={() => void attempt(() => window.portolan.shell('engine.restart', {}))}>
            Restart the engine
          </Button>
        )}
      </div>
    )
  }
  // An empty row keeps the grid of the window the same.
  if (!notice) return <div />
  return (
    <div className={css['notice']} data-level={notice.level} role={notice.level === 'info' ? 'status' : 'alert'}>
      <span className={css['message']}>{notice.text}</span>
      <Button onClick={() => useNotice.setState({ notice: null })}>Close</Button>
    </div>
  )
}
