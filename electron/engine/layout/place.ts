import type { Metric } from '../../contract/layout.ts'
import { quantile } from '../statistics/quantile.ts'
import { dot } from '../vectors/cosine.ts'
import { Nearest } from './nearest.ts'
import { distanceOf, squaredLengths } from './samples.ts'

/** The position of a new activation in a layout. */
export interface Placement {
  /** [dimensions], the mean of its nearest samples' positions weighted by 1/distance. */
  readonly position: Float64Array
  /** To the nearest sample. */
  readonly distance: number
  /** Farther from every sample than 99 % of the samples are from their nearest neighbour. */
  readonly unlikeAnything: boolean
  readonly nearest: readonly { readonly sample: number; readonly distance: number }[]
}

const NEAREST = 10

/**
 * The distance beyond which an activation is unlike all samples: the 99th percentile of the samples' nearest distances.
 */
export const farthestUsual = (neighbours: {
  readonly n: number
  readonly k: number
  readonly distances: Float64Array
}) =>
  neighbours.k === 0
    ? 0
    : quantile(
        Float64Array.from({ length: neighbours.n }, (_, i) => neighbours.distances[i * neighbours.k]!).sort(),
        0.99,
      )

/** Places activations among samples that are fed page by page, so that they need not fit in memory together. */
export class Placer {
  readonly #activations: Float32Array
  readonly #count: number
  readonly #channels: number
  readonly #metric: Metric
  readonly #squares: Float64Array
  readonly #nearest: Nearest
  #fed = 0

  /** @param activations [count, channels] */
  constructor(activations: Float32Array, channels: number, metric: Metric, k = NEAREST) {
    this.#activations = activations
    this.#count = activations.length / channels
    this.#channels = channels
    this.#metric = metric
    this.#squares = squaredLengths({ rows: activations, n: this.#count, channels })
    this.#nearest = new Nearest(this.#count, k)
  }

  /** @param first index of the page's first sample; @param page [samples, channels] */
  feed(first: number, page: Float32Array): void {
    const channels = this.#channels
    const n = page.length / channels
    const squares = squaredLengths({ rows: page, n, channels })
    const distance = distanceOf(this.#metric)
    for (let a = 0; a < this.#count; a++)
      for (let s = 0; s < n; s++) {
        const inner = dot(this.#activations, a * channels, page, s * channels, channels)
        this.#nearest.offer(a, first + s, distance(inner, this.#squares[a]!, squares[s]!))
      }
    this.#fed += n
  }

  /**
   * @param positions [samples, dimensions] of all samples
   * @param threshold     `farthestUsual` of the layout
   * @returns one placement for each activation; throws when a sample is missing
   */
  place(positions: Float64Array, dimensions: number, threshold: number): Placement[] {
    if (this.#fed * dimensions !== positions.length)
      throw new Error(`${this.#fed} of ${positions.length / dimensions} samples were fed`)
    const k = Math.min(this.#nearest.k, this.#fed)
    const { indices, distances } = this.#nearest.sorted()
    return Array.from({ length: this.#count }, (_, a) => {
      const nearest = Array.from({ length: k }, (_, j) => ({
        sample: indices[a * this.#nearest.k + j]!,
        distance: distances[a * this.#nearest.k + j]!,
      }))
      const distance = nearest[0]!.distance
      // An activation that equals samples is placed at their position.
      const used = distance === 0 ? nearest.filter(candidate => candidate.distance === 0) : nearest
      const weights = used.map(candidate => (distance === 0 ? 1 : distance / candidate.distance))
      const sum = weights.reduce((total, weight) => total + weight, 0)
      const position = new Float64Array(dimensions)
      used.forEach((candidate, j) => {
        for (let d = 0; d < dimensions; d++)
          position[d]! += (weights[j]! / sum) * positions[candidate.sample * dimensions + d]!
      })
      return { position, distance, unlikeAnything: distance > threshold, nearest }
    })
  }
}
