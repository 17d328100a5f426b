import { requestCancel } from '../jobs/cancel.ts'
import { bodyOf } from '../jobs/kinds.ts'
import { describeJob, jobToResume, listJobs } from '../jobs/list.ts'
import type { Part } from './handlers.ts'

export const jobsCalls: Part<'jobs'> = {
  'jobs.list': (_, { project }) => listJobs(project().db),
  'jobs.cancel': ({ job }, { project }) => {
    // A job of another process is asked through the project.
    if (!project().cancel(job)) requestCancel(project().file, job)
    return {}
  },
  'jobs.resume': ({ job }, { project }) => {
    const it = project()
    const db = it.writable()
    const { kind, params } = jobToResume(db, job)
    return { job: it.start(kind, params, bodyOf(db, kind, params)) }
  },
  'jobs.log': ({ job }, { project }) => [...describeJob(project().db, job).log],
}
