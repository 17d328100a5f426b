import { UserError } from '../../contract/errors.ts'
import type { JobId } from '../../contract/jobs.ts'
import type { JobContext } from '../jobs/context.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Json } from '../store/json.ts'
import type { OpenProject } from './open-project.ts'

/** Interval of notifying windows of new trials, in milliseconds. */
const NOTIFY_INTERVAL = 2_000

type Params = { readonly [name: string]: Json }

/** @throws UserError while a job writes to the item that is to be removed */
export function requireIdle(project: OpenProject, kind: string, params: Params): void {
  const running = project.runningJob(kind, params)
  if (running !== undefined)
    throw new UserError(
      `the ${kind} is still running (job ${running}): cancel it on the Jobs page before you remove the ${kind}`,
    )
}

/** Starts a job of the patch lab, or finds the same one queued or running. Notifies windows of its results and its end. */
export function startLab(
  project: OpenProject,
  kind: string,
  params: Params,
  body: (job: JobContext, runtime: Runtime) => Promise<unknown>,
): JobId {
  const running = project.runningJob(kind, params)
  if (running !== undefined) return running
  const notify = (): void => project.notify('project.changed', { what: ['patches', 'experiments'] })
  const id = project.start(kind, params, async (job, runtime) => {
    const timer = setInterval(notify, NOTIFY_INTERVAL)
    try {
      return await body(job, runtime)
    } finally {
      clearInterval(timer)
      notify()
    }
  })
  notify()
  return id
}
