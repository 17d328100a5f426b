import { addDense, appendDense, denseRow } from './activations.ts'
import { asUint16, bytesOf } from './bytes.ts'
import { type AttributionKind, addMatrix, appendRows, findMatrix, type Matrix, pages, readRow } from './matrices.ts'
import type { Readable, Writable } from './sql.ts'
import { decodeStrongest, encodeStrongest, type Strongest, strongestOf, UNUSED_SLOT } from './strongest.ts'

/** Attributions of every sample to every class at a layer; with `kept`, only the strongest of each sign. */
export const addAttributions = (
  db: Writable,
  shape: {
    readonly set: number
    readonly tensor: string
    readonly layer: string
    readonly kind: AttributionKind
    /** Key of the classifier. */
    readonly classifier: string
    readonly classes: number
    readonly kept?: number
  },
): Matrix => {
  const { set, tensor, layer, kind, classifier, classes: width, kept } = shape
  if (kept === undefined) return addDense(db, { set, tensor, layer, kind, classifier, width })
  if (width > UNUSED_SLOT) throw new Error(`truncated attributions have at most ${UNUSED_SLOT} classes, not ${width}`)
  return addMatrix(db, { set, tensor, layer, kind, classifier, width, kept, rowBytes: 8 * kept })
}

/** @param classifier key of the classifier whose logits they are attributions to */
export const findAttributions = (
  db: Readable,
  set: number,
  tensor: string,
  kind: AttributionKind,
  classifier: string,
): Matrix | undefined => findMatrix(db, set, tensor, kind, classifier)

/**
 * Appends attributions; a truncated matrix keeps the strongest of them.
 * @param values [count, classes]
 * @returns rows stored now
 */
export const appendAttributions = (db: Writable, matrix: Matrix, start: number, values: Float32Array): number =>
  matrix.kept === null
    ? appendDense(db, matrix, start, values)
    : appendStrongest(db, matrix, start, strongestOf(values, matrix.width, matrix.kept))

/** Appends attributions that are truncated already, such as imported ones. @returns rows stored now */
export const appendStrongest = (db: Writable, matrix: Matrix, start: number, rows: Strongest): number => {
  if (rows.kept !== matrix.kept) throw new Error(`${rows.kept} kept of each sign, not ${matrix.kept}`)
  const { bits, clipped } = encodeStrongest(rows)
  return appendRows(db, matrix.id, start, bytesOf(bits), clipped)
}

/** A truncated matrix, page by page. */
export function* strongestPages(
  db: Readable,
  matrix: Matrix,
): Generator<{ readonly start: number; readonly rows: Strongest }> {
  if (matrix.kept === null) throw new Error(`attributions at ${matrix.layer} are complete`)
  for (const { start, data } of pages(db, matrix)) yield { start, rows: decodeStrongest(asUint16(data), matrix.kept) }
}

/** The stored attributions of one sample: classes and values, in the order of the classes. */
export const attributionsOf = (
  db: Readable,
  matrix: Matrix,
  sample: number,
): { readonly classes: Uint16Array | Uint32Array; readonly values: Float32Array } => {
  if (matrix.kept === null) {
    const values = denseRow(db, matrix, sample)
    return { classes: Uint32Array.from(values.keys()), values }
  }
  const row = decodeStrongest(asUint16(readRow(db, matrix, sample)), matrix.kept)
  const filled = [...row.classes.keys()]
    .filter(slot => row.classes[slot] !== UNUSED_SLOT)
    .sort((a, b) => row.classes[a]! - row.classes[b]!)
  return {
    classes: Uint16Array.from(filled, slot => row.classes[slot]!),
    values: Float32Array.from(filled, slot => row.values[slot]!),
  }
}
