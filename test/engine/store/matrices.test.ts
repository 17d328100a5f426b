import { describe, expect, test } from 'vitest'
import { storedColumns } from '../../../electron/engine/class-atlas/columns.ts'
import { denseRows, findActivations, float16Pages, float32Pages } from '../../../electron/engine/store/activations.ts'
import {
  addAttributions,
  appendAttributions,
  findAttributions,
  strongestPages,
} from '../../../electron/engine/store/attributions.ts'
import { checkProject } from '../../../electron/engine/store/check.ts'
import { openProject } from '../../../electron/engine/store/open.ts'
import { pageRows } from '../../../electron/engine/store/page-rows.ts'
import { appendSamples, readSamples, sampleSet } from '../../../electron/engine/store/samples.ts'
import { command, type None, query } from '../../../electron/engine/store/sql.ts'
import { emptySet, marked, markedRows, samplesOf, temporaryProject } from './project.ts'

const layers = [
  { name: 'mixed3b', channels: 3 },
  { name: 'mixed4c', channels: 5 },
]

/** Appends `count` samples at once, or in batches. */
const fill = (db: Parameters<typeof emptySet>[0], count: number, batch: number) => {
  const { set, image } = emptySet(db, layers)
  for (let start = 0; start < count; start += batch) {
    const size = Math.min(batch, count - start)
    const activations = new Map(layers.map(({ name, channels }) => [name, markedRows(start, size, channels)]))
    appendSamples(db, set.id, start, samplesOf(image, size), activations)
  }
  return set
}

const countPages = query<None, { pages: number }>('SELECT count(*) AS pages FROM matrix_pages')

describe('activations', () => {
  test.each([
    { name: 'less than a page', count: 100, batch: 32, pages: 0 },
    { name: 'a page to the row', count: pageRows, batch: 4096, pages: 0 },
    { name: 'a batch across a page boundary', count: pageRows + 1000, batch: 5000, pages: 1 },
    { name: 'a batch of several pages', count: 2 * pageRows + 3, batch: 2 * pageRows + 3, pages: 1 },
  ])('come back row by row: $name', ({ count, batch, pages }) => {
    const db = temporaryProject()
    const set = fill(db, count, batch)
    expect(db.one(countPages, {})?.pages).toBe(pages * layers.length)
    expect(sampleSet(db, set.id)?.n).toBe(count)
    for (const { name, channels } of layers) {
      const matrix = findActivations(db, set.id, name)!
      let rows = 0
      for (const page of float32Pages(db, matrix)) {
        expect(page.start).toBe(rows)
        expect(page.values).toEqual(markedRows(page.start, page.count, channels))
        rows += page.count
      }
      expect(rows).toBe(count)
      for (const row of [0, count >> 1, count - 1])
        expect([...denseRows(db, matrix, [row])]).toEqual([...markedRows(row, 1, channels)])
    }
    expect(checkProject(db.file).faults).toEqual([])
  })

  test('are sealed into pages at different batches for different layers', () => {
    const db = temporaryProject()
    const names = Array.from({ length: 9 }, (_, index) => `layer ${index}`)
    const { set, image } = emptySet(
      db,
      names.map(name => ({ name, channels: 1 })),
    )
    const batch = 256
    const pages: number[] = []
    for (let n = 0; n < pageRows + 12 * batch; n += batch) {
      const activations = new Map(names.map(name => [name, markedRows(n, batch, 1)]))
      appendSamples(db, set.id, n, samplesOf(image, batch), activations)
      pages.push(db.one(countPages, {})!.pages)
    }
    expect(pages.at(-1)).toBe(names.length)
    pages.reduce((before, after) => {
      expect(after - before).toBeLessThanOrEqual(1)
      return after
    }, 0)
    expect(checkProject(db.file).faults).toEqual([])
  })

  test('are committed for all layers or for none', () => {
    const db = temporaryProject()
    const { set, image } = emptySet(db, layers)
    const wrong = new Map([
      ['mixed3b', markedRows(0, 4, 3)],
      ['mixed4c', markedRows(0, 3, 5)],
    ])
    expect(() => appendSamples(db, set.id, 0, samplesOf(image, 4), wrong)).toThrow('3 activations at mixed4c')
    expect(findActivations(db, set.id, 'mixed3b')?.n).toBe(0)
    expect(readSamples(db, set.id, 0, 10)).toEqual([])
    expect(checkProject(db.file).faults).toEqual([])
  })

  test('cannot be appended twice or with a gap', () => {
    const db = temporaryProject()
    const { set, image } = emptySet(db, [{ name: 'mixed3b', channels: 3 }])
    const append = (start: number) =>
      appendSamples(db, set.id, start, samplesOf(image, 4), new Map([['mixed3b', markedRows(start, 4, 3)]]))
    append(0)
    expect(() => append(0)).toThrow()
    expect(() => append(5)).toThrow('rows 5… appended to mixed3b, which has 4')
    expect(append(4)).toBe(8)
  })

  test('beyond the range of float16 are clipped and counted', () => {
    const db = temporaryProject()
    const { set, image } = emptySet(db, [{ name: 'mixed3b', channels: 3 }])
    const values = Float32Array.of(70_000, -1e9, 65_504)
    appendSamples(db, set.id, 0, samplesOf(image, 1), new Map([['mixed3b', values]]))
    const matrix = findActivations(db, set.id, 'mixed3b')!
    expect(matrix.clipped).toBe(2)
    expect([...denseRows(db, matrix, [0])]).toEqual([65_504, -65_504, 65_504])
  })

  test('are read as they were at the beginning while another connection appends and seals', () => {
    const db = temporaryProject()
    const set = fill(db, pageRows + 100, 4096)
    using reader = openProject(db.file, { mode: 'read' })
    const matrix = findActivations(reader, set.id, 'mixed3b')!
    const pages = float16Pages(reader, matrix)
    const first = pages.next().value!
    const image = readSamples(db, set.id, 0, 1)[0]!.image
    const size = pageRows
    appendSamples(
      db,
      set.id,
      pageRows + 100,
      samplesOf(image, size),
      new Map(layers.map(({ name, channels }) => [name, markedRows(pageRows + 100, size, channels)])),
    )
    const second = pages.next().value!
    expect([first.count, second.count]).toEqual([pageRows, 100])
    expect(second.values[0]).toBe(marked(pageRows, 0))
    expect(pages.next().done).toBe(true)
    expect(findActivations(reader, set.id, 'mixed3b')?.n).toBe(2 * pageRows + 100)
  })
})

