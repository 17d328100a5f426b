import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { float32Pages, requireActivations } from '../../electron/engine/store/activations.ts'
import { listAtlases } from '../../electron/engine/store/atlases.ts'
import { listCells } from '../../electron/engine/store/cells.ts'
import { findIcon } from '../../electron/engine/store/icons.ts'
import { stabilityOfLayout } from '../../electron/engine/store/layout-stability.ts'
import { layoutPositions, listLayouts } from '../../electron/engine/store/layouts.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import { listSampleSets, readSamples } from '../../electron/engine/store/samples.ts'
import { portolan } from '../fixtures/command-line.ts'
import { below, plain, rowsOf, sectionsOf } from '../fixtures/markdown.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

const page = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8')
const PHOTOGRAPHS = 12
const SAMPLES = 4 * PHOTOGRAPHS

const folder = mkdtempSync(join(tmpdir(), 'portolan-parquet-'))
const path = (...names: string[]): string => join(folder, ...names)
const read = async (table: string): Promise<Record<string, unknown>[]> =>
  parquetReadObjects({ file: await asyncBufferFromFile(path('tables', `${table}.parquet`)), utf8: false })

const exported = (...options: readonly string[]) =>
  portolan('export', path('a.portolan'), '--parquet', path('tables'), '--json', ...options)

