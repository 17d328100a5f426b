import { Worker } from 'node:worker_threads'
import { UserError } from '../../contract/errors.ts'
import type { LayoutParams } from '../../contract/layout.ts'
import type { Progress, Report } from '../../contract/progress.ts'
import { type AlignedLayout, checkAligned, type NamedView } from './aligned.ts'
import { checkLayoutSize, type Layout, type OnFirst } from './compute.ts'
import type { Samples } from './samples.ts'

/** The request to the thread: samples, or several views of them that are laid out together. */
export type LayoutRequest = { readonly params: LayoutParams; readonly seed: number } & (
  | { readonly samples: Samples }
  | { readonly views: readonly NamedView[] }
)

/** The replies of the thread. */
export type LayoutReply =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'first'; readonly positions: Float64Array }
  | { readonly type: 'done'; readonly result: Layout | readonly AlignedLayout[] }
  | { readonly type: 'refused'; readonly message: string; readonly exitCode: 1 | 2 }

interface LayoutOptions {
  /** Called with a preview during the computation. */
  readonly onFirst?: OnFirst
}

/**
 * Computes a layout in a separate thread. Samples in shared memory are not copied to it.
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
  return await onThread<Layout>({ samples, params, seed }, signal, report, onFirst)
}

/** Lays out several views of the same samples together, in a separate thread: see `computeAligned`. */
export const layoutAligned = async (
  views: readonly NamedView[],
  params: LayoutParams,
  seed: number,
  signal: AbortSignal,
  report: Report,
): Promise<readonly AlignedLayout[]> => {
  signal.throwIfAborted()
  checkAligned(views[0]?.samples.n ?? 0, views.length, params)
  return await onThread<readonly AlignedLayout[]>({ views, params, seed }, signal, report)
}

const onThread = async <Result extends Layout | readonly AlignedLayout[]>(
  request: LayoutRequest,
  signal: AbortSignal,
  report: Report,
  onFirst: OnFirst = () => {},
): Promise<Result> => {
  const thread = new Worker(new URL('./worker.ts', import.meta.url), { workerData: request })
  const { promise, resolve, reject } = Promise.withResolvers<Result>()
  const cancel = (): void => reject(signal.reason)
  signal.addEventListener('abort', cancel, { once: true })
  thread.on('message', (reply: LayoutReply) => {
    try {
      if (reply.type === 'progress') report(reply.progress)
      else if (reply.type === 'first') onFirst(reply.positions)
      // The thread returns to each kind of request its kind of result.
      else if (reply.type === 'done') resolve(reply.result as Result)
      else reject(new UserError(reply.message, { exitCode: reply.exitCode }))
    } catch (error) {
      // Such as progress for which the disk has no room: thrown here it would end the process.
      reject(error)
    }
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
