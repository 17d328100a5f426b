import { UserError } from '../../contract/errors.ts'
import type { JobRecord, Writer } from '../../contract/jobs.ts'
import { askToCancel, unfinishedJobs } from '../store/jobs.ts'
import { openBriefly } from '../store/open.ts'
import { currentWriter } from '../store/writer.ts'

/**
 * Asks the process that writes to a project to end a job, or all of its jobs. It does so between two batches, within
 * about a second.
 * @returns whom was asked, and for which jobs
 * @throws UserError when nothing runs, or not that job
 */
export const requestCancel = (
  file: string,
  id?: number,
): { readonly writer: Writer; readonly jobs: readonly JobRecord[] } => {
  using db = openBriefly(file)
  const writer = currentWriter(db)
  const jobs = writer === undefined ? [] : unfinishedJobs(db).filter(job => id === undefined || job.id === id)
  const asked = jobs.filter(job => db.run(askToCancel, { id: job.id, now: Date.now() }) > 0)
  if (writer === undefined || asked.length === 0)
    throw new UserError(
      `no job${id === undefined ? '' : ` ${id}`} is running in ${db.file}: "portolan jobs list ${db.file}" shows what has run`,
    )
  return { writer, jobs: asked }
}
