import { dot } from '../vectors/cosine.ts'
import { distanceOf } from './samples.ts'

export interface RankedSample {
  readonly sample: number
  /** 1 − cosine to the direction. */
  readonly distance: number
}

/**
 * Samples by the distance of their activations from a direction, nearest first, equal ones by their index.
 * @param rows      [samples, channels]
 * @param direction [channels]
 */
export function rankedSamples(samples: Uint32Array, rows: Float32Array, direction: Float32Array): RankedSample[] {
  const width = direction.length
  const squared = dot(direction, 0, direction, 0, width)
  const distance = distanceOf('cosine')
  return Array.from(samples, (sample, row) => {
    const at = row * width
    return {
      sample,
      distance: distance(dot(rows, at, direction, 0, width), dot(rows, at, rows, at, width), squared),
    }
  }).sort((a, b) => a.distance - b.distance || a.sample - b.sample)
}
