import { Worker } from 'node:worker_threads'
import { UserError } from '../../contract/errors.ts'
import type { LayoutParams } from '../../contract/layout.ts'
import type { Progress, Report } from '../../contract/progress.ts'
import { checkLayoutSize, type Layout, type OnFirst } from './compute.ts'
import type { Samples } from './samples.ts'

/** The request to the thread. */
export interface LayoutRequest {
  readonly samples: Samples
  readonly params: LayoutParams
  readonly seed: number
}

/** The replies of the thread. */
export type LayoutReply =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'first'; readonly positions: Float64Array }
  | { readonly type: 'done'; readonly layout: Layout }
  | { readonly type: 'refused'; readonly message: string; readonly exitCode: 1 | 2 }

interface LayoutOptions {
  /** Called with a preview during the computation. */
  readonly onFirst?: OnFirst
}

/**
 * Computes a layout in a separate thread. Samples in a SharedArrayBuffer are not copied to it.
 * Cancelling terminates the thread immediately and rejects with the signal's reason.
 * @param params neighbours, method, metric …; `LayoutParams` has the defaults
 * @param seed   the same samples, params and seed give the same bytes
 * @throws UserError when there are no samples, too many for the method or the machine's memory, or one that is not finite
 */
export const layout = async (
  samples: Samples,
  params: LayoutParams,
  seed: number,
  signal: AbortSignal,
  report: Report,
  { onFirst = () => {} }: LayoutOptions = {},
): Promise<Layout> => {
  signal.throwIfAborted()
  checkLayoutSize(samples.n, params)
  const request: LayoutRequest = { samples, params, seed }
  const thread = new Worker(new URL('./worker.ts', import.meta.url), { workerData: request })
  const { promise, resolve, reject } = Promise.withResolvers<Layout>()
  const cancel = (): void => reject(signal.reason)
  signal.addEventListener('abort', cancel, { once: true })
  thread.on('message', (reply: LayoutReply) => {
    if (reply.type === 'progress') report(reply.progress)
    else if (reply.type === 'first') onFirst(reply.positions)
    else if (reply.type === 'done') resolve(reply.layout)
    else reject(new UserError(reply.message, { exitCode: reply.exitCode }))
  })
  thread.on('error', reject)
  thread.on('exit', () => reject(new Error('the layout thread ended without a result')))
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', cancel)
    await thread.terminate()
  }
}
