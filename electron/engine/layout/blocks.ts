import type { Report } from '../../contract/progress.ts'
import { BLOCK } from './native/space.ts'
import { yieldToEventLoop } from './yield.ts'

/** How samples are gone through. */
export interface Blocks {
  /** The samples, in the order in which they are searched. */
  readonly order: Uint32Array
  /** Samples at a time. */
  readonly size?: number
  readonly options: { readonly signal: AbortSignal; readonly report: Report }
}

/** Goes through samples, a block at a time. */
export const inBlocks = async (
  stage: string,
  { order, size = BLOCK, options: { signal, report } }: Blocks,
  search: (queries: Uint32Array) => Promise<void>,
): Promise<void> => {
  for (let first = 0; first < order.length; first += size) {
    const queries = order.subarray(first, first + size)
    await search(queries)
    report({ stage, done: first + queries.length, total: order.length, unit: 'samples' })
    await yieldToEventLoop(signal)
  }
}
