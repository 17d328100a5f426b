import { cosineFrom, dot } from '../vectors/cosine.ts'

/** How well an icon is told from the other cells of its map. */
export interface Recognition {
  /** Mean cosine between the icon's activation and the directions of the other cells: what chance would give. */
  readonly chance: number
  /** Rank of its own direction among all, by that cosine; 1 is the nearest. Equal cosines count as nearer. */
  readonly rank: number
}

/**
 * Rank of an icon's own direction among those of all cells, and its mean cosine to the others.
 * @param activation of the centre unit for the finished icon, [channels]
 * @param directions of all cells, [cells, channels]
 * @param own        row of the icon's own direction
 * @param offset     subtracted from all, such as the layer's mean activation, [channels]: activations that are never
 *                   negative are all at acute angles to their mean, and differ in what remains
 */
export function recognition(
  activation: Float32Array,
  directions: Float32Array,
  own: number,
  offset?: Float32Array,
): Recognition {
  const channels = activation.length
  const cells = directions.length / channels
  if (!Number.isInteger(cells) || own < 0 || own >= cells)
    throw new RangeError(`direction ${own} is not one of ${cells} of ${channels} channels`)
  const from = (values: Float32Array): Float32Array =>
    offset === undefined ? values : values.map((value, i) => value - offset[i % channels]!)
  const [a, all] = [from(activation), from(directions)]
  const squared = dot(a, 0, a, 0, channels)
  const cosines = Array.from({ length: cells }, (_, cell) => {
    const at = cell * channels
    return cosineFrom(dot(a, 0, all, at, channels), squared, dot(all, at, all, at, channels))
  })
  const others = cosines.filter((_, cell) => cell !== own)
  return {
    chance: others.length === 0 ? Number.NaN : others.reduce((sum, cosine) => sum + cosine, 0) / others.length,
    rank: 1 + others.filter(cosine => cosine >= cosines[own]!).length,
  }
}
