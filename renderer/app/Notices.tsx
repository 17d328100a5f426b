import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import type { EngineState } from '../../electron/contract/events.ts'
import { attempt, dismiss, useNotices } from '../state/notices.ts'
import { Button, IconButton } from '../ui/controls.tsx'
import css from './notices.module.css'

/** Messages over every view, which do not move it: a stopped engine, and the last notices. */
export function Notices({ engine }: { readonly engine: EngineState }): ReactNode {
  const notices = useNotices()
  return (
    <div className={css['notices']}>
      {engine.state === 'lost' && (
        <div className={css['notice']} data-level="error" role="alert">
          <span>
            {`The engine stopped: ${engine.reason}. Finished work is saved. `}
            {engine.retryInMs !== null && 'Restarting; interrupted jobs can be resumed.'}
          </span>
          {engine.retryInMs === null && (
            <Button onClick={() => void attempt(() => window.portolan.shell('engine.restart', {}))}>
              Restart the engine
            </Button>
          )}
        </div>
      )}
      {notices.map(({ id, level, text }) => (
        <div key={id} className={css['notice']} data-level={level} role={level === 'info' ? 'status' : 'alert'}>
          <span>{text}</span>
          <IconButton label="Close" onClick={() => dismiss(id)}>
            <X size={16} aria-hidden />
          </IconButton>
        </div>
      ))}
    </div>
  )
}
