import { addDense, appendDense, type Rounded } from './activations.ts'
import { type Column, columnsOfRows, readColumns } from './attribution-columns.ts'
import { asUint16, bytesOf } from './bytes.ts'
import { contradictory } from './failures.ts'
import { toFloat32 } from './float16.ts'
import { type AttributionKind, addMatrix, appendRows, findMatrix, type Matrix, pages, readPage } from './matrices.ts'
import { pageRows } from './page-rows.ts'
import type { Readable, Writable } from './sql.ts'
import {
  decodeStrongest,
  encodeStrongest,
  flawOfStrongest,
  type Strongest,
  strongestOf,
  UNUSED_SLOT,
} from './strongest.ts'

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
export const appendAttributions = (
  db: Writable,
  matrix: Matrix,
  start: number,
  values: Float32Array | Rounded,
): number => {
  if (matrix.kept === null) return appendDense(db, matrix, start, values)
  const exact = values instanceof Float32Array ? values : toFloat32(values.values)
  return appendStrongest(db, matrix, start, strongestOf(exact, matrix.width, matrix.kept))
}

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
  for (const { start, data } of pages(db, matrix)) yield { start, rows: decoded(db, matrix, matrix.kept, data) }
}

/** @throws UserError when they are not what `encodeStrongest` makes: they were changed by another program */
const decoded = (db: Readable, { layer, width }: Matrix, kept: number, data: Uint8Array): Strongest => {
  const rows = decodeStrongest(asUint16(data), kept)
  const flaw = flawOfStrongest(rows, width)
  if (flaw !== undefined) throw contradictory(db.file, `in attributions at ${layer}, ${flaw}`)
  return rows
}

/** Consecutive samples of a matrix: for each of some classes its attributions, by samples from `start`. */
export interface ColumnPage {
  readonly start: number
  readonly count: number
  readonly columns: readonly Column[]
}

/** Some classes of a matrix, page by page: of full pages nothing else is read. */
export function* columnsByPage(db: Readable, matrix: Matrix, classes: readonly number[]): Generator<ColumnPage> {
  for (let page = 0; page * pageRows < matrix.n; page++) yield columnsOfPage(db, matrix, page, classes)
}

const columnsOfPage = (db: Readable, matrix: Matrix, page: number, classes: readonly number[]): ColumnPage =>
  db.snapshot(() => {
    const start = page * pageRows
    const columns = readColumns(db, matrix, page, classes)
    // A page that was filled after `matrix` was read has rows beyond it.
    if (columns !== undefined) return { start, count: Math.min(pageRows, matrix.n - start), columns }
    const { count, data } = readPage(db, matrix, page)
    const read = columnsOfRows(db.file, matrix, asUint16(data), classes)
    if (!read.every(({ values }) => values.every(value => Number.isFinite(value))))
      throw contradictory(db.file, `page ${page} of the attributions at ${matrix.layer} has values that are not finite`)
    return { start, count, columns: read }
  })
