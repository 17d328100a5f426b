import { UserError } from '../../contract/errors.ts'
import type { JobLogLine, JobRecord } from '../../contract/jobs.ts'
import { findJob, jobLog, listJobRecords } from '../store/jobs.ts'
import type { Readable } from '../store/sql.ts'
import { currentWriter } from '../store/writer.ts'

/** All jobs, the youngest first. One that claims to run while nobody holds the project was interrupted. */
export const listJobs = (db: Readable): JobRecord[] =>
  db.snapshot(() => {
    const held = currentWriter(db) !== undefined
    return listJobRecords(db).map(job => seen(job, held))
  })

/** @throws UserError when there is no such job */
export const describeJob = (db: Readable, id: number): JobRecord & { readonly log: readonly JobLogLine[] } =>
  db.snapshot(() => {
    const job = findJob(db, id)
    if (job === undefined) throw noJob(db, id)
    return { ...seen(job, currentWriter(db) !== undefined), log: jobLog(db, id) }
  })

/**
 * The job to run again: the one with that id, or the youngest that did not reach its end. The caller knows the body
 * that belongs to its kind.
 * @throws UserError when there is none, or it is done or running
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
        `job ${id} of ${db.file} is ${job.state}: only one that was interrupted, cancelled or has failed can be resumed`,
      )
    // An older attempt at work that was done since needs no second end.
    if (open && !ended.has(job.key)) return job
    ended.add(job.key)
  }
  throw new UserError(`there is nothing to resume in ${db.file}: every job has reached its end`)
}

const seen = (job: JobRecord, held: boolean): JobRecord =>
  held || (job.state !== 'running' && job.state !== 'queued')
    ? job
    : { ...job, state: 'interrupted', finished: job.updated }

const noJob = (db: Readable, id: number): UserError =>
  new UserError(`${db.file} has no job ${id}: "portolan jobs list ${db.file}" shows all`)
