import { type ReactNode, useState } from 'react'
import type { JobRecord } from '../../electron/contract/jobs.ts'
import { attempt } from '../state/notices.ts'
import { call, useCall } from '../state/queries.ts'
import { Button, Empty, Failure, Progress } from '../ui/controls.tsx'
import page from '../ui/page.module.css'
import { capitalised, count, duration, number } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import { againLabel } from './again-label.ts'
import { useProgress } from './progress.ts'
import { QueueCard } from './QueueCard.tsx'

const STATE_LABELS: Readonly<Record<JobRecord['state'], string>> = {
  queued: 'Queued',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
}

/** All jobs of the project, running and queued ones first. */
export function JobsPage(): ReactNode {
  const jobs = useCall('jobs.list', {})
  if (jobs.error) return <Failure error={jobs.error} retry={() => void jobs.refetch()} />
  if (!jobs.data) return <Empty title="Loading jobs…" busy />
  if (jobs.data.length === 0) {
    return (
      <Empty title="No jobs yet">
        <p>
          Atlas builds, photograph imports and activation grids run as jobs: their progress is shown here, and they can
          be cancelled and resumed, also after a crash.
        </p>
      </Empty>
    )
  }
  const running = jobs.data.filter(j => j.state === 'running' || j.state === 'queued')
  return (
    <div className={page['page']}>
      <div className={page['inner']}>
        <h1>Jobs</h1>
        <p className={page['lead']}>
          {running.length === 0 ? 'No jobs running.' : `${count(running.length, 'job')} running or queued.`}
        </p>
        <QueueCard />
        {[...running, ...jobs.data.filter(j => !running.includes(j))].map(job => (
          <Job key={job.id} job={job} />
        ))}
      </div>
    </div>
  )
}

function Job({ job }: { readonly job: JobRecord }): ReactNode {
  const live = useProgress(state => state[job.id])
  const { stage, done, total, unit } = live ?? job
  const [log, setLog] = useState(false)
  const lines = useCall('jobs.log', log ? { job: job.id } : null)
  const running = job.state === 'running'
  return (
    <article className={page['card']}>
      <header>
        <h2>{capitalised(job.kind)}</h2>
        <span className={ui['badge']} style={job.state === 'failed' ? { color: 'var(--danger)' } : undefined}>
          {job.cancelRequested && running ? 'Cancelling' : STATE_LABELS[job.state]}
        </span>
        {(running || job.state === 'queued') && (
          <Button
            disabled={job.cancelRequested}
            onClick={() => void attempt(() => call('jobs.cancel', { job: job.id }))}
          >
            Cancel
          </Button>
        )}
        {(job.state === 'interrupted' || job.state === 'cancelled' || job.state === 'failed') && (
          <Button
            title={
              job.state === 'failed'
                ? 'Runs it again, for when the reason below is gone'
                : 'Continues from the last batch'
            }
            onClick={() => void attempt(() => call('jobs.resume', { job: job.id }))}
          >
            {againLabel(job.state)}
          </Button>
        )}
        <Button aria-expanded={log} onClick={() => setLog(!log)}>
          Log
        </Button>
      </header>
      {running && (
        <>
          <p style={{ margin: '6px 0' }}>
            {`${stage ?? 'starting'}: ${number(done)} of ${number(total)} ${unit}`}
            {live?.secondsLeft !== undefined && `, about ${duration(live.secondsLeft)} left`}
          </p>
          <Progress done={done} total={total} label={`${job.kind}: ${stage ?? ''}`} />
        </>
      )}
      {job.error && <p style={{ color: 'var(--danger)', marginTop: 6 }}>{capitalised(job.error)}</p>}
      {!running && job.stages.length > 0 && (
        <p>
          {job.stages
            .map(s => `${s.name} ${s.outcome === 'computed' ? `in ${duration(s.seconds)}` : s.outcome}`)
            .join(' · ')}
        </p>
      )}
      {log && (
        <table className={page['table']}>
          <tbody>
            {lines.data?.map((line, k) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of a log have no other identity
              <tr key={k}>
                <td style={{ width: 90, color: 'var(--text-soft)' }}>
                  {new Date(line.time).toLocaleTimeString('en-GB')}
                </td>
                <td
                  style={
                    line.level === 'info'
                      ? undefined
                      : { color: line.level === 'error' ? 'var(--danger)' : 'var(--for)' }
                  }
                >
                  {line.text}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </article>
  )
}
