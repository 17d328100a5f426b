import { UserError } from '../../contract/errors.ts'
import type { LayoutParams } from '../../contract/layout.ts'
import type { Report } from '../../contract/progress.ts'
import { type Affinities, affinities } from './affinity.ts'
import { breathe } from './breathe.ts'
import type { Neighbours } from './neighbours.ts'

/** Repulsion is exact, n²/2 pairs a step: 10,000 samples take some minutes. */
export const TSNE_LIMIT = 10_000

/** Throws a UserError that names the limit. To be asked before any work begins. */
export const checkTsneSize = (n: number): void => {
  if (n > TSNE_LIMIT)
    throw new UserError(
      `cannot lay out ${n} samples by t-SNE: it takes at most ${TSNE_LIMIT}; take fewer samples, or UMAP`,
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
const LEAST_GAIN = 0.01

/**
 * t-SNE with sparse attraction and exact repulsion; the kernel 1/(1 + d²) for one dimension and for two.
 * @param neighbours three times the perplexity of them
 * @param start      [n, dimensions]; scaled so that the first axis has deviation 10⁻⁴
 * @returns [n, dimensions]
 */
export const tsne = async (
  neighbours: Neighbours,
  start: Float64Array,
  params: Pick<LayoutParams, 'metric' | 'epochs' | 'learningRate' | 'dimensions'> & { readonly perplexity: number },
  signal: AbortSignal,
  report: Report,
): Promise<Float64Array> => {
  const { n } = neighbours
  checkTsneSize(n)
  const { dimensions, metric, perplexity } = params
  const p = affinities(neighbours, perplexity, metric)
  const steps = params.epochs ?? STEPS
  // Belkina et al. 2019, as scikit-learn's "auto": its gradient carries the factor 4 too.
  const rate = params.learningRate ?? Math.max(n / EXAGGERATION / 4, 50)
  const exaggerated = Math.min(EXAGGERATED_STEPS, Math.floor(steps / 4))

  const at = scaled(start, n, dimensions)
  const gradient = new Float64Array(at.length)
  const speed = new Float64Array(at.length)
  const gain = new Float64Array(at.length).fill(1)
  const force = dimensions === 1 ? forceOnLine : forceInPlane
  for (let step = 0; step < steps; step++) {
    force(p, at, step < exaggerated ? EXAGGERATION : 1, gradient)
    const momentum = step < exaggerated ? 0.5 : 0.8
    for (let q = 0; q < at.length; q++) {
      gain[q] = Math.max(LEAST_GAIN, speed[q]! * gradient[q]! < 0 ? gain[q]! + 0.2 : gain[q]! * 0.8)
      speed[q] = momentum * speed[q]! - rate * gain[q]! * gradient[q]!
      at[q]! += speed[q]!
    }
    centre(at, n, dimensions)
    report({ stage: 't-SNE', done: step + 1, total: steps, unit: 'steps' })
    await breathe(signal)
  }
  return at
}

/** Gradient 4 Σ_j (x·p_ij − w_ij/Z) w_ij (y_i − y_j) with w = 1/(1 + |y_i − y_j|²), Z = Σ w, in two dimensions. */
const forceInPlane = (p: Affinities, at: Float64Array, exaggeration: number, gradient: Float64Array): void => {
  const { n } = p
  gradient.fill(0)
  let total = 0
  for (let i = 0; i < n; i++) {
    const x = at[2 * i]!
    const y = at[2 * i + 1]!
    let fx = 0
    let fy = 0
    for (let q = 2 * i + 2; q < 2 * n; q += 2) {
      const dx = x - at[q]!
      const dy = y - at[q + 1]!
      const w = 1 / (1 + dx * dx + dy * dy)
      total += w
      const push = w * w
      fx += push * dx
      fy += push * dy
      gradient[q]! += push * dx
      gradient[q + 1]! += push * dy
    }
    gradient[2 * i]! -= fx
    gradient[2 * i + 1]! -= fy
  }
  const repulsion = 4 / (2 * total)
  for (let i = 0; i < n; i++) {
    let fx = 0
    let fy = 0
    for (let e = p.start[i]!; e < p.start[i + 1]!; e++) {
      const j = 2 * p.column[e]!
      const dx = at[2 * i]! - at[j]!
      const dy = at[2 * i + 1]! - at[j + 1]!
      const pull = p.value[e]! / (1 + dx * dx + dy * dy)
      fx += pull * dx
      fy += pull * dy
    }
    gradient[2 * i] = gradient[2 * i]! * repulsion + 4 * exaggeration * fx
    gradient[2 * i + 1] = gradient[2 * i + 1]! * repulsion + 4 * exaggeration * fy
  }
}

/** The same in one dimension. */
const forceOnLine = (p: Affinities, at: Float64Array, exaggeration: number, gradient: Float64Array): void => {
  const { n } = p
  gradient.fill(0)
  let total = 0
  for (let i = 0; i < n; i++) {
    const x = at[i]!
    let fx = 0
    for (let j = i + 1; j < n; j++) {
      const dx = x - at[j]!
      const w = 1 / (1 + dx * dx)
      total += w
      const push = w * w * dx
      fx += push
      gradient[j]! += push
    }
    gradient[i]! -= fx
  }
  const repulsion = 4 / (2 * total)
  for (let i = 0; i < n; i++) {
    let fx = 0
    for (let e = p.start[i]!; e < p.start[i + 1]!; e++) {
      const dx = at[i]! - at[p.column[e]!]!
      fx += (p.value[e]! * dx) / (1 + dx * dx)
    }
    gradient[i] = gradient[i]! * repulsion + 4 * exaggeration * fx
  }
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
