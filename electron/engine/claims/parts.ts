import { Random } from '../random/random.ts'
import { simultaneousMeans } from '../statistics/simultaneous.ts'
import { dot } from '../vectors/cosine.ts'

/** Maximum number of groups that one half of the photographs is divided into. */
const MAX_GROUPS = 8
/** Photographs of a group, on average, where they are few. */
const PER_GROUP = 16
const ROUNDS = 50

/** Groups of activations: unit vectors, and how near to one a sample has to be to belong to it. */
export interface Groups {
  /** [groups, channels] */
  readonly centres: Float32Array
  /** [groups], cosines. */
  readonly reach: Float64Array
  /** [rows], the group of each row that they were found from. */
  readonly of: Int32Array
}

/** @param photographs that the groups are found from */
export const groupCount = (photographs: number): number =>
  Math.max(1, Math.min(MAX_GROUPS, Math.floor(photographs / PER_GROUP)))

/**
 * Spherical k-means (Dhillon and Modha 2001) from k-means++ seeds. A sample of other photographs belongs to the group with
 * the nearest centre if it is at least as near to it as the median of the group's own.
 * @param rows [n, channels], activations
 */
export function groupsOf(rows: Float32Array, channels: number, count: number, seed: number): Groups {
  const n = rows.length / channels
  const unit = normalised(rows, channels)
  const random = new Random('groups of activations', seed)
  const centres = new Float32Array(count * channels)
  const far = new Float64Array(n).fill(2)
  for (let g = 0; g < count; g++) {
    const pick = g === 0 ? random.below(n) : weighted(random, far)
    centres.set(unit.subarray(pick * channels, (pick + 1) * channels), g * channels)
    for (let r = 0; r < n; r++) far[r] = Math.min(far[r]!, 1 - dot(unit, r * channels, centres, g * channels, channels))
  }
  const of = new Int32Array(n).fill(-1)
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false
    for (let r = 0; r < n; r++) {
      const { group } = nearest(unit, r, centres, count, channels)
      if (group !== of[r]) moved = true
      of[r] = group
    }
    if (!moved) break
    centres.fill(0)
    for (let r = 0; r < n; r++)
      for (let c = 0; c < channels; c++) centres[of[r]! * channels + c]! += unit[r * channels + c]!
    centres.set(normalised(centres, channels))
  }
  const reach = Float64Array.from({ length: count }, (_, g) => {
    const own = Array.from(of.keys())
      .filter(r => of[r] === g)
      .map(r => dot(unit, r * channels, centres, g * channels, channels))
      .sort((a, b) => a - b)
    return own.length === 0 ? Number.POSITIVE_INFINITY : own[own.length >> 1]!
  })
  return { centres, reach, of }
}

/** [rows], the group that each row belongs to; −1: none. */
export function assigned({ centres, reach }: Groups, rows: Float32Array, channels: number): Int32Array {
  const unit = normalised(rows, channels)
  return Int32Array.from({ length: rows.length / channels }, (_, r) => {
    const { group, cosine } = nearest(unit, r, centres, reach.length, channels)
    return cosine >= reach[group]! ? group : -1
  })
}

/** One group, tested on the photographs that it was not found from. */
export interface TestedGroup {
  readonly half: 0 | 1
  /** Mean of the values above that of all samples; null where there are too few photographs. */
  readonly effect: { readonly value: number; readonly low: number; readonly high: number } | null
  readonly photographs: number
  readonly holds: boolean
}

/**
 * The groups of both halves, each on the other half: mean of the values, in standard deviations, above that of all samples,
 * with intervals over photographs that hold for all groups at once.
 * @param values [samples]
 * @param cellOf [samples], number of the group that each belongs to, those of half 1 after those of half 0; −1: none
 * @param counts groups found on each half
 */
export function testedGroups(
  values: Float64Array,
  clusters: ArrayLike<number>,
  cellOf: Int32Array,
  counts: readonly [number, number],
): readonly TestedGroup[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const found = simultaneousMeans({
    values: values.map(value => value - mean),
    clusters,
    cellOf,
    cells: counts[0] + counts[1],
  })
  return found.cells.map(({ mean: value, interval, photographs }, group) => ({
    half: group < counts[0] ? 0 : 1,
    effect: interval && { value, ...interval },
    photographs,
    // Attribution to the class itself, and above that of all samples.
    holds: interval !== null && interval.low > Math.max(0, -mean),
  }))
}

function normalised(rows: Float32Array, channels: number): Float32Array {
  const unit = rows.slice()
  for (let start = 0; start < rows.length; start += channels) {
    let square = 0
    for (let c = 0; c < channels; c++) square += rows[start + c]! ** 2
    const length = Math.sqrt(square) || 1
    for (let c = 0; c < channels; c++) unit[start + c]! /= length
  }
  return unit
}

function nearest(
  unit: Float32Array,
  row: number,
  centres: Float32Array,
  count: number,
  channels: number,
): { readonly group: number; readonly cosine: number } {
  let [group, cosine] = [0, Number.NEGATIVE_INFINITY]
  for (let g = 0; g < count; g++) {
    const own = dot(unit, row * channels, centres, g * channels, channels)
    if (own > cosine) [group, cosine] = [g, own]
  }
  return { group, cosine }
}

/** An index drawn with a probability in proportion to its weight. */
function weighted(random: Random, weights: Float64Array): number {
  let left = random.uniform() * weights.reduce((sum, weight) => sum + Math.max(0, weight), 0)
  for (let k = 0; k < weights.length; k++) {
    left -= Math.max(0, weights[k]!)
    if (left < 0) return k
  }
  return weights.length - 1
}
