import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { listAtlases } from '../../electron/engine/store/atlases.ts'
import { listCells, listGrids } from '../../electron/engine/store/cells.ts'
import { checkProject } from '../../electron/engine/store/check.ts'
import { findIcon } from '../../electron/engine/store/icons.ts'
import { alignmentOf, listLayouts } from '../../electron/engine/store/layouts.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import { listFolders, listImages } from '../../electron/engine/store/photographs.ts'
import { listSampleSets } from '../../electron/engine/store/samples.ts'
import {
  Built,
  buildsIn,
  buildUndisturbed,
  built,
  contents,
  GRIDS,
  MIN_SAMPLES,
  outcomes,
  PHOTOGRAPHS,
  portolan,
  SAMPLES,
} from '../fixtures/atlas-build.ts'

const folder = mkdtempSync(join(tmpdir(), 'portolan-build-'))
const builds = buildsIn(folder)
const { path, given, order, small, undisturbed } = builds

beforeAll(() => buildUndisturbed(builds))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('an atlas', () => {
  it('holds every sample in every grid, and shows an icon for every cell with enough of them', () => {
    using db = openProject(undisturbed(), { mode: 'read' })
    const atlases = listAtlases(db)
    expect(atlases.map(({ layer }) => layer)).toEqual(['mixed3b', 'mixed4a'])
    for (const { id, finished } of atlases) {
      expect(finished).not.toBeNull()
      expect(listGrids(db, id).map(({ grid }) => grid)).toEqual(GRIDS)
      for (const grid of GRIDS) {
        const cells = listCells(db, id, grid)
        expect(cells.reduce((sum, { count }) => sum + count, 0)).toBe(SAMPLES)
        for (const { count, icon, direction } of cells) {
          expect([icon !== null, direction !== null]).toEqual([count >= MIN_SAMPLES, count >= MIN_SAMPLES])
          if (icon !== null) expect(findIcon(db, icon)?.webp?.subarray(8, 12)).toEqual(Buffer.from('WEBP'))
        }
      }
    }
    const [photos, ...others] = listFolders(db)
    expect([photos?.path, others]).toEqual([path('photos'), []])
    const images = listImages(db, photos!.id)
    expect(images.map(({ relative, status }) => [relative, status])).toEqual(
      Array.from({ length: PHOTOGRAPHS }, (_, i) => [`${String(i).padStart(3, '0')}.jpg`, 'ok']),
    )
    expect(checkProject(undisturbed()).faults).toEqual([])
  })

  it('names every stage as it begins, also those before the first photograph and the first icon', async () => {
    const { status, err } = await portolan(small(path('stages.portolan')))
    expect(status, err).toBe(0)
    const at = (stage: string): number => err.indexOf(`${stage}: 0 of `)
    const order = [
      'compiling the network',
      'samples',
      'mixed4a: second moment',
      'mixed4a: compiling the inversion',
      'mixed4a: icons',
    ]
    expect(order.map(at).filter(place => place < 0)).toEqual([])
    expect(order.map(at)).toEqual(order.map(at).toSorted((a, b) => a - b))
  })

  it('is identical in another folder, bit by bit, and differs with another seed', async () => {
    await mkdir(path('elsewhere'))
    const elsewhere = path('elsewhere', 'again.portolan')
    await built(order(elsewhere))
    const expected = contents(undisturbed())
    expect(contents(elsewhere)).toEqual(expected)

    await built([...small(path('seed.portolan')), '--seed', '1'])
    const other = contents(path('seed.portolan'))
    expect(other.cells[0]!.grids[0]).not.toEqual(expected.cells[1]!.grids[1])
    expect(Object.keys(other.icons).filter(key => key in expected.icons)).toEqual([])
    const webps = new Set(Object.values(expected.icons).map(({ webp }) => webp))
    expect(Object.values(other.icons).filter(({ webp }) => webps.has(webp))).toEqual([])
  })

  it('is reused when it is built again; a later grid or layout computes only what is new', async () => {
    const project = path('grown.portolan')
    await copyFile(undisturbed(), project)
    const { photographs, ...others } = outcomes(await built(order(project)))
    expect(photographs).toBe('computed')
    expect(new Set(Object.values(others))).toEqual(new Set(['reused']))
    expect(contents(project)).toEqual(contents(undisturbed()))

    expect(outcomes(await built([...small(project), '--grid', '4,3']))).toEqual({
      photographs: 'computed',
      samples: 'reused',
      'mixed4a: second moment': 'reused',
      'mixed4a: layout': 'reused',
      'mixed4a: 4 × 4 cells': 'reused',
      'mixed4a: 3 × 3 cells': 'computed',
      'mixed4a: 4 × 4 labels': 'reused',
      'mixed4a: 3 × 3 labels': 'computed',
      'mixed4a: icons': 'continued',
    })
    // So few samples fill no finer grid.
    const auto = outcomes(await built([...given(project), '--layers', 'mixed4a', '--grid', 'auto']))
    expect(Object.keys(auto).filter(name => name.endsWith('cells'))).toEqual(['mixed4a: 10 × 10 cells'])
    const tsne = outcomes(await built([...small(project), '--method', 'tsne']))
    expect([tsne.samples, tsne['mixed4a: layout'], tsne['mixed4a: icons']]).toEqual(['reused', 'computed', 'computed'])
    using db = openProject(project, { mode: 'read' })
    const grids = listAtlases(db).map(({ id, layer }) => [layer, listGrids(db, id).map(({ grid }) => grid)])
    expect(grids).toEqual([
      ['mixed3b', [2, 4]],
      ['mixed4a', [2, 3, 4, 10]],
      ['mixed4a', [4]],
    ])
    const [, first, second] = listAtlases(db).map(({ name }) => name)
    expect(first).toBe('mixed4a, draft')
    expect(second).toMatch(/^mixed4a, draft, tsne/)
    for (const { id } of listAtlases(db)) for (const { samples } of listGrids(db, id)) expect(samples).toBe(SAMPLES)
    expect(checkProject(project).faults).toEqual([])
  })
})

