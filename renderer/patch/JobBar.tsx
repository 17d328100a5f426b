import type { ReactNode } from 'react'
import type { JobRecord } from '../../electron/contract/jobs.ts'
import { useProgress } from '../jobs/progress.ts'
import { attempt } from '../state/notices.ts'
import { call } from '../state/queries.ts'
import { Button, Progress } from '../ui/controls.tsx'
import { duration, number } from '../ui/text.ts'
import css from './bench.module.css'

/** How far the work is, and how to stop it or go on; nothing where it is finished. */
export function JobBar({ job }: { readonly job: JobRecord | undefined }): ReactNode {
  const live = useProgress(state => (job ? state[job.id] : undefined))
  if (job === undefined || job.state === 'done') return null
  const { stage, done, total, unit } = live ?? job
  const waiting = job.state === 'queued' || job.state === 'running'
  const words = { failed: 'It failed', cancelled: 'Cancelled', interrupted: 'Interrupted' } as const
  const counted = total > 0 ? `${number(done)} of ${number(total)} ${unit}` : ''
  return (
    <div className={css['job']} role="status">
      <p>
        {waiting
          ? job.state === 'queued'
            ? 'Waiting for other work'
            : `${job.cancelRequested ? 'Stopping' : (stage ?? 'Starting')}${counted && `, ${counted}`}`
          : `${words[job.state as keyof typeof words]}${counted && ` after ${counted}`}. What was done is kept.`}
        {live?.secondsLeft !== undefined && waiting && `, about ${duration(live.secondsLeft)} left`}
      </p>
      {job.error !== null && <p role="alert">{job.error}</p>}
      <Progress done={done} total={total} label={stage ?? 'Work'} />
      {waiting ? (
        <Button disabled={job.cancelRequested} onClick={() => void attempt(() => call('jobs.cancel', { job: job.id }))}>
          Cancel
        </Button>
      ) : (
        <Button look="primary" onClick={() => void attempt(() => call('jobs.resume', { job: job.id }))}>
          Resume
        </Button>
      )}
    </div>
  )
}
