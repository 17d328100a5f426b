import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { addAttributions, appendAttributions } from '../../../electron/engine/store/attributions.ts'
import { checkProject } from '../../../electron/engine/store/check.ts'
import { adoptChecksums, compareChecksums, markDamaged } from '../../../electron/engine/store/checksums.ts'
import { migrate } from '../../../electron/engine/store/migrate.ts'
import { combined, markedSum, rowSum } from '../../../electron/engine/store/row-sum.ts'
import { addSampleSet, appendSamples, removeSampleSet } from '../../../electron/engine/store/samples.ts'
import { putSavedItem, removeSavedItem } from '../../../electron/engine/store/saved-items.ts'
import type { Writable } from '../../../electron/engine/store/sql.ts'
import { emptySet, markedRows, samplesOf, temporaryProject } from './project.ts'

/** Changes a project as damage does: without the knowledge of Portolan. */
const tamper = (db: Writable, sql: string): void => {
  const other = new Database(db.file)
  other.pragma('foreign_keys = OFF')
  other.exec(sql)
  other.close()
}
const sumsOf = (db: Writable) => {
  const other = new Database(db.file, { readonly: true })
  onTestFinished(() => void other.close())
  return compareChecksums(other)
}
const filled = (): Writable => {
  const db = temporaryProject()
  const { set, image } = emptySet(db, [{ name: 'mixed4c', channels: 4 }])
  appendSamples(db, set.id, 0, samplesOf(image, 3000), new Map([['mixed4c', markedRows(0, 3000, 4)]]))
  putSavedItem(db, 'note', 'a', { text: 'one' }, 1)
  return db
}

test('sums follow what is inserted, replaced, updated and removed, also by a cascade', () => {
  const db = filled()
  putSavedItem(db, 'note', 'a', { text: 'another' }, 2)
  putSavedItem(db, 'note', 'b', { text: 'two' }, 3)
  removeSavedItem(db, 'note', 'b')
  const second = addSampleSet(db, { key: 'other', model: 'model', input: null, seed: 2, perImage: 1, images: 'a' }, [
    { name: 'mixed4c', tensor: 'mixed4c', channels: 4 },
  ])
  appendSamples(db, second.id, 0, samplesOf(1, 1500), new Map([['mixed4c', markedRows(0, 1500, 4)]]))
  removeSampleSet(db, second.id)
  expect(sumsOf(db).flatMap(({ table, damaged }) => damaged.map(part => `${table} ${part}`))).toEqual([])
  expect(sumsOf(db).find(({ table }) => table === 'samples')).toMatchObject({ rows: 3000, adopted: 0 })
  expect(checkProject(db.file).faults).toEqual([])
})

test.each([
  { what: 'a value of many', sql: 'UPDATE samples SET v = 0.25 WHERE idx = 1700', part: 'samples "1 1"' },
  {
    what: 'two values that changed places',
    sql: `UPDATE samples SET v = iif(idx = 5, 0.002, 0.0016666666666666668) WHERE idx IN (5, 6)`,
    part: 'samples "1 0"',
  },
  {
    what: 'one byte of activations',
    sql: `UPDATE matrix_tails SET data = zeroblob(length(data))`,
    part: 'matrix_tails "1 0"',
  },
  { what: 'a text', sql: `UPDATE saved_items SET value = '{"text":"two"}'`, part: 'saved_items "note a"' },
  { what: 'a row that is missing', sql: 'DELETE FROM saved_items', part: 'saved_items "note a"' },
  { what: 'a row too many', sql: `INSERT INTO folders (id, name) VALUES (9, 'x')`, part: 'folders "9"' },
  { what: 'a sum', sql: `UPDATE checksums SET sum = sum + 1 WHERE relation = 'models'`, part: 'models "model"' },
  {
    what: 'a sum that is called adopted',
    sql: `UPDATE checksums SET adopted = 1 WHERE relation = 'models'`,
    part: 'models "model"',
  },
])('$what is found', ({ sql, part }) => {
  const db = filled()
  tamper(db, sql)
  const { faults } = checkProject(db.file)
  expect(faults, faults.join('\n')).toContain(`${part}: the contents do not match the checksum`)
})

test('damaged rows stay marked as damaged when they are written to, and when an update computes sums again', () => {
  const db = filled()
  tamper(db, `UPDATE sample_sets SET images = 'b'; UPDATE models SET name = 'another'`)
  appendSamples(db, 1, 3000, samplesOf(1, 10), new Map([['mixed4c', markedRows(3000, 10, 4)]]))
  const damaged = () =>
    sumsOf(db)
      .flatMap(({ table, damaged }) => damaged.map(part => `${table} ${part}`))
      .toSorted()
  expect(damaged()).toEqual(['models model', 'sample_sets 1'])
  const other = new Database(db.file)
  markDamaged(other, compareChecksums(other))
  adoptChecksums(other)
  other.close()
  expect(damaged()).toEqual(['models model', 'sample_sets 1'])
})

