import { columnPages, putColumns, rowsOfColumns } from './attribution-columns.ts'
import { contradictory } from './failures.ts'
import { pageRows } from './page-rows.ts'
import { command, query, type Readable, type Writable } from './sql.ts'

/** The contents of a matrix: the activation of every sample, or its attribution to every class. */
export type MatrixKind = 'activation' | AttributionKind
export type AttributionKind = 'exact' | 'relaxed-l2' | 'relaxed-avg'

/**
 * One row for every sample of a set, at one layer. Rows are bytes here; activations.ts and attributions.ts read them. Full
 * pages of attributions are stored by class (`attribution-columns.ts`), everything else by row.
 */
export interface Matrix {
  readonly id: number
  readonly set: number
  /** Tensor of the layer; identifies it when the layer is renamed. */
  readonly tensor: string
  /** Name of the layer. */
  readonly layer: string
  readonly kind: MatrixKind
  /** Key of the classifier of attributions; '' for activations, which do not depend on the logits. */
  readonly classifier: string
  /** 1: written by an earlier version, which did not store the classifier. */
  readonly assumed: number
  /** Channels or classes. */
  readonly width: number
  /** Values of each sign that are stored per sample; null: all. */
  readonly kept: number | null
  readonly rowBytes: number
  /** Rows that are committed. */
  readonly n: number
  /** Values that were clipped to the range of float16. */
  readonly clipped: number
}

/**
 * Rows that a matrix waits for after its page is full, before the page is sealed. Sealing takes about 0.2 s; if all
 * layers of a set were sealed after the same batch, the engine would be blocked for seconds.
 */
const sealingDelay = (matrix: number): number => (matrix % 32) * 256

type Range = { readonly matrix: number; readonly from: number; readonly to: number }
type Position = { readonly matrix: number; readonly page: number }
const columns =
  'id, set_id AS "set", tensor, layer, kind, classifier, assumed, width, kept, row_bytes AS rowBytes, n, clipped'
const selectOne = query<{ set: number; tensor: string; kind: MatrixKind; classifier: string }, Matrix>(`
  SELECT ${columns} FROM matrices
  WHERE set_id = @set AND tensor = @tensor AND kind = @kind AND classifier = @classifier
`)
const selectOfSet = query<{ set: number }, Matrix>(`
  SELECT ${columns} FROM matrices WHERE set_id = @set ORDER BY kind, id
`)
const selectById = query<{ id: number }, Matrix>(`SELECT ${columns} FROM matrices WHERE id = @id`)
const insertMatrix = command<Omit<Matrix, 'id' | 'n' | 'clipped' | 'assumed'>>(`
  INSERT INTO matrices (set_id, tensor, layer, kind, classifier, width, kept, row_bytes)
  VALUES (@set, @tensor, @layer, @kind, @classifier, @width, @kept, @rowBytes)
`)
const deleteMatrix = command<{ id: number }>('DELETE FROM matrices WHERE id = @id')
const grow = command<{ id: number; count: number; clipped: number }>(`
  UPDATE matrices SET n = n + @count, clipped = clipped + @clipped WHERE id = @id
`)
const insertTail = command<{ matrix: number; start: number; count: number; data: Uint8Array }>(`
  INSERT INTO matrix_tails (matrix, start, count, data) VALUES (@matrix, @start, @count, @data)
`)
const selectTails = query<Range, { data: Uint8Array }>(`
  SELECT data FROM matrix_tails WHERE matrix = @matrix AND start >= @from AND start < @to ORDER BY start
`)
const deleteTails = command<Range>('DELETE FROM matrix_tails WHERE matrix = @matrix AND start >= @from AND start < @to')
const countPages = query<{ matrix: number }, { pages: number }>(`
  SELECT coalesce(max(page) + 1, 0) AS pages FROM matrix_pages WHERE matrix = @matrix
`)
const insertPage = command<Position & { readonly data: Uint8Array }>(`
  INSERT INTO matrix_pages (matrix, page, data) VALUES (@matrix, @page, @data)
`)
const selectPage = query<Position, { data: Uint8Array }>(`
  SELECT data FROM matrix_pages WHERE matrix = @matrix AND page = @page
`)