beforeAll(async () => {
  await writeNetwork(path('net.onnx'), { labels: Array.from({ length: 10 }, (_, i) => `n0000000${i} thing ${i}`) })
  await writePhotographs(path('photos'), PHOTOGRAPHS)
  const built = await portolan(
    ...['atlas', 'build', path('a.portolan'), '--model', path('net.onnx'), '--images', path('photos')],
    ...['--layers', 'mixed3a,mixed3b', '--grid', '2,4', '--min-samples', '2', '--preset', 'draft', '--steps', '2'],
    ...['--samples', String(SAMPLES)],
  )
  expect(built.status, built.err).toBe(0)
  const measured = await portolan('atlas', 'stability', path('a.portolan'), '--layer', 'mixed3b')
  expect(measured.status, measured.err).toBe(0)
  const { status, err } = await exported('--activations', '--attributions', '--icons')
  expect(status, err).toBe(0)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

describe('tables as Parquet', () => {
  it('have the columns and types that docs/formats.md describes', async () => {
    const types = { BOOLEAN: 'boolean', INT32: 'integer', FLOAT: 'float', DOUBLE: 'double', INT64: 'time' } as const
    const documented = new Map(
      below(sectionsOf(page), 'Tables as Parquet').map(({ title, body }) => [
        title.replace('.parquet', ''),
        rowsOf(body).map(([name, type]) => `${plain(name!)} ${type}`),
      ]),
    )
    const tables = readdirSync(path('tables')).map(file => file.replace('.parquet', ''))
    expect(tables).toContain('activations-1-mixed3a')
    for (const table of tables) {
      const file = await asyncBufferFromFile(path('tables', `${table}.parquet`))
      const { children } = parquetSchema(await parquetMetadataAsync(file))
      const columns = children.map(({ element, children: [list] }) => {
        const inner = list?.children[0]?.element.type
        const plainType = types[element.type as keyof typeof types]
        const type = list
          ? inner === 'FLOAT'
            ? 'floats'
            : 'integers'
          : (plainType ?? (element.converted_type === 'UTF8' ? 'text' : 'bytes'))
        return `${element.name} ${type}${element.repetition_type === 'OPTIONAL' ? ' or null' : ''}`
      })
      const kind = table.replace(/^(activations)-.*/, '$1-SET-LAYER').replace(/^(attributions)-.*/, '$1-SET-LAYER-KIND')
      const expected = documented.get(kind)!.map(line => line.replace(' json', ' text'))
      // Of attributions all values are stored here; the other two columns are of truncated ones.
      expect(columns, table).toEqual(kind.startsWith('attributions') ? expected.slice(0, 2) : expected)
    }
  })

  it('have the numbers of the project', async () => {
    using db = openProject(path('a.portolan'), { mode: 'read' })
    const set = listSampleSets(db)[0]!
    expect(await read('samples')).toEqual(
      readSamples(db, set.id, 0, set.n).map(({ image, v, u }, sample) => ({
        set: set.id,
        sample,
        photograph: image,
        v,
        u,
      })),
    )
    const positions = await read('positions')
    for (const { id } of listLayouts(db, set.id)) {
      const xy = positions.filter(({ layout }) => layout === id).flatMap(({ x, y }) => [x, y])
      expect(xy).toEqual([...layoutPositions(db, id)])
      const measured = stabilityOfLayout(db, id)
      const row = (await read('layouts')).find(({ layout }) => layout === id)!
      expect(row['stability'] ?? null).toBe(measured?.kept ?? null)
      const shares = positions.flatMap(({ layout, stability }) =>
        layout === id ? [Number(stability ?? Number.NaN)] : [],
      )
      if (measured) expect(shares.reduce((sum, share) => sum + share, 0) / set.n).toBeCloseTo(measured.kept, 12)
      else expect(new Set(shares)).toEqual(new Set([Number.NaN]))
    }
    expect(listLayouts(db, set.id).map(({ id }) => stabilityOfLayout(db, id) !== null)).toEqual([false, true])
    const rows = await read('activations-1-mixed3b')
    const matrix = requireActivations(db, set.id, listAtlases(db).find(({ layer }) => layer === 'mixed3b')!.tensor)
    const values = [...float32Pages(db, matrix)].flatMap(({ values }) => [...values])
    expect(rows.flatMap(({ activation }) => activation)).toEqual(values)
    const [cells, classes, icons] = [await read('cells'), await read('cell_classes'), await read('icons')]
    for (const { id } of listAtlases(db)) {
      const all = [2, 4].flatMap(grid => listCells(db, id, grid))
      const written = cells.filter(({ atlas }) => atlas === id)
      expect(written.map(({ row, column, samples, icon }) => [row, column, samples, icon])).toEqual(
        all.map(({ i, j, count, icon }) => [i, j, count, icon]),
      )
      expect(written.map(({ direction }) => direction ?? null)).toEqual(
        all.map(({ direction }) => direction && [...direction]),
      )
    }
    expect(classes.length).toBeGreaterThan(0)
    expect(icons.length).toBeGreaterThan(0)
    for (const { icon, picture, fidelity } of icons) {
      const stored = findIcon(db, icon as string)!
      expect([fidelity, picture]).toEqual([stored.fidelity, new Uint8Array(stored.webp!)])
    }
  })

  it('are smaller without what is written on request, and refuse a folder that is a file', async () => {
    rmSync(path('tables'), { recursive: true })
    expect((await exported()).status).toBe(0)
    const files = readdirSync(path('tables'))
    expect(files.filter(file => /^(activations|attributions)/.test(file))).toEqual([])
    expect((await read('icons'))[0]).not.toHaveProperty('picture')
    writeFileSync(path('file'), '')
    const refused = await portolan('export', path('a.portolan'), '--parquet', path('file'))
    expect([refused.status, refused.err]).toEqual([1, expect.stringMatching(/a part of its path is not a folder/)])
  })

  it('are read by pandas as the worked example does', context => {
    const python = 'python3'
    if (spawnSync(python, ['-c', 'import pandas, pyarrow']).status !== 0)
      context.skip('needs a python3 with pandas and pyarrow')
    const example = /```python\n(import pandas[\s\S]*?)```/.exec(page)![1]!
    const printed = execFileSync(python, ['-c', `DIR = ${JSON.stringify(path('tables'))}\n${example}`], {
      encoding: 'utf8',
    })
    expect(printed).toMatch(/mixed3a +\d+ +\d+/)
  })
})