test('an update records of which rows it has computed the sums from what it found', () => {
  const db = filled()
  tamper(db, 'DELETE FROM checksums')
  const other = new Database(db.file)
  adoptChecksums(other)
  other.close()
  const { faults, rows, adopted } = checkProject(db.file)
  expect([faults, adopted]).toEqual([[], rows])
  putSavedItem(db, 'note', 'new', {}, 4)
  putSavedItem(db, 'note', 'a', { text: 'another' }, 5)
  appendSamples(db, 1, 3000, samplesOf(1, 10), new Map([['mixed4c', markedRows(3000, 10, 4)]]))
  const after = checkProject(db.file)
  expect(after).toMatchObject({ faults: [], rows: rows + 12 })
  expect(after.adopted).toBeGreaterThan(adopted)
})

test('an adopted sum that is no longer called so is found', () => {
  const db = filled()
  tamper(db, 'DELETE FROM checksums')
  const other = new Database(db.file)
  adoptChecksums(other)
  other.close()
  tamper(db, `UPDATE checksums SET adopted = 0 WHERE relation IN ('models', 'samples')`)
  expect(checkProject(db.file).faults).toEqual([
    'models "model": the contents do not match the checksum',
    ...[0, 1, 2].map(part => `samples "1 ${part}": the contents do not match the checksum`),
  ])
})

test('adopted sums of a version without marks are as valid as before, and are marked by the update', () => {
  const db = filled()
  db.close()
  const other = new Database(db.file)
  adoptChecksums(other)
  other.exec(
    `UPDATE checksums SET adopted = 1 WHERE relation = 'models'; UPDATE checksums SET sum = 1 WHERE relation = 'folders'`,
  )
  // Version 15 had no tables and indices of later ones.
  other.exec('DROP TABLE layout_repeats; DROP TABLE layout_stability; DROP INDEX cells_by_grid')
  other.pragma('user_version = 15')
  expect(compareChecksums(other).map(({ adopted }) => adopted)).toContain(1)
  const sumOf = () => other.prepare(`SELECT sum FROM checksums WHERE relation = 'models'`).pluck().get() as number
  const before = sumOf()
  // It called a table otherwise, too.
  other.exec(`ALTER TABLE saved_items RENAME TO keepsakes;
    UPDATE checksums SET relation = 'keepsakes' WHERE relation = 'saved_items'`)
  migrate(other)
  expect(sumOf()).toBe(markedSum(before, true))
  other.close()
  const { faults, adopted } = checkProject(db.file)
  expect([faults, adopted]).toEqual([['folders "1": the contents do not match the checksum'], 1])
})

test('a sum depends on every value, its column and its type, and not on columns without a value', () => {
  const sum = rowSum(['a', 'b'])
  const values = fc.oneof(fc.string(), fc.double(), fc.constant(null), fc.uint8Array({ maxLength: 20_000 }))
  fc.assert(
    fc.property(values, values, values, (a, b, other) => {
      expect(sum(a, b)).toBe(sum(a, b))
      expect(rowSum(['a', 'b', 'c'])(a, b, null)).toBe(sum(a, b))
      const isOther = !Object.is(a, other) && Buffer.from(String(a)).compare(Buffer.from(String(other))) !== 0
      if (isOther) expect(sum(other, b)).not.toBe(sum(a, b))
      if (isOther) expect(sum(other, a)).not.toBe(sum(a, other))
    }),
    { seed: 4 },
  )
  expect(sum('1', null)).not.toBe(sum(1, null))
  expect(sum(Buffer.from('x'), null)).not.toBe(sum('x', null))
  expect(combined(combined(sum(1, 2), sum(3, 4)), sum(3, 4))).toBe(sum(1, 2))
})

test('truncated attributions with unused places are whole', () => {
  const db = filled()
  const matrix = addAttributions(db, {
    ...{ set: 1, tensor: 'mixed4c', layer: 'mixed4c', classifier: 'c', kind: 'exact' as const, classes: 10, kept: 20 },
  })
  appendAttributions(
    db,
    matrix,
    0,
    Float32Array.from({ length: 30 }, (_, at) => at - 15),
  )
  expect(checkProject(db.file).faults).toEqual([])
})
