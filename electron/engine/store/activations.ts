import { asFloat16, bytesOf } from './bytes.ts'
import { contradictory } from './failures.ts'
import { toFloat16, toFloat32 } from './float16.ts'
import { addMatrix, appendRows, findMatrix, type Matrix, pages, readPage } from './matrices.ts'
import { pageRows } from './page-rows.ts'
import type { Readable, Writable } from './sql.ts'

/** A page of a [n, width] matrix: `values` is [count, width], row-major, for the samples from `start`. */
interface DensePage<Values = Float32Array> {
  readonly start: number
  readonly count: number
  readonly values: Values
}

/** A dense matrix of float16: activations, or complete attributions. */
export const addDense = (
  db: Writable,
  shape: Pick<Matrix, 'set' | 'tensor' | 'layer' | 'kind' | 'classifier' | 'width'>,
): Matrix => {
  const { set, tensor, layer, kind, classifier, width } = shape
  return addMatrix(db, { set, tensor, layer, kind, classifier, width, kept: null, rowBytes: 2 * width })
}

/** Rows that were rounded elsewhere, and how many of their values were clipped. */
export interface Rounded {
  readonly values: Float16Array
  readonly clipped: number
}

/**
 * @param start  rows stored so far
 * @param values [count, width]
 * @returns rows stored now
 */
export const appendDense = (
  db: Writable,
  matrix: Matrix,
  start: number,
  values: Float32Array | Float16Array | Rounded,
): number => {
  const rounded = roundedOf(values)
  return appendRows(db, matrix.id, start, bytesOf(rounded.values), rounded.clipped)
}

const roundedOf = (values: Float32Array | Float16Array | Rounded): Rounded => {
  if (values instanceof Float32Array) return toFloat16(values)
  return values instanceof Float16Array ? { values, clipped: 0 } : values
}

export const findActivations = (db: Readable, set: number, tensor: string): Matrix | undefined =>
  findMatrix(db, set, tensor, 'activation', '')

/** @throws UserError where the project lacks them: their rows were removed by another program */
export const requireActivations = (db: Readable, set: number, tensor: string): Matrix => {
  const matrix = findActivations(db, set, tensor)
  if (matrix === undefined) throw contradictory(db.file, `sample set ${set} has no activations at ${tensor}`)
  return matrix
}

/** The page that a sample is in, as stored. @throws UserError when there is no such sample */
export const float16Page = (db: Readable, matrix: Matrix, sample: number): DensePage<Float16Array> => {
  if (sample >= matrix.n) throw contradictory(db.file, `sample ${sample} has no activation at ${matrix.layer}`)
  const { start, count, data } = readPage(db, matrix, Math.floor(sample / pageRows))
  return { start, count, values: asFloat16(data) }
}

/** Page by page as stored; one page in memory. */
export function* float16Pages(db: Readable, matrix: Matrix): Generator<DensePage<Float16Array>> {
  for (const { start, count, data } of pages(db, matrix)) yield { start, count, values: asFloat16(data) }
}

/** Page by page, widened exactly to float32. @throws UserError when a value is not finite */
export function* float32Pages(db: Readable, matrix: Matrix): Generator<DensePage> {
  for (const { start, count, values } of float16Pages(db, matrix))
    yield { start, count, values: finite(db, matrix, toFloat32(values)) }
}

/** Portolan stores finite numbers only; one that is not was put there by another program. */
const finite = (db: Readable, { layer }: Matrix, values: Float32Array): Float32Array => {
  for (let at = 0; at < values.length; at++)
    if (!Number.isFinite(values[at]!)) throw contradictory(db.file, `a value at ${layer} is ${values[at]}`)
  return values
}

/**
 * The rows of some samples, each page read once.
 * @param samples ascending
 * @returns [samples, width]
 */
export const denseRows = (db: Readable, matrix: Matrix, samples: ArrayLike<number>): Float32Array => {
  const { width } = matrix
  const rows = new Float32Array(samples.length * width)
  let page: { readonly start: number; readonly end: number; readonly values: Float16Array } | undefined
  for (let row = 0; row < samples.length; row++) {
    const sample = samples[row]!
    if (page === undefined || sample >= page.end) {
      const { start, count, data } = readPage(db, matrix, Math.floor(sample / pageRows))
      page = { start, end: start + count, values: asFloat16(data) }
    }
    const from = (sample - page.start) * width
    rows.set(page.values.subarray(from, from + width), row * width)
  }
  return finite(db, matrix, rows)
}
