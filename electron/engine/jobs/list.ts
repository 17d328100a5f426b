import { UserError } from '../../contract/errors.ts'
import type { JobLogLine, JobRecord } from '../../contract/jobs.ts'
import { findJob, jobLog, listJobRecords } from '../store/jobs.ts'
import type { Readable } from '../store/sql.ts'
import { currentWriter } from '../store/writer.ts'

/** All jobs, the latest first. A job marked as running in a project without a writer was interrupted. */
export const listJobs = (db: Readable): JobRecord[] =>
  db.snapshot(() => {
    const written = currentWriter(db) !== undefined
    return listJobRecords(db).map(job => withState(job, written))
  })

/** @throws UserError when the project has no such job */
export const describeJob = (db: Readable, id: number): JobRecord & { readonly log: readonly JobLogLine[] } =>
  db.snapshot(() => {
    const job = findJob(db, id)
    if (job === undefined) throw noJob(db, id)
    return { ...withState(job, currentWriter(db) !== undefined), log: jobLog(db, id) }
  })

/**
 * The job to resume: the one with that id, or the latest that did not finish. The caller selects the body for its kind.
 * @throws UserError when no such job exists, or it is done or running
 */
export const jobToResume = (db: Readable, id?: number): JobRecord => {
  const jobs = listJobs(db)
  if (id !== undefined && !jobs.some(job => job.id === id)) throw noJob(db, id)
  const ended = new Set<string>()
  for (const job of jobs) {
    if (id !== undefined && job.id !== id) continue
    const open = job.state === 'interrupted' || job.state === 'failed' || job.state === 'cancelled'
    if (id !== undefined && !open)
      throw new UserError(
        `job ${id} of ${db.file} is ${job.state}: only interrupted, cancelled or failed jobs can be resumed; "portolan jobs list ${db.file}" lists them`,
      )
    // An earlier attempt at work that has been finished since is not resumed.
    if (open && !ended.has(job.key)) return job
    ended.add(job.key)
  }
  throw new UserError(`there is nothing to resume in ${db.file}: every job has finished`)
}

const withState = (job: JobRecord, written: boolean): JobRecord =>
  written || (job.state !== 'running' && job.state !== 'queued')
    ? job
    : { ...job, state: 'interrupted', finished: job.updated }

const noJob = (db: Readable, id: number): UserError =>
  new UserError(`${db.file} has no job ${id}: "portolan jobs list ${db.file}" lists all jobs`)
