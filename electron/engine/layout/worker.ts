import { parentPort, workerData } from 'node:worker_threads'
import { UserError } from '../../contract/errors.ts'
import type { Report } from '../../contract/progress.ts'
import { computeAligned } from './aligned.ts'
import { computeLayout } from './compute.ts'
import type { LayoutReply, LayoutRequest } from './run.ts'

/** The thread that `layout` starts. It is cancelled by termination, so its signal is never aborted. */
const request: LayoutRequest = workerData
const port = parentPort
if (port === null) throw new Error('layout/worker.ts must run in a worker thread')
const send = (reply: LayoutReply): void => port.postMessage(reply)
const { params, seed } = request
const never = new AbortController().signal
const report: Report = progress => send({ type: 'progress', progress })
try {
  const result =
    'views' in request
      ? await computeAligned(request.views, params, seed, never, report)
      : await computeLayout(request.samples, params, seed, never, report, positions =>
          send({ type: 'first', positions }),
        )
  send({ type: 'done', result })
} catch (thrown) {
  // A UserError would arrive as a plain Error; a bug arrives complete, with its stack, as the thread's error.
  if (!(thrown instanceof UserError)) throw thrown
  send({ type: 'refused', message: thrown.message, exitCode: thrown.exitCode })
}