describe('attributions', () => {
  const classes = 30
  /** Every class another value, both signs; exact in float16. */
  const attribution = (sample: number) =>
    Float32Array.from({ length: classes }, (_, index) => ((index * 11 + sample * 5) % classes) - 12)
  const rows = (count: number) => {
    const values = new Float32Array(count * classes)
    for (let sample = 0; sample < count; sample++) values.set(attribution(sample), sample * classes)
    return values
  }
  const filled = (kept?: number) => {
    const db = temporaryProject()
    const { set, image } = emptySet(db, [{ name: 'mixed4c', channels: 1 }])
    appendSamples(db, set.id, 0, samplesOf(image, 50), new Map([['mixed4c', markedRows(0, 50, 1)]]))
    const place = { set: set.id, tensor: 'mixed4c', layer: 'mixed4c' }
    const shape = { ...place, kind: 'exact', classifier: 'c', classes } as const
    const matrix = addAttributions(db, kept === undefined ? shape : { ...shape, kept })
    appendAttributions(db, matrix, 0, rows(20))
    appendAttributions(db, matrix, 20, rows(50).subarray(20 * classes))
    return { db, matrix: findAttributions(db, set.id, 'mixed4c', 'exact', 'c')! }
  }

  test('that are complete are known for every sample and class', async () => {
    const { db, matrix } = filled()
    const { values, count } = (await storedColumns(db, matrix, [7]))[0]!
    expect([...values]).toEqual(Array.from({ length: 50 }, (_, sample) => attribution(sample)[7]))
    expect(count).toBe(50)
  })

  test('that are truncated are known for the strongest of each sign, and report for how many', async () => {
    const kept = 4
    const { db, matrix } = filled(kept)
    expect(matrix).toMatchObject({ kept, rowBytes: 32, n: 50 })
    const expected = (sample: number) => {
      const all = [...attribution(sample)]
      const sorted = all.toSorted((a, b) => b - a)
      return all.map(value =>
        value >= Math.max(1, sorted[kept - 1]!) || value <= sorted.at(-kept)! ? value : undefined,
      )
    }
    const column = (await storedColumns(db, matrix, [7]))[0]!
    const truth = Array.from({ length: 50 }, (_, sample) => expected(sample)[7])
    expect(Array.from(column.values, (value, sample) => (column.known[sample] ? value : undefined))).toEqual(truth)
    expect(column.count).toBe(truth.filter(value => value !== undefined).length)
    expect(column.count).toBeGreaterThan(0)
    expect(column.count).toBeLessThan(50)
    const [page, ...more] = strongestPages(db, matrix)
    expect(more).toEqual([])
    expect([...page!.rows.values.subarray(0, 2 * kept)]).toEqual([17, 16, 15, 14, -12, -11, -10, -9])
  })
})

test('a hundred thousand samples of 512 channels are read in bounded memory', () => {
  const db = temporaryProject()
  const channels = 512
  const count = 100_000
  const { set } = emptySet(db, [{ name: 'mixed4c', channels }])
  const matrix = findActivations(db, set.id, 'mixed4c')!
  // The blobs are made by SQLite: what is measured is reading.
  const page = command<{ matrix: number; bytes: number }>(`
    WITH RECURSIVE page (number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM page WHERE number < 5)
    INSERT INTO matrix_pages SELECT @matrix, number, zeroblob(@bytes) FROM page
  `)
  const tail = command<{ matrix: number; start: number; count: number; bytes: number }>(`
    INSERT INTO matrix_tails VALUES (@matrix, @start, @count, zeroblob(@bytes))
  `)
  const grow = command<{ n: number }>('UPDATE matrices SET n = @n')
  const rest = count - 6 * pageRows
  db.run(page, { matrix: matrix.id, bytes: pageRows * channels * 2 })
  db.run(tail, { matrix: matrix.id, start: 6 * pageRows, count: rest, bytes: rest * channels * 2 })
  db.run(grow, { n: count })
  const before = process.memoryUsage.rss()
  let rows = 0
  let peak = 0
  for (let time = 0; time < 3; time++)
    for (const { count: some } of float32Pages(db, findActivations(db, set.id, 'mixed4c')!)) {
      rows += some
      peak = Math.max(peak, process.memoryUsage.rss())
    }
  expect(rows).toBe(3 * count)
  // A page is 17 MB in SQLite, 17 MB as float16 and 34 MB as float32, twice while the next one is made, and the garbage
  // collector lets a few lie. All that passes through here is 920 MB.
  expect((peak - before) / 1e6).toBeLessThan(260)
})