it('--dry-run estimates time, disk and memory without building', async () => {
  const before = await readdir(folder, { recursive: true })
  const { status, out, err } = await portolan([...order(path('never.portolan')), '--dry-run'])
  expect(status, err).toBe(0)
  const positive = z.number().positive()
  const Estimated = z.object({
    samples: z.literal(SAMPLES),
    icons: positive,
    seconds: z.object({ samples: positive, layouts: positive, icons: positive }),
    diskBytes: positive,
    memoryBytes: positive,
  })
  expect(Estimated.safeParse(JSON.parse(out)).error).toBeUndefined()
  expect(await readdir(folder, { recursive: true })).toEqual(before)
})

describe('layers that are aligned', () => {
  it('have layouts of their own in addition to those of each layer, which the next run reuses', async () => {
    const file = path('aligned.portolan')
    await copyFile(undisturbed(), file)
    const Aligned = Built.extend({
      atlases: z.array(z.object({ layer: z.string(), displacement: z.number().nullable() })),
    })
    const run = async () => {
      const ended = await portolan([...order(file), '--align'])
      expect(ended.status, ended.err).toBe(0)
      return Aligned.parse(JSON.parse(ended.out))
    }
    const first = await run()
    expect(outcomes(first)).toMatchObject({ 'aligned layouts': 'computed', 'mixed3b: layout': 'reused' })
    const [early, late] = first.atlases
    expect(early!.displacement).toBeGreaterThan(0)
    expect(early!.displacement).toBeLessThan(1)
    expect(late!.displacement).toBeNull()
    const again = await run()
    expect(outcomes(again)).toMatchObject({ 'aligned layouts': 'reused' })
    expect(again.atlases).toEqual(first.atlases)
    using db = openProject(file, { mode: 'read' })
    const layouts = listLayouts(db, listSampleSets(db)[0]!.id)
    expect(layouts.map(({ layer, name }) => [layer, name.endsWith('aligned')])).toEqual([
      ['mixed3b', false],
      ['mixed4a', false],
      ['mixed3b', true],
      ['mixed4a', true],
    ])
    // The window moves cells between layers of one key only.
    const [alone, , ...together] = layouts.map(alignmentOf)
    expect(alone).toBeNull()
    expect(together).toEqual([together[0], together[0]])
    expect(together[0]).not.toBeNull()
  })

  it.each([
    [['--layers', 'mixed4a'], 'at least two layers'],
    [['--layers', 'mixed3b,mixed4a', '--method', 'tsne'], 'needs UMAP'],
  ])('are refused with %j', async (args, message) => {
    const ended = await portolan([...given(path('refused.portolan')), ...args, '--align'])
    expect(ended.status).toBe(2)
    expect(ended.err).toContain(message)
    expect(existsSync(path('refused.portolan'))).toBe(false)
  })
})
