import type { UserError } from '../../contract/errors.ts'
import { asUint16, bytesOf } from './bytes.ts'
import { contradictory } from './failures.ts'
import type { Matrix } from './matrices.ts'
import { pageRows } from './page-rows.ts'
import { command, query, type Readable, type Writable } from './sql.ts'
import { UNUSED_SLOT } from './strongest.ts'

/**
 * Full pages of attributions by class, so that one class of a million samples is read without the others. A page of rows
 * and its columns contain the same bits, and either is made of the other.
 */

type Shape = Pick<Matrix, 'id' | 'layer' | 'width' | 'kept'>
type Place = { readonly matrix: number; readonly page: number }

const insertColumn = command<Place & { readonly class: number; readonly data: Uint8Array }>(`
  INSERT INTO attribution_columns (matrix, page, class, data) VALUES (@matrix, @page, @class, @data)
`)
const selectColumn = query<Place & { readonly class: number }, { data: Uint8Array }>(`
  SELECT data FROM attribution_columns WHERE matrix = @matrix AND page = @page AND class = @class
`)
const selectColumns = query<Place, { data: Uint8Array }>(`
  SELECT data FROM attribution_columns WHERE matrix = @matrix AND page = @page ORDER BY class
`)
const countColumnPages = query<{ matrix: number }, { pages: number }>(`
  SELECT coalesce(max(page) + 1, 0) AS pages FROM attribution_columns WHERE matrix = @matrix
`)

/** Fields of an entry of a truncated column: sample within the page, slot of the sample, value. */
const FIELDS = 3

/** The attributions of a page's samples to one class. Truncated: only those that are stored, by sample. */
export interface Column {
  /** [entries], index within the page; undefined: all samples, in order. */
  readonly samples: Uint16Array | undefined
  /** [entries], slot among the strongest of both signs (`strongest.ts`); undefined: complete. */
  readonly slots: Uint16Array | undefined
  /** [entries] */
  readonly values: Float16Array
}

/** Stores the rows of a full page by class. @param rows bits, [rows, width] or [rows, 4 · kept] */
export const putColumns = (db: Writable, matrix: Shape, page: number, rows: Uint8Array): void => {
  for (const [index, column] of columnsOf(db.file, matrix, asUint16(rows)).entries())
    db.run(insertColumn, { matrix: matrix.id, page, class: index, data: bytesOf(column) })
}

/** @returns the rows of a full page; undefined when it is not stored by class */
export const rowsOfColumns = (db: Readable, matrix: Shape, page: number): Uint8Array | undefined => {
  const columns = db.all(selectColumns, { matrix: matrix.id, page })
  if (columns.length === 0) return undefined
  if (columns.length !== matrix.width) throw damagedPage(db, matrix, page)
  const bits = columns.map(({ data }) => asUint16(data))
  for (const column of bits) requireColumn(db, matrix, page, column)
  return bytesOf(rowsOf(matrix, bits))
}

/** @returns some classes of a full page; undefined when the page is not stored by class */
export const readColumns = (
  db: Readable,
  matrix: Shape,
  page: number,
  classes: readonly number[],
): readonly Column[] | undefined => {
  const columns: Column[] = []
  for (const index of classes) {
    const found = db.one(selectColumn, { matrix: matrix.id, page, class: index })
    if (found === undefined) return undefined
    const bits = asUint16(found.data)
    requireColumn(db, matrix, page, bits)
    columns.push(columnOf(matrix, bits))
  }
  return columns
}

/**
 * Some classes of rows that are not stored by class.
 * @param file of the project, for the error
 * @param rows bits, [rows, width] or [rows, 4 · kept]
 * @throws UserError when a row names a class that the network does not have
 */
export const columnsOfRows = (
  file: string,
  matrix: Shape,
  rows: Uint16Array,
  classes: readonly number[],
): readonly Column[] => {
  if (matrix.kept === null) return classes.map(index => columnOf(matrix, everyNth(rows, matrix.width, index)))
  const columns = truncatedColumns(file, matrix, matrix.kept, rows)
  return classes.map(index => columnOf(matrix, columns[index]!))
}

/** Values at `index`, `index` + n, … */
const everyNth = (values: Uint16Array, n: number, index: number): Uint16Array => {
  const some = new Uint16Array(values.length / n)
  for (let at = 0; at < some.length; at++) some[at] = values[at * n + index]!
  return some
}

/** @param bits of a column as it is stored */
const columnOf = ({ kept }: Shape, bits: Uint16Array): Column =>
  kept === null
    ? { samples: undefined, slots: undefined, values: float16(bits) }
    : {
        samples: everyNth(bits, FIELDS, 0),
        slots: everyNth(bits, FIELDS, 1),
        values: float16(everyNth(bits, FIELDS, 2)),
      }

