import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { startOfAtlas, startOfIcon } from '../../electron/engine/atlas/start-record.ts'
import { classParams } from '../../electron/engine/class-atlas/order.ts'
import { listAtlases } from '../../electron/engine/store/atlases.ts'
import { listCells } from '../../electron/engine/store/cells.ts'
import { findIcon } from '../../electron/engine/store/icons.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import { buildsIn, contents, PHOTOGRAPHS, portolan, SAMPLES } from '../fixtures/atlas-build.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'portolan-starts-'))
const { path, given } = buildsIn(folder)
const Outcome = z.object({
  atlases: z.array(z.object({ start: z.string(), icons: z.int(), from_noise: z.int() })),
})

/** A build of one layer; fine grids have cells of fewer than three photographs. */
async function build(project: string, grid: string, ...more: readonly string[]) {
  const ended = await portolan([...given(path(project)), '--layers', 'mixed4a', '--grid', grid, ...more])
  expect(ended.status, ended.err).toBe(0)
  return Outcome.parse(JSON.parse(ended.out)).atlases[0]!
}

function iconsOf(project: string, atlas: number, grid: number) {
  using db = openProject(path(project), { mode: 'read' })
  const record = listAtlases(db)[atlas]!
  const icons = listCells(db, record.id, grid).flatMap(({ icon, count }) =>
    icon === null ? [] : [{ key: icon, count, icon: findIcon(db, icon)! }],
  )
  return { record, icons }
}

beforeAll(async () => {
  await writeNetwork(path('net.onnx'))
  await writePhotographs(path('photos'), PHOTOGRAPHS)
  await build('noise.portolan', '2')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('icons that start from photographs', () => {
  test('are others than from noise, say so, and are beside those in one project', async () => {
    const outcome = await build('noise.portolan', '2', '--start', 'photographs')
    expect(outcome).toMatchObject({ start: 'photographs', from_noise: 0 })
    const [noise, photographs] = [iconsOf('noise.portolan', 0, 2), iconsOf('noise.portolan', 1, 2)]
    expect([noise, photographs].map(({ record }) => startOfAtlas(record))).toEqual(['noise', 'photographs'])
    expect(photographs.record.name).toBe('mixed4a, draft from photographs')
    expect(photographs.icons.length).toBe(noise.icons.length)
    for (const [at, { key, icon }] of photographs.icons.entries()) {
      expect(startOfIcon(icon)).toBe('photographs (blurred mean of 12 crops)')
      expect(icon.preset).toMatchObject({ start: { kind: 'photographs', crops: 12, blur: 9, minimum: 3 } })
      expect(startOfIcon(noise.icons[at]!.icon)).toBe('noise')
      expect(key).not.toBe(noise.icons[at]!.key)
      expect(icon.webp).not.toEqual(noise.icons[at]!.icon.webp)
    }
  })

  test('have the same bytes in another project, and a finished build makes none again', async () => {
    await build('again.portolan', '2', '--start', 'photographs')
    const { icons } = contents(path('again.portolan'))
    const { icons: both } = contents(path('noise.portolan'))
    expect(Object.keys(icons).length).toBeGreaterThan(0)
    expect(both).toMatchObject(icons)
    await build('again.portolan', '2', '--start', 'photographs')
    expect(contents(path('again.portolan')).icons).toEqual(icons)
  })

  test('start from noise where too few photographs are behind a cell, which is said and recorded', async () => {
    const { from_noise: fromNoise, icons: all } = await build('fine.portolan', '8', '--start', 'photographs')
    expect(fromNoise).toBeGreaterThan(0)
    expect(fromNoise).toBeLessThan(all)
    const text = [...given(path('fine.portolan')), '--layers', 'mixed4a', '--grid', '8', '--start', 'photographs']
    const { out } = await portolan(text.filter(word => word !== '--json'))
    expect(out).toContain(
      `mixed4a: ${all - fromNoise} icons started from photographs (the blurred mean of crops behind the cell), ${fromNoise} from noise`,
    )
    const { icons } = iconsOf('fine.portolan', 0, 8)
    const started = icons.filter(({ icon }) => startOfIcon(icon) === 'noise (fewer than 3 photographs behind the cell)')
    expect(started.length).toBe(fromNoise)
    for (const { icon } of started) expect(icon.preset).not.toHaveProperty('start')
    // A cell of two samples has two photographs at most.
    for (const { icon, count } of icons.filter(({ icon }) => !started.some(each => each.icon === icon))) {
      const crops = z.object({ startedFromCrops: z.int().min(3) }).parse(icon.preset).startedFromCrops
      expect(crops).toBeLessThanOrEqual(Math.min(12, count))
      expect(startOfIcon(icon)).toBe(`photographs (blurred mean of ${crops} crops)`)
    }
    for (const { icon, count } of icons) if (count < 3) expect(startOfIcon(icon)).toMatch(/^noise \(/)
    expect(icons.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(SAMPLES)
  })

  test('are refused where the photographs are missing, with the name of one, and made once they are back', async () => {
    renameSync(path('photos'), path('gone'))
    const again = [
      'atlas',
      'layout',
      path('noise.portolan'),
      '--layers',
      'mixed4a',
      '--grid',
      '3',
      '--min-samples',
      '2',
    ]
    const order = [...again, '--preset', 'draft', '--steps', '3', '--start', 'photographs', '--json']
    const refused = await portolan(order)
    expect(refused.status).not.toBe(0)
    expect(refused.err).toMatch(/photos.*\.jpg is missing/)
    renameSync(path('gone'), path('photos'))
    const made = await portolan(order)
    expect(made.status, made.err).toBe(0)
    expect(Outcome.parse(JSON.parse(made.out)).atlases[0]!.start).toBe('photographs')
  })

  test('are of full atlases only: a class atlas of one starts from noise', () => {
    const { record } = iconsOf('noise.portolan', 1, 2)
    const { inversion, preset } = classParams(record, {
      ...{ class: 0, grids: [2], minSamples: 1, layoutSeed: 0, preset: null, steps: null },
      filter: { rank: 1, magnitude: null, sign: 'positive' },
      layout: { method: 'umap', neighbours: 5, minDist: 0.1, metric: 'cosine' },
    })
    expect(preset).toBe('draft')
    expect(inversion.steps).toBe(3)
    expect(inversion).not.toHaveProperty('start')
  })

  test('are offered by name only', async () => {
    const { status, err } = await portolan([...given(path('no.portolan')), '--start', 'crop'])
    expect(status).toBe(2)
    expect(err).toMatch(/--start.*noise.*photographs/s)
  })
})
