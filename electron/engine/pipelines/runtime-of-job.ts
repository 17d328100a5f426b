import { UserError } from '../../contract/errors.ts'
import type { Inference } from '../inference/inference.ts'
import type { JobContext } from '../jobs/context.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Json } from '../store/json.ts'
import type { Readable } from '../store/sql.ts'
import { classifierOfJob } from './kinds.ts'

/**
 * What a job runs on: as was chosen for the classifier that it runs, the CPU where it runs none or its model has gone.
 * What happens to the runtime is found in the job's log.
 * @param note is told as well
 */
export async function runtimeOf(
  db: Readable,
  inference: Inference,
  { kind, params }: { readonly kind: string; readonly params: Json },
  { signal, report, log }: Pick<JobContext, 'signal' | 'report' | 'log'>,
  note: (text: string) => void = () => {},
): Promise<Runtime> {
  const both = (text: string): void => {
    log('warning', text)
    note(text)
  }
  const waiting = { signal, report, note: both }
  // Work that is done needs no model; what does need it opens it itself, and says what has become of it.
  const classifier = await classifierOfJob(db, kind, params).catch(error => {
    if (error instanceof UserError) return undefined
    throw error
  })
  return classifier === undefined ? inference.reference(waiting) : inference.runtimeFor(classifier, waiting)
}
