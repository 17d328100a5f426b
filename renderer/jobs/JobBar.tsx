import type { ReactNode } from 'react'
import type { JobRecord } from '../../electron/contract/jobs.ts'
import { attempt } from '../state/notices.ts'
import { call } from '../state/queries.ts'
import { Button, Progress } from '../ui/controls.tsx'
import { duration, number } from '../ui/text.ts'
import { againLabel } from './again-label.ts'
import css from './job-bar.module.css'
import { useProgress } from './progress.ts'

/** Progress of a job with Cancel, Resume, or after a failure Try again; nothing when it is done. */
export function JobBar({ job }: { readonly job: JobRecord | undefined }): ReactNode {
  const live = useProgress(state => (job ? state[job.id] : undefined))
  if (job === undefined || job.state === 'done') return null
  const { stage, done, total, unit } = live ?? job
  const active = job.state === 'queued' || job.state === 'running'
  const labels = { failed: 'Failed', cancelled: 'Cancelled', interrupted: 'Interrupted' } as const
  const counted = total > 0 ? `${number(done)} of ${number(total)} ${unit}` : ''
  return (
    <div className={css['job']} role="status">
      <p>
        {active
          ? job.state === 'queued'
            ? 'Queued'
            : `${job.cancelRequested ? 'Cancelling' : (stage ?? 'Starting')}${counted && `, ${counted}`}`
          : `${labels[job.state as keyof typeof labels]}${counted && ` after ${counted}`}. Results so far are kept.`}
        {live?.secondsLeft !== undefined && active && `, about ${duration(live.secondsLeft)} left`}
      </p>
      {job.error !== null && <p role="alert">{job.error}</p>}
      <Progress done={done} total={total} label={stage ?? 'Job'} />
      {active ? (
        <Button disabled={job.cancelRequested} onClick={() => void attempt(() => call('jobs.cancel', { job: job.id }))}>
          Cancel
        </Button>
      ) : (
        <Button look="primary" onClick={() => void attempt(() => call('jobs.resume', { job: job.id }))}>
          {againLabel(job.state)}
        </Button>
      )}
    </div>
  )
}
