import { type ReactNode, useState } from 'react'
import { useProgress } from '../jobs/progress.ts'
import { attempt } from '../state/notices.ts'
import { call, useCall } from '../state/queries.ts'
import { Button, Empty, Progress } from '../ui/controls.tsx'
import { duration, number } from '../ui/text.ts'
import css from './compare.module.css'

interface PendingProps {
  readonly job: number
  /** Over a map that is there already rather than instead of one. */
  readonly slim: boolean
  readonly onAgain: () => void
}

/** How far a job is that makes an atlas of a part; with a way to end it. Nothing once it is done. */
export function Pending({ job, slim, onAgain }: PendingProps): ReactNode {
  const { data: jobs } = useCall('jobs.list', {})
  const live = useProgress(state => state[job])
  const [cancelled, setCancelled] = useState(false)
  const record = jobs?.find(j => j.id === job)
  const state = record?.state ?? 'queued'
  if (state === 'done') return slim ? null : <Empty title="Reading the atlas" busy />
  if (state === 'failed' || state === 'cancelled' || state === 'interrupted') {
    return (
      <div className={slim ? css['strip'] : css['pending']} role={state === 'failed' ? 'alert' : 'status'}>
        <p>{state === 'failed' ? record?.error : state === 'cancelled' ? 'Cancelled.' : 'Interrupted.'}</p>
        <Button onClick={onAgain}>{state === 'failed' ? 'Try again' : 'Go on'}</Button>
      </div>
    )
  }
  const stage = live?.stage ?? record?.stage ?? (state === 'queued' ? 'waiting for its turn' : 'starting')
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
      <Progress done={done} total={total} label={`Making the atlas: ${stage}`} />
      <Button
        disabled={cancelled || record?.cancelRequested}
        onClick={() => {
          setCancelled(true)
          void attempt(() => call('jobs.cancel', { job }))
        }}
      >
        {cancelled || record?.cancelRequested ? 'Ending' : 'Cancel'}
      </Button>
    </div>
  )
}
