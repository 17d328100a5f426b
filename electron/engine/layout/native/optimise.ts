import { yieldToEventLoop } from '../yield.ts'
import type { Graph } from './graph.ts'
import type { KernelMemory } from './memory.ts'
import type { Team } from './team.ts'

/** Words of `Optimisation` and `View` in native/umap.cpp. */
const OPTIMISATION_WORDS = 13
const VIEW_WORDS = 6

/** One view of the samples: a layer, with its own graph and layout. */
export interface View {
  readonly graph: Graph
  /** [n, dimensions], the initialisation. */
  readonly start: Float64Array
  /** [n], how firmly each sample is held to its position in the next view, around 1. Without: not at all. */
  readonly springs?: Float32Array
}

export interface OptimisationParams {
  readonly dimensions: 1 | 2
  readonly epochs: number
  readonly learningRate: number
  /** The curve 1/(1 + a x^(2b)). */
  readonly a: number
  readonly b: number
  readonly seed: number
  /** Share of the way to the adjacent views' positions in the first epoch; falls to 0 after a share of the epochs. */
  readonly spring: number
  readonly springUntil: number
}

/** Bytes of the kernel's memory of one view's positions. */
export const positionBytes = (n: number, dimensions: number): number => 2 * (4 * n * dimensions + 16) + 4 * n + 16
/** Bytes of everything else. */
export const FIXED_BYTES = 2 ** 17

/**
 * Moves the samples by stochastic gradient descent.
 * @param onEpoch called after each epoch with the number done; `positions` are then those of that epoch
 * @returns [n, dimensions] of each view
 */
export const optimise = async (
  views: readonly View[],
  params: OptimisationParams,
  memory: KernelMemory,
  team: Team,
  signal: AbortSignal,
  onEpoch: (done: number, positions: () => readonly Float64Array[]) => void,
): Promise<readonly Float64Array[]> => {
  const { dimensions, epochs } = params
  const n = views[0]!.graph.n
  const placed = views.map(({ graph, start, springs }) => {
    const at = memory.float32(n * dimensions)
    at.set(start)
    const held = memory.float32(n)
    if (springs !== undefined) held.set(springs)
    return { graph, at, next: memory.float32(n * dimensions), held }
  })
  const viewWords = memory.uint32(VIEW_WORDS * views.length)
  placed.forEach(({ graph, at, next, held }, v) => {
    const arrays = [graph.starts, graph.columns, graph.shares, at, next, held]
    viewWords.set(
      arrays.map(({ byteOffset }) => byteOffset),
      VIEW_WORDS * v,
    )
  })
  const words = memory.uint32(OPTIMISATION_WORDS)
  const floats = new Float32Array(words.buffer, words.byteOffset, OPTIMISATION_WORDS)
  words.set([n, dimensions, views.length, viewWords.byteOffset, epochs])
  floats.set([params.learningRate, params.spring, params.springUntil], 5)
  words.set([params.seed >>> 0, Math.floor(params.seed / 2 ** 32) >>> 0], 8)
  floats.set([params.a, params.b], 10)
  words[12] = team.barrier

  const positions = (): readonly Float64Array[] => placed.map(({ at }) => Float64Array.from(at))
  const others = team.others('optimise', [words.byteOffset, 0, epochs])
  // Rejects while this thread is at work, and is awaited below.
  others.catch(() => {})
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      if (team.own('optimise', [words.byteOffset, epoch, epoch + 1]) !== 0) break
      onEpoch(epoch + 1, positions)
      await yieldToEventLoop(signal)
    }
    await others
  } finally {
    team.abort()
  }
  return positions()
}
