import { UserError } from '../../contract/errors.ts'
import { requestCancel } from '../jobs/cancel.ts'
import { describeJob, jobToResume, listJobs } from '../jobs/list.ts'
import { foldersOfJob, unnamedFolders } from '../photographs/named.ts'
import type { Calls } from './handlers.ts'

export const jobsCalls: Calls<'jobs'> = {
  'jobs.list': (_, { project }) => listJobs(project().db),
  'jobs.cancel': ({ job }, { project }) => {
    // A job of another process is cancelled through the project.
    if (!project().cancel(job)) requestCancel(project().file, job)
    return {}
  },
  'jobs.resume': ({ job }, { project }) => {
    const it = project()
    const db = it.writable()
    const { kind, params } = jobToResume(db, job)
    const unnamed = unnamedFolders(foldersOfJob(db, params), [])
    if (unnamed.length > 0)
      throw new UserError(
        `this job reads photographs from ${unnamed.join(', ')}, which you have not chosen on this machine: add the folder on the Photographs page to allow it`,
      )
    return { job: it.start(kind, params) }
  },
  'jobs.log': ({ job }, { project }) => [...describeJob(project().db, job).log],
}
