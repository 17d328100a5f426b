import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { reason, UserError } from '../../contract/errors.ts'
import { DEMO, demoOrder } from '../demo/build.ts'
import { makeFolder, userFolder } from '../files/user-folder.ts'
import { listJobs } from '../jobs/list.ts'
import { jobKey } from '../store/keys.ts'
import type { OpenProject } from '../workspace/open-project.ts'
import type { CallContext } from './handlers.ts'

/** Opens the embedded project, and goes on with making it where it isn't finished. */
export async function openDemo({ client, projects }: CallContext): Promise<OpenProject> {
  const file = join(userFolder(), 'demo.portolan')
  try {
    makeFolder(userFolder())
  } catch (error) {
    throw new UserError(`cannot make the demo in ${userFolder()}: ${reason(error)}; make that place writable`, {
      cause: error,
    })
  }
  const project = existsSync(file) ? await projects.open(client, file) : await projects.create(client, file)
  const order = demoOrder()
  // Another Portolan may have made it from other samples, or from where it lay then.
  const key = jobKey(DEMO, order)
  const begun = listJobs(project.db).filter(job => job.key === key)
  const needed = !begun.some(({ state }) => state === 'done' || state === 'running' || state === 'queued')
  if (needed && project.readOnly === null) {
    project.start(DEMO, order, { onReference: true })
  }
  return project
}
