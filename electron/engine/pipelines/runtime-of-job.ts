import { UserError } from '../../contract/errors.ts'
import type { Inference } from '../inference/inference.ts'
import type { JobContext } from '../jobs/context.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Json } from '../store/json.ts'
import type { Readable } from '../store/sql.ts'
import { classifierOfJob } from './kinds.ts'

/**
 * The runtime of a job: that of its classifier, or the CPU if it has none or its model is missing. Events of the runtime
 * are written to the job's log.
 * @param note receives them as well
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
  // Finished stages need no model; others open it themselves and report the error.
  const classifier = await classifierOfJob(db, kind, params).catch(error => {
    if (error instanceof UserError) return undefined
    throw error
  })
  return classifier === undefined ? inference.reference(waiting) : inference.runtimeFor(classifier, waiting)
}
