import { parentPort, workerData } from 'node:worker_threads'
import { UserError } from '../../contract/errors.ts'
import { computeLayout } from './compute.ts'
import type { LayoutReply, LayoutRequest } from './run.ts'

/** The thread that `layout` starts. It is cancelled by termination, so its signal is never aborted. */
const { samples, params, seed }: LayoutRequest = workerData
const port = parentPort
if (port === null) throw new Error('layout/worker.ts must run in a worker thread')
const send = (reply: LayoutReply): void => port.postMessage(reply)
try {
  const never = new AbortController().signal
  const layout = await computeLayout(
    samples,
    params,
    seed,
    never,
    progress => send({ type: 'progress', progress }),
    positions => send({ type: 'first', positions }),
  )
  send({ type: 'done', layout })
} catch (thrown) {
  // A UserError would arrive as a plain Error; a bug arrives complete, with its stack, as the thread's error.
  if (!(thrown instanceof UserError)) throw thrown
  send({ type: 'refused', message: thrown.message, exitCode: thrown.exitCode })
}
