import { Worker } from 'node:worker_threads'
import { UserError } from '../../contract/errors.ts'
import type { LayoutParams } from '../../contract/layout.ts'
import type { Progress, Report } from '../../contract/progress.ts'
import { checkLayoutSize, type Layout } from './compute.ts'
import type { Samples } from './samples.ts'

/** What the thread is given. */
export interface Order {
  readonly samples: Samples
  readonly params: LayoutParams
  readonly seed: number
}

/** What it answers with. */
export type Answer =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'done'; readonly layout: Layout }
  | { readonly type: 'refused'; readonly message: string; readonly exitCode: 1 | 2 }

/** umap-js keeps a graph of strings: at its limit several gigabytes, beyond V8's default for a thread. */
const HEAP_MEGABYTES = 12_288

/**
 * Lays samples out in a thread of its own. Samples in a SharedArrayBuffer are not copied to it.
 * Cancelling ends the thread at once, whatever it is doing, and rejects with the signal's reason.
 * @param params neighbours, method, metric …; `LayoutParams` fills in what is not given
 * @param seed   the same samples, params and seed give the same bytes
 * @throws UserError when there are no samples, too many for the method, or one that is not finite
 */
export const layout = async (
  samples: Samples,
  params: LayoutParams,
  seed: number,
  signal: AbortSignal,
  report: Report,
): Promise<Layout> => {
  signal.throwIfAborted()
  checkLayoutSize(samples.n, params)
  const order: Order = { samples, params, seed }
  const thread = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
  })
  const { promise, resolve, reject } = Promise.withResolvers<Layout>()
  const cancel = (): void => reject(signal.reason)
  signal.addEventListener('abort', cancel, { once: true })
  thread.on('message', (answer: Answer) => {
    if (answer.type === 'progress') report(answer.progress)
    else if (answer.type === 'done') resolve(answer.layout)
    else reject(new UserError(answer.message, { exitCode: answer.exitCode }))
  })
  thread.on('error', reject)
  thread.on('exit', () => reject(new Error('the layout thread ended without an answer')))
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', cancel)
    await thread.terminate()
  }
}
