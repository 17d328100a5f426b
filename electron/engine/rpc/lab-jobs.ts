import type { JobId } from '../../contract/jobs.ts'
import type { JobContext } from '../jobs/context.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { unfinishedJobs } from '../store/jobs.ts'
import type { Json } from '../store/json.ts'
import { contentKey } from '../store/keys.ts'
import type { OpenProject } from './open-project.ts'

/** How often windows hear that there are more trials, in milliseconds. */
const TELL_EVERY = 2_000

/** Starts a job of the patch lab, or finds the same one on its way. Windows hear of what it has found, and of its end. */
export function startLab(
  project: OpenProject,
  kind: string,
  params: { readonly [name: string]: Json },
  body: (job: JobContext, runtime: Runtime) => Promise<unknown>,
): JobId {
  const key = contentKey({ kind, params })
  const running = unfinishedJobs(project.writable()).find(job => job.key === key)
  if (running) return running.id
  const tell = (): void => project.tell('project.changed', { what: ['patches', 'experiments'] })
  const id = project.start(kind, params, async (job, runtime) => {
    const timer = setInterval(tell, TELL_EVERY)
    try {
      return await body(job, runtime)
    } finally {
      clearInterval(timer)
      tell()
    }
  })
  tell()
  return id
}
