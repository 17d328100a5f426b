import { z } from 'zod'
import type { JobRecord } from '../../../contract/jobs.ts'
import { describeJob, listJobs } from '../../jobs/list.ts'
import { openProject } from '../../store/open.ts'
import type { DefineCommand } from '../command.ts'
import { asJson } from '../json.ts'
import { wholeNumber } from '../options.ts'
import { duration, grouped, table } from '../text.ts'

const Given = z.object({ project: z.string(), job: wholeNumber(1).optional() })

/** `portolan jobs list PROJECT [--job N]` */
export const defineJobsList: DefineCommand = (command, run) =>
  command
    .argument('<project>', 'project file')
    .option('--job <n>', 'show one job with its stages and log')
    .action(
      run(Given, async ({ project, job }) => {
        using db = openProject(project, { mode: 'read' })
        if (job !== undefined) {
          const record = describeJob(db, job)
          return { json: asJson({ ...record }), text: () => one(record) }
        }
        const jobs = listJobs(db)
        return {
          json: asJson({ jobs }),
          text: () => (jobs.length === 0 ? `no job has run in ${project}` : table(jobs.map(line), [0])),
        }
      }),
    )

function line(job: JobRecord): string[] {
  const { id, kind, state, stage, done, total, unit, started, finished, error } = job
  const open = state === 'running' || state === 'interrupted' || state === 'cancelled'
  return [
    String(id),
    kind,
    state,
    new Date(job.queued).toISOString(),
    started !== null && finished !== null ? duration(finished - started) : '',
    error ?? (open && stage !== null ? `${stage}: ${grouped(done)} of ${grouped(total)} ${unit}` : ''),
  ]
}

function one(job: ReturnType<typeof describeJob>): string {
  const stages = job.stages.map(({ name, outcome, seconds }) => [`  ${name}`, outcome, duration(1000 * seconds)])
  const log = job.log.map(({ time, level, text }) => `  ${new Date(time).toISOString()} ${level}: ${text}`)
  return [table([line(job)]), ...(stages.length > 0 ? [table(stages, [2])] : []), ...log].join('\n')
}