/** @param classifier key of the classifier of attributions; '' for activations */
export const findMatrix = (
  db: Readable,
  set: number,
  tensor: string,
  kind: MatrixKind,
  classifier: string,
): Matrix | undefined => db.one(selectOne, { set, tensor, kind, classifier })

export const listMatrices = (db: Readable, set: number): Matrix[] => db.all(selectOfSet, { set })

export const addMatrix = (db: Writable, matrix: Omit<Matrix, 'id' | 'n' | 'clipped' | 'assumed'>): Matrix => {
  const id = db.insert(insertMatrix, matrix)
  return { ...matrix, id, n: 0, clipped: 0, assumed: 0 }
}

/** Removes a matrix with its rows. */
export const removeMatrix = (db: Writable, id: number): void => void db.run(deleteMatrix, { id })

/**
 * Appends rows, in one transaction. They are stored in batches, none of which crosses a page boundary, until a page is
 * full and some more rows follow; then they are sealed into it.
 * @param start number of rows that the caller expects: an append that skips or repeats rows is a bug
 * @param data  count · rowBytes bytes
 * @returns number of rows now
 */
export const appendRows = (db: Writable, id: number, start: number, data: Uint8Array, clipped: number): number =>
  db.write(() => {
    const matrix = db.one(selectById, { id })
    if (matrix === undefined) throw contradictory(db.file, `there is no matrix ${id}`)
    const { n, rowBytes } = matrix
    if (start !== n) throw new Error(`rows ${start}… appended to ${matrix.layer}, which has ${n}`)
    if (data.length % rowBytes !== 0) throw new Error(`${data.length} bytes are not rows of ${rowBytes}`)
    const end = n + data.length / rowBytes
    for (let row = n; row < end; ) {
      const next = Math.min(end, (Math.floor(row / pageRows) + 1) * pageRows)
      const part = data.subarray((row - n) * rowBytes, (next - n) * rowBytes)
      db.run(insertTail, { matrix: id, start: row, count: next - row, data: part })
      row = next
    }
    db.run(grow, { id, count: end - n, clipped })
    // In their order, by row or by class.
    let sealed = Math.max(db.one(countPages, { matrix: id })!.pages, columnPages(db, id))
    for (; end >= (sealed + 1) * pageRows + sealingDelay(id); sealed++) seal(db, matrix, sealed)
    return end
  })

const seal = (db: Writable, matrix: Matrix, page: number): void => {
  const range = rowsOf(matrix.id, page)
  const data = joined(db, range)
  if (matrix.kind === 'activation') db.run(insertPage, { matrix: matrix.id, page, data })
  else putColumns(db, matrix, page, data)
  db.run(deleteTails, range)
}

const rowsOf = (matrix: number, page: number): Range => ({
  matrix,
  from: page * pageRows,
  to: (page + 1) * pageRows,
})

const joined = (db: Readable, range: Range): Uint8Array =>
  Buffer.concat(db.all(selectTails, range).map(tail => tail.data))

/** Consecutive rows: page `start / pageRows` of a matrix, or the part of it that exists. */
export interface Rows {
  readonly start: number
  readonly count: number
  readonly data: Uint8Array
}

/** One page, sealed or not. At most 16,384 rows; none beyond `n`. */
export const readPage = (db: Readable, matrix: Matrix, page: number, n = matrix.n): Rows => {
  const start = page * pageRows
  const count = Math.min(pageRows, n - start)
  const data = db.snapshot(
    () =>
      db.one(selectPage, { matrix: matrix.id, page })?.data ??
      (matrix.kind === 'activation' ? undefined : rowsOfColumns(db, matrix, page)) ??
      joined(db, rowsOf(matrix.id, page)),
  )
  const length = count * matrix.rowBytes
  if (data.length < length) throw contradictory(db.file, `page ${page} of ${matrix.layer} is missing`)
  return { start, count, data: data.subarray(0, length) }
}

/** All rows that `matrix` had when it was read, page by page: one page in memory, also while rows are appended. */
export function* pages(db: Readable, matrix: Matrix): Generator<Rows> {
  for (let page = 0; page * pageRows < matrix.n; page++) yield readPage(db, matrix, page)
}
