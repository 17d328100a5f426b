import { existsSync } from 'node:fs'
import { loadClassifier } from '../../model/load.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import type { Json } from '../../store/json.ts'
import { listModels } from '../../store/models.ts'
import type { Readable } from '../../store/sql.ts'
import type { JobContext } from '../context.ts'
import type { Inference } from './inference.ts'

/**
 * What a job runs on: as was chosen for the model that it names, or for the project's first. What happens to the
 * runtime is found in the job's log.
 * @param note is told as well
 */
export async function runtimeOf(
  db: Readable,
  inference: Inference,
  params: Json,
  { signal, report, log }: Pick<JobContext, 'signal' | 'report' | 'log'>,
  note: (text: string) => void = () => {},
): Promise<Runtime> {
  const both = (text: string): void => {
    log('warning', text)
    note(text)
  }
  const waiting = { signal, report, note: both }
  const models = listModels(db)
  const named = typeof params === 'object' && params !== null && 'model' in params ? params['model'] : undefined
  if (typeof named !== 'string' || !existsSync(named)) return inference.runtime(models[0]?.hash ?? '', waiting)
  return inference.runtimeFor(await loadClassifier(named), waiting)
}
