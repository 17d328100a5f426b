import { toFloat16, toFloat32 } from './float16.ts'

/**
 * The strongest attributions of each sign of several samples: for every sample `kept` slots with the largest positive
 * values, falling, then `kept` slots with the most negative ones, rising.
 */
export interface Strongest {
  readonly kept: number
  /** [samples, 2 · kept] class numbers; `UNUSED_SLOT` where a sample has fewer values of that sign. */
  readonly classes: Uint16Array
  /** [samples, 2 · kept], 0 in unused slots. */
  readonly values: Float32Array
}

/** Marks an empty slot; no class has this number. */
export const UNUSED_SLOT = 0xffff

/**
 * @param values  [samples, classes]
 * @param kept    of each sign and sample; ties are ordered by class
 */
export const strongestOf = (values: Float32Array, classes: number, kept: number): Strongest => {
  const samples = values.length / classes
  const rows = {
    kept,
    classes: new Uint16Array(samples * 2 * kept).fill(UNUSED_SLOT),
    values: new Float32Array(samples * 2 * kept),
  }
  for (let sample = 0; sample < samples; sample++) {
    const row = values.subarray(sample * classes, (sample + 1) * classes)
    keepLargest(row, 1, rows, sample * 2 * kept)
    keepLargest(row, -1, rows, sample * 2 * kept + kept)
  }
  return rows
}

/** Insertion into a short sorted list: one pass over the classes, most of which fall at the first comparison. */
const keepLargest = (row: Float32Array, sign: 1 | -1, into: Strongest, offset: number): void => {
  const last = offset + into.kept - 1
  for (let index = 0; index < row.length; index++) {
    const value = row[index]! * sign
    if (!(value > 0) || value <= into.values[last]! * sign) continue
    let slot = last
    for (; slot > offset && value > into.values[slot - 1]! * sign; slot--) {
      into.values[slot] = into.values[slot - 1]!
      into.classes[slot] = into.classes[slot - 1]!
    }
    into.values[slot] = row[index]!
    into.classes[slot] = index
  }
}

/** @returns bits [samples, 4 · kept]: the class numbers of a sample, then its values as float16 */
export const encodeStrongest = (rows: Strongest): { readonly bits: Uint16Array; readonly clipped: number } => {
  const slots = 2 * rows.kept
  const samples = rows.classes.length / slots
  const { values, clipped } = toFloat16(rows.values)
  const halves = new Uint16Array(values.buffer)
  const bits = new Uint16Array(samples * 2 * slots)
  for (let sample = 0; sample < samples; sample++) {
    const from = sample * slots
    bits.set(rows.classes.subarray(from, from + slots), 2 * from)
    bits.set(halves.subarray(from, from + slots), 2 * from + slots)
  }
  return { bits, clipped }
}

/**
 * What strongest attributions from an untrusted source are not: of distinct classes, finite, of their sign, in order.
 * @param classes of the network
 * @returns the fault; undefined without one
 */
export const flawOfStrongest = ({ kept, classes: indices, values }: Strongest, classes: number): string | undefined => {
  // The last sample, counted from 1, that has the class.
  const seen = new Uint32Array(classes)
  for (let slot = 0; slot < indices.length; slot++) {
    const [index, value] = [indices[slot]!, values[slot]!]
    const sample = Math.floor(slot / (2 * kept))
    const place = slot % kept
    if (index === UNUSED_SLOT) {
      if (value !== 0) return `sample ${sample} has the value ${value} of no class`
      continue
    }
    if (index >= classes) return `sample ${sample} has class ${index} of ${classes}`
    if (seen[index] === sample + 1) return `sample ${sample} has class ${index} twice`
    seen[index] = sample + 1
    const sign = slot % (2 * kept) < kept ? 1 : -1
    if (!Number.isFinite(value) || value * sign < 0) return `sample ${sample} has the value ${value} of class ${index}`
    if (place > 0 && (indices[slot - 1] === UNUSED_SLOT || value * sign > values[slot - 1]! * sign))
      return `sample ${sample} has values that are not sorted`
  }
  return undefined
}

export const decodeStrongest = (bits: Uint16Array, kept: number): Strongest => {
  const slots = 2 * kept
  const samples = bits.length / (2 * slots)
  const classes = new Uint16Array(samples * slots)
  const halves = new Uint16Array(samples * slots)
  for (let sample = 0; sample < samples; sample++) {
    const from = sample * slots
    classes.set(bits.subarray(2 * from, 2 * from + slots), from)
    halves.set(bits.subarray(2 * from + slots, 2 * from + 2 * slots), from)
  }
  return { kept, classes, values: toFloat32(new Float16Array(halves.buffer)) }
}
