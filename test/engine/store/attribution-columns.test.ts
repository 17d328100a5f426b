import { describe, expect, test } from 'vitest'
import { storedColumns } from '../../../electron/engine/class-atlas/columns.ts'
import { columnPages, rowsOfColumns } from '../../../electron/engine/store/attribution-columns.ts'
import { addAttributions, appendAttributions, findAttributions } from '../../../electron/engine/store/attributions.ts'
import { checkProject } from '../../../electron/engine/store/check.ts'
import { type Matrix, pages } from '../../../electron/engine/store/matrices.ts'
import { openProject } from '../../../electron/engine/store/open.ts'
import { pageRows } from '../../../electron/engine/store/page-rows.ts'
import { markedSum } from '../../../electron/engine/store/row-sum.ts'
import { appendSamples } from '../../../electron/engine/store/samples.ts'
import { command, type None, query, type Writable } from '../../../electron/engine/store/sql.ts'
import { emptySet, markedRows, samplesOf, temporaryProject, who } from './project.ts'

const classes = 9
const count = 2 * pageRows + 700
/** Exact in float16, both signs, now and then no value of a sign. */
const value = (sample: number, index: number): number =>
  sample % 17 === 0 ? index + 1 : ((index * 11 + sample * 5) % 23) - 11

const filled = (kept: number | undefined, batch = 5000) => {
  const db = temporaryProject()
  const { set, image } = emptySet(db, [{ name: 'mixed4c', channels: 1 }])
  appendSamples(db, set.id, 0, samplesOf(image, count), new Map([['mixed4c', markedRows(0, count, 1)]]))
  const shape = { set: set.id, tensor: 'mixed4c', layer: 'mixed4c', kind: 'exact', classifier: 'c', classes } as const
  const matrix = addAttributions(db, kept === undefined ? shape : { ...shape, kept })
  for (let start = 0; start < count; start += batch) {
    const size = Math.min(batch, count - start)
    const values = Float32Array.from({ length: size * classes }, (_, p) =>
      value(start + Math.floor(p / classes), p % classes),
    )
    appendAttributions(db, matrix, start, values)
  }
  return { db, set, matrix: findAttributions(db, set.id, 'mixed4c', 'exact', 'c')! }
}

/** All rows as bytes, page by page. */
const bytesOfPages = (db: Writable, matrix: Matrix) => Array.from(pages(db, matrix), ({ data }) => Buffer.from(data))

const insertPage = command<{ matrix: number; page: number; data: Uint8Array }>(`
  INSERT INTO matrix_pages (matrix, page, data) VALUES (@matrix, @page, @data)
`)
const dropColumns = command<{ page: number }>('DELETE FROM attribution_columns WHERE page = @page')
const damage = command<{ part: string }>(
  `UPDATE checksums SET sum = sum + 1 WHERE relation = 'matrix_pages' AND part = @part`,
)
const sumOfPage = query<{ part: string }, { sum: number }>(
  `SELECT sum FROM checksums WHERE relation = 'matrix_pages' AND part = @part`,
)
const adopt = command<{ part: string; sum: number }>(
  `UPDATE checksums SET adopted = 1, sum = @sum WHERE relation = 'matrix_pages' AND part = @part`,
)
const pagesByRow = query<None, { page: number }>(
  "SELECT page FROM matrix_pages JOIN matrices ON id = matrix WHERE kind <> 'activation'",
)

/** Stores a full page by sample, as earlier versions did. */
const storeByRow = (db: Writable, matrix: Matrix, page: number): void => {
  const data = rowsOfColumns(db, matrix, page)!
  db.run(dropColumns, { page })
  db.run(insertPage, { matrix: matrix.id, page, data })
}

