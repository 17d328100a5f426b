import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import type { JobContext } from '../jobs/context.ts'
import type { Writable } from '../store/sql.ts'
import { enterPhotographs, missingSentence } from './enter.ts'

/** The kind of a job that adds folders of photographs to a project. */
export const DATA_ADD = 'data add'

/** The parameters of the job: absolute paths. */
export const DataJob = z.object({ folders: z.array(z.string()).min(1) })

/** Adds all photographs of some folders, the unreadable ones with their reasons. The body of a job. */
export async function addData(db: Writable, folders: readonly string[], job: JobContext): Promise<void> {
  const { sources, unreadable, missing, creditless } = await job.stage({
    name: 'photographs',
    existing: () => undefined,
    compute: work => enterPhotographs(db, folders, work),
  })
  for (const { file, reason } of [...unreadable, ...creditless]) job.log('warning', `${file}: ${reason}`)
  const sentence = missingSentence(missing)
  if (sentence !== undefined) job.log('warning', sentence)
  if (sources.length === 0)
    throw new UserError(
      `no readable photograph in ${folders.join(', ')}; choose a folder that contains JPEG, PNG or WebP files`,
    )
}
