import { type ReactNode, useState } from 'react'
import { againLabel } from '../jobs/again-label.ts'
import { useProgress } from '../jobs/progress.ts'
import { attempt } from '../state/notices.ts'
import { call, useCall } from '../state/queries.ts'
import { Button, Empty, Progress } from '../ui/controls.tsx'
import { duration, number } from '../ui/text.ts'
import css from './pending.module.css'

interface PendingProps {
  readonly job: number
  /** As a bar over a map rather than in place of one. */
  readonly slim: boolean
  readonly onRetry: () => void
}

/** The progress of the job of a class atlas or comparison, with Cancel and Resume; nothing once it is done. */
export function Pending({ job, slim, onRetry }: PendingProps): ReactNode {
  const { data: jobs } = useCall('jobs.list', {})
  const live = useProgress(state => state[job])
  const [cancelled, setCancelled] = useState(false)
  const record = jobs?.find(j => j.id === job)
  const state = record?.state ?? 'queued'
  if (state === 'done') return slim ? null : <Empty title="Loading the atlas…" busy />
  if (state === 'failed' || state === 'cancelled' || state === 'interrupted') {
    return (
      <div className={slim ? css['strip'] : css['pending']} role={state === 'failed' ? 'alert' : 'status'}>
        <p>{state === 'failed' ? record?.error : state === 'cancelled' ? 'Cancelled.' : 'Interrupted.'}</p>
        <Button onClick={onRetry}>{againLabel(state)}</Button>
      </div>
    )
  }
  const stage = live?.stage ?? record?.stage ?? (state === 'queued' ? 'queued' : 'starting')
  const [done, total] = [live?.done ?? record?.done ?? 0, live?.total ?? record?.total ?? 0]
  const unit = live?.unit ?? record?.unit ?? ''
  const left = live?.secondsLeft
  return (
    <div className={slim ? css['strip'] : css['pending']} role="status">
      <p>
        {stage}
        {total > 0 && `: ${number(done)} of ${number(total)} ${unit}`}
        {left !== undefined && `, about ${duration(left)} left`}
      </p>
      <Progress done={done} total={total} label={`Building the atlas: ${stage}`} />
      <Button
        disabled={cancelled || record?.cancelRequested}
        onClick={() => {
          setCancelled(true)
          void attempt(() => call('jobs.cancel', { job }))
        }}
      >
        {cancelled || record?.cancelRequested ? 'Cancelling' : 'Cancel'}
      </Button>
    </div>
  )
}