describe.each([{ kept: undefined }, { kept: 3 }])('full pages of attributions, kept: $kept', ({ kept }) => {
  test('are stored by class, and give the rows that were appended', () => {
    const { db, matrix } = filled(kept)
    expect(columnPages(db, matrix.id)).toBe(2)
    // Of another matrix no page is full: all its rows are still stored as they were appended.
    const rows = Buffer.concat(bytesOfPages(db, matrix))
    expect(rows.length).toBe(count * matrix.rowBytes)
    const halves = new Float16Array(rows.buffer, rows.byteOffset, rows.length / 2)
    if (kept === undefined)
      for (const sample of [0, 17, pageRows - 1, pageRows, 2 * pageRows, count - 1])
        expect([...halves.subarray(sample * classes, (sample + 1) * classes)]).toEqual(
          Array.from({ length: classes }, (_, index) => value(sample, index)),
        )
    expect(checkProject(db.file).faults).toEqual([])
  })

  test('give each class the values of its samples', async () => {
    const { db, matrix } = filled(kept)
    const order = [7, 2, 2 + 1]
    for (const [at, column] of (await storedColumns(db, matrix, order)).entries()) {
      expect(column.index).toBe(order[at])
      let known = 0
      for (let sample = 0; sample < count; sample++) {
        const all = Array.from({ length: classes }, (_, index) => value(sample, index))
        const own = value(sample, column.index)
        const stronger = all.filter((v, i) =>
          own > 0 ? v > own || (v === own && i < column.index) : v < own || (v === own && i < column.index),
        ).length
        const isKnown = kept === undefined || (own !== 0 && stronger < kept)
        if (column.known[sample] !== Number(isKnown) || column.values[sample] !== (isKnown ? own : 0))
          throw new Error(`sample ${sample} of class ${column.index}`)
        known += Number(isKnown)
      }
      expect(column.count).toBe(known)
    }
  })

  test('that an earlier version stored by sample are stored by class when the project is opened', async () => {
    const { db, matrix } = filled(kept)
    const [before] = await storedColumns(db, matrix, [4])
    const rows = bytesOfPages(db, matrix)
    for (const page of [0, 1]) storeByRow(db, matrix, page)
    // Also what is not moved yet can be read.
    expect((await storedColumns(db, matrix, [4]))[0]).toEqual(before)
    db.close()
    using again = openProject(db.file, { mode: 'write', who })
    expect(again.all(pagesByRow, {})).toEqual([])
    expect(columnPages(again, matrix.id)).toBe(2)
    expect(bytesOfPages(again, matrix)).toEqual(rows)
    expect((await storedColumns(again, matrix, [4]))[0]).toEqual(before)
    expect(checkProject(db.file).faults).toEqual([])
  })
})

test('a page whose sum an update has computed is moved, and stays marked as such', () => {
  const { db, matrix } = filled(3)
  storeByRow(db, matrix, 1)
  const part = `${matrix.id} 1`
  const { sum } = db.one(sumOfPage, { part })!
  db.run(adopt, { part, sum: markedSum(sum, true) })
  expect(checkProject(db.file)).toMatchObject({ faults: [], adopted: 1 })
  db.close()
  using again = openProject(db.file, { mode: 'write', who })
  expect(again.all(pagesByRow, {})).toEqual([])
  expect(checkProject(db.file)).toMatchObject({ faults: [], adopted: classes })
})

test('a damaged page of an earlier version is not moved, and stays reported', () => {
  const { db, matrix } = filled(3)
  storeByRow(db, matrix, 1)
  db.run(damage, { part: `${matrix.id} 1` })
  db.close()
  using again = openProject(db.file, { mode: 'write', who })
  expect(again.all(pagesByRow, {})).toEqual([{ page: 1 }])
  expect(checkProject(db.file).faults).toEqual([
    `matrix_pages "${matrix.id} 1": the contents do not match the checksum`,
  ])
})

test('entries beyond their page are refused when the column is read', async () => {
  const { db, matrix } = filled(3)
  const change = command<{ data: Uint8Array }>(
    'UPDATE attribution_columns SET data = @data WHERE class = 4 AND page = 0',
  )
  for (const bits of [
    [5, 0, 0, 5, 1, 0],
    [pageRows, 0, 0],
    [5, 6, 0],
  ]) {
    db.run(change, { data: new Uint8Array(Uint16Array.from(bits).buffer) })
    await expect(storedColumns(db, matrix, [4])).rejects.toThrow(
      'page 0 of the attributions at mixed4c is not complete',
    )
    expect(() => [...pages(db, matrix)]).toThrow('is not complete')
  }
})

test('one class of many samples is read without the others', async () => {
  const { db, matrix } = filled(undefined, count)
  const change = command<None>("UPDATE attribution_columns SET data = x'00' WHERE class <> 4")
  db.run(change, {})
  expect((await storedColumns(db, matrix, [4]))[0]!.values[pageRows]).toBe(value(pageRows, 4))
})
