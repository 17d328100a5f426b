import { UserError } from '../../contract/errors.ts'
import type { JobId } from '../../contract/jobs.ts'
import type { JobContext } from '../jobs/context.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Json } from '../store/json.ts'
import type { OpenProject } from './open-project.ts'

/** How often windows hear that there are more trials, in milliseconds. */
const TELL_EVERY = 2_000

type Params = { readonly [name: string]: Json }

/** @throws UserError while a job writes to what is to be removed */
export function requireIdle(project: OpenProject, kind: string, params: Params): void {
  const running = project.runningJob(kind, params)
  if (running !== undefined)
    throw new UserError(`the ${kind} is still running (job ${running}): cancel it on the Jobs page, and remove it then`)
}

/** Starts a job of the patch lab, or finds the same one on its way. Windows hear of what it has found, and of its end. */
export function startLab(
  project: OpenProject,
  kind: string,
  params: Params,
  body: (job: JobContext, runtime: Runtime) => Promise<unknown>,
): JobId {
  const running = project.runningJob(kind, params)
  if (running !== undefined) return running
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
