import { parentPort, workerData } from 'node:worker_threads'
import { UserError } from '../../contract/errors.ts'
import { computeLayout } from './compute.ts'
import type { Answer, Order } from './run.ts'

/** The thread that `layout` starts. It is cancelled by being ended, so its own signal never fires. */
const { samples, params, seed }: Order = workerData
const port = parentPort
if (port === null) throw new Error('layout/worker.ts runs in a thread of its own')
const tell = (answer: Answer): void => port.postMessage(answer)
try {
  const never = new AbortController().signal
  const layout = await computeLayout(
    samples,
    params,
    seed,
    never,
    progress => tell({ type: 'progress', progress }),
    positions => tell({ type: 'first', positions }),
  )
  tell({ type: 'done', layout })
} catch (thrown) {
  // A UserError would arrive as a plain Error; a bug travels whole, with its stack, as the thread's own end.
  if (!(thrown instanceof UserError)) throw thrown
  tell({ type: 'refused', message: thrown.message, exitCode: thrown.exitCode })
}
