import { UserError } from '../../contract/errors.ts'
import { type LayoutParams, MAX_TSNE_SAMPLES } from '../../contract/layout.ts'
import type { Report } from '../../contract/progress.ts'
import { affinities } from './affinity.ts'
import { RepulsionTree } from './barnes-hut.ts'
import type { Neighbours } from './neighbours.ts'
import { exactRepulsion, joinForces } from './tsne-forces.ts'
import { yieldToEventLoop } from './yield.ts'

/**
 * Number of samples from which the tree is faster than all pairs (measured: 0.8 and 1.1 ms at 1,000, 7.4 and 2.6 at
 * 3,000).
 */
const TREE_FROM = 1_000
/** As scikit-learn for the plane. On a line centres of mass represent larger parts of it. */
const THETA = { 1: 0.25, 2: 0.5 } as const

/** A step of 100,000 samples takes a quarter of a second. @throws UserError naming the limit; call it before any other work */
export const checkTsneSize = (n: number): void => {
  if (n > MAX_TSNE_SAMPLES)
    throw new UserError(
      `cannot lay out ${n} samples by t-SNE: the limit is ${MAX_TSNE_SAMPLES}; use UMAP, or fewer samples`,
    )
}

/** The effective number of neighbours that n samples allow: three times as many enter the affinities. */
export const allowedPerplexity = (perplexity: number | undefined, n: number): number =>
  Math.max(1, Math.min(perplexity ?? 30, (n - 1) / 3))

/** Early exaggeration, momentum and gains as in the reference implementation and scikit-learn. */
const EXAGGERATION = 12
const EXAGGERATED_STEPS = 250
const STEPS = 1_000
const START_DEVIATION = 1e-4
const MIN_GAIN = 0.01

interface TsneParams extends Pick<LayoutParams, 'metric' | 'epochs' | 'learningRate' | 'dimensions'> {
  readonly perplexity: number
  /** 0: all pairs; otherwise the coarseness of the tree. By default depends on the number of samples. */
  readonly theta?: number
}

/**
 * Called once with a preview, after early exaggeration, when clusters have formed; with many samples earlier.
 */
export type OnFirst = (coordinates: Float64Array) => void
const PREVIEW_STEPS_AFTER = 50
/** Maximum samples × steps before the preview: half a second of a slow core. */
const PREVIEW_WORK = 150_000
const MIN_PREVIEW_STEPS = 30

/**
 * t-SNE with sparse attraction, and repulsion that is exact for few samples and by a tree for many; the kernel
 * 1/(1 + d²) for one dimension and for two.
 * @param neighbours three times the perplexity for each sample
 * @param start      [n, dimensions]; scaled so that the first axis has deviation 10⁻⁴
 * @returns [n, dimensions]
 */
export const tsne = async (
  neighbours: Neighbours,
  start: Float64Array,
  params: TsneParams,
  signal: AbortSignal,
  report: Report,
  onFirst: OnFirst = () => {},
): Promise<Float64Array> => {
  const { n } = neighbours
  checkTsneSize(n)
  const { dimensions, metric, perplexity } = params
  const p = affinities(neighbours, perplexity, metric)
  const steps = typeof params.epochs === 'number' ? params.epochs : STEPS
  // Belkina et al. 2019, as scikit-learn's "auto": its gradient has the factor 4 too.
  const rate = params.learningRate ?? Math.max(n / EXAGGERATION / 4, 50)
  const exaggerated = Math.min(EXAGGERATED_STEPS, Math.floor(steps / 4))

  const at = scaled(start, n, dimensions)
  const gradient = new Float64Array(at.length)
  const speed = new Float64Array(at.length)
  const gain = new Float64Array(at.length).fill(1)
  const theta = params.theta ?? (n < TREE_FROM ? 0 : THETA[dimensions])
  const tree = theta === 0 ? undefined : new RepulsionTree(n, dimensions)
  const affordable = Math.max(MIN_PREVIEW_STEPS, Math.floor(PREVIEW_WORK / n))
  const first = Math.min(steps, exaggerated + PREVIEW_STEPS_AFTER, affordable)
  for (let step = 0; step < steps; step++) {
    gradient.fill(0)
    const total = tree?.repel(at, theta, gradient) ?? exactRepulsion(at, dimensions, gradient)
    joinForces(p, at, dimensions, step < exaggerated ? EXAGGERATION : 1, gradient, total)
    const momentum = step < exaggerated ? 0.5 : 0.8
    for (let q = 0; q < at.length; q++) {
      gain[q] = Math.max(MIN_GAIN, speed[q]! * gradient[q]! < 0 ? gain[q]! + 0.2 : gain[q]! * 0.8)
      speed[q] = momentum * speed[q]! - rate * gain[q]! * gradient[q]!
      at[q]! += speed[q]!
    }
    centre(at, n, dimensions)
    if (step + 1 === first) onFirst(at)
    report({ stage: 't-SNE', done: step + 1, total: steps, unit: 'steps' })
    await yieldToEventLoop(signal)
  }
  return at
}

const scaled = (start: Float64Array, n: number, dimensions: number): Float64Array => {
  let [sum, squares] = [0, 0]
  for (let i = 0; i < n; i++) {
    sum += start[i * dimensions]!
    squares += start[i * dimensions]! ** 2
  }
  const deviation = Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2))
  return start.map(x => (deviation > 0 ? (x / deviation) * START_DEVIATION : x))
}

const centre = (at: Float64Array, n: number, dimensions: number): void => {
  for (let d = 0; d < dimensions; d++) {
    let mean = 0
    for (let q = d; q < at.length; q += dimensions) mean += at[q]! / n
    for (let q = d; q < at.length; q += dimensions) at[q]! -= mean
  }
}