/** One more than the last page of a matrix that is stored by class. It is read for every batch, and visits one row. */
export const columnPages = (db: Readable, matrix: number): number => db.one(countColumnPages, { matrix })!.pages

const float16 = ({ buffer, byteOffset, length }: Uint16Array): Float16Array =>
  new Float16Array(buffer as ArrayBuffer, byteOffset, length)

/** @throws UserError when a column has another length than its page, entries beyond it, or values that are not finite */
const requireColumn = (db: Readable, matrix: Shape, page: number, bits: Uint16Array): void => {
  if (matrix.kept === null ? bits.length === pageRows && bits.every(isFinite16) : areEntries(bits, matrix.kept)) return
  throw damagedPage(db, matrix, page)
}

/** Whether the bits of a float16 are a finite number: an exponent of ones means infinity or NaN. */
const isFinite16 = (bits: number): boolean => (bits & 0x7c00) !== 0x7c00

const areEntries = (bits: Uint16Array, kept: number): boolean => {
  if (bits.length % FIELDS !== 0) return false
  for (let at = 0, before = -1; at < bits.length; before = bits[at]!, at += FIELDS)
    if (bits[at]! <= before || bits[at]! >= pageRows || bits[at + 1]! >= 2 * kept || !isFinite16(bits[at + 2]!))
      return false
  return true
}

const damagedPage = (db: Readable, { layer }: Shape, page: number): UserError =>
  contradictory(db.file, `page ${page} of the attributions at ${layer} is not complete`)

/** Classes whose columns are written side by side: a cache line of a row. */
const BLOCK = 32

/** The columns of a page, by class. */
const columnsOf = (file: string, matrix: Shape, rows: Uint16Array): readonly Uint16Array[] =>
  matrix.kept === null ? completeColumns(matrix.width, rows) : truncatedColumns(file, matrix, matrix.kept, rows)

const completeColumns = (width: number, rows: Uint16Array): Uint16Array[] => {
  const count = rows.length / width
  const columns = Array.from({ length: width }, () => new Uint16Array(count))
  for (let from = 0; from < width; from += BLOCK) {
    const to = Math.min(width, from + BLOCK)
    for (let row = 0; row < count; row++)
      for (let index = from; index < to; index++) columns[index]![row] = rows[row * width + index]!
  }
  return columns
}

const truncatedColumns = (
  file: string,
  { layer, width }: Shape,
  kept: number,
  rows: Uint16Array,
): readonly Uint16Array[] => {
  const slots = 2 * kept
  const count = rows.length / (2 * slots)
  const entries = new Uint32Array(width)
  const each = (visit: (index: number, row: number, slot: number) => void): void => {
    for (let row = 0; row < count; row++)
      for (let slot = 0; slot < slots; slot++) {
        const index = rows[2 * slots * row + slot]!
        if (index === UNUSED_SLOT) continue
        if (index >= width) throw contradictory(file, `it has an attribution at ${layer} to class ${index} of ${width}`)
        visit(index, row, slot)
      }
  }
  each(index => void entries[index]!++)
  const columns = Array.from(entries, length => new Uint16Array(FIELDS * length))
  entries.fill(0)
  each((index, row, slot) => {
    const column = columns[index]!
    const at = FIELDS * entries[index]!++
    column[at] = row
    column[at + 1] = slot
    column[at + 2] = rows[2 * slots * row + slots + slot]!
  })
  return columns
}

/** The rows of a page from its columns. */
const rowsOf = (matrix: Shape, columns: readonly Uint16Array[]): Uint16Array => {
  const { width, kept } = matrix
  if (kept === null) {
    const rows = new Uint16Array(pageRows * width)
    for (let from = 0; from < width; from += BLOCK) {
      const to = Math.min(width, from + BLOCK)
      for (let row = 0; row < pageRows; row++)
        for (let index = from; index < to; index++) rows[row * width + index] = columns[index]![row]!
    }
    return rows
  }
  const slots = 2 * kept
  const rows = new Uint16Array(pageRows * 2 * slots)
  for (let row = 0; row < pageRows; row++) rows.fill(UNUSED_SLOT, 2 * slots * row, 2 * slots * row + slots)
  for (const [index, column] of columns.entries())
    for (let at = 0; at < column.length; at += FIELDS) {
      const place = 2 * slots * column[at]! + column[at + 1]!
      rows[place] = index
      rows[place + slots] = column[at + 2]!
    }
  return rows
}
