import { UserError } from '../../contract/errors.ts'
import type { JobRecord, Writer } from '../../contract/jobs.ts'
import { setCancelRequested, unfinishedJobs } from '../store/jobs.ts'
import { openBriefly } from '../store/open.ts'
import { currentWriter } from '../store/writer.ts'

/**
 * Requests the process that writes to a project to cancel a job, or all of its jobs. They stop after the current batch,
 * within about a second.
 * @returns the process, and the jobs that will be cancelled
 * @throws UserError when no such job is running
 */
export const requestCancel = (
  file: string,
  id?: number,
): { readonly writer: Writer; readonly jobs: readonly JobRecord[] } => {
  using db = openBriefly(file)
  const writer = currentWriter(db)
  const jobs = writer === undefined ? [] : unfinishedJobs(db).filter(job => id === undefined || job.id === id)
  const requested = jobs.filter(job => db.run(setCancelRequested, { id: job.id, now: Date.now() }) > 0)
  if (writer === undefined || requested.length === 0)
    throw new UserError(
      `no job${id === undefined ? '' : ` ${id}`} is running in ${db.file}: "portolan jobs list ${db.file}" lists all jobs`,
    )
  return { writer, jobs: requested }
}
