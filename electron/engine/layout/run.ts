import { Worker } from 'node:worker_threads'
import { UserError } from '../../contract/errors.ts'
import type { LayoutParams } from '../../contract/layout.ts'
import type { Progress, Report } from '../../contract/progress.ts'
import { checkLayoutSize, type Layout, type OnFirst } from './compute.ts'
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
  | { readonly type: 'first'; readonly positions: Float64Array }
  | { readonly type: 'done'; readonly layout: Layout }
  | { readonly type: 'refused'; readonly message: string; readonly exitCode: 1 | 2 }

/**
 * umap-js keeps a graph of strings: at its limit several gigabytes, beyond V8's default for a thread
 * (20,000 samples × 50 neighbours: 3.3 GB measured).
 */
const HEAP_MEGABYTES = 12_288

interface LayoutOptions {
  readonly heapMegabytes?: number
  /** A quick first look, while the better one is made. */
  readonly onFirst?: OnFirst
}

/**
 * Lays samples out in a thread of its own. Samples in a SharedArrayBuffer are not copied to it.
 * Cancelling ends the thread at once, whatever it is doing, and rejects with the signal's reason.
 * @param params neighbours, method, metric …; `LayoutParams` fills in what is not given
 * @param seed   the same samples, params and seed give the same bytes
 * @throws UserError when there are no samples, too many for the method, one that is not finite, or more than memory holds
 */
export const layout = async (
  samples: Samples,
  params: LayoutParams,
  seed: number,
  signal: AbortSignal,
  report: Report,
  { heapMegabytes = HEAP_MEGABYTES, onFirst = () => {} }: LayoutOptions = {},
): Promise<Layout> => {
  signal.throwIfAborted()
  checkLayoutSize(samples.n, params)
  const order: Order = { samples, params, seed }
  const thread = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  })
  const { promise, resolve, reject } = Promise.withResolvers<Layout>()
  const cancel = (): void => reject(signal.reason)
  signal.addEventListener('abort', cancel, { once: true })
  thread.on('message', (answer: Answer) => {
    if (answer.type === 'progress') report(answer.progress)
    else if (answer.type === 'first') onFirst(answer.positions)
    else if (answer.type === 'done') resolve(answer.layout)
    else reject(new UserError(answer.message, { exitCode: answer.exitCode }))
  })
  thread.on('error', thrown => reject(isOutOfMemory(thrown) ? tooLarge(order, heapMegabytes) : thrown))
  thread.on('exit', () => reject(new Error('the layout thread ended without an answer')))
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', cancel)
    await thread.terminate()
  }
}

const isOutOfMemory = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_WORKER_OUT_OF_MEMORY'

const tooLarge = ({ samples, params }: Order, megabytes: number): UserError =>
  new UserError(
    `cannot lay out ${samples.n} samples by ${params.method}: its graph outgrew ${megabytes} MB of memory; take fewer samples or neighbours`,
  )
