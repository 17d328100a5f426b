import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Output } from '../../electron/contract/calls.ts'
import { classLayouts, gridNear, originGrid } from '../../electron/contract/class-atlas.ts'
import type { PublishedIndex, PublishedText } from '../../electron/contract/published.ts'
import { unpack } from '../../electron/contract/published-parts.ts'
import { smallPlan } from '../fixtures/atlas-plan.ts'
import { EngineClient } from '../fixtures/engine-client.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

/** A published page replies as the engine does, read from its files. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-publish-'))
const page = join(folder, 'page')
const TEXT: PublishedText = {
  title: 'A "small" <network>',
  authors: 'A. Author',
  text: 'First.\n\nSecond & third.',
  license: 'CC BY 4.0',
  citation: 'Author 2026',
}
const SAMPLES = 240
const PHOTOGRAPHS = 60

/** The text of a part, from its file, as the browser would hand it over. */
function partText(name: string): string {
  const found = /^portolanPart\("([^"]+)","([A-Za-z0-9+/=]*)"\)\n$/.exec(
    readFileSync(join(page, `data/${name}.js`), 'utf8'),
  )
  expect(found?.[1]).toBe(name)
  return found![2]!
}
vi.mock('../../renderer/published/parts.ts', () => ({
  partValue: async (name: string) => unpack(partText(name)),
  partText: async (name: string) => partText(name),
}))
const { bridge } = await import('../../renderer/published/bridge.ts')

let engine: EngineClient
let atlases: Output<'atlas.list'>
let classAtlases: Output<'classAtlas.list'>
const done = async (job: number) => expect(await engine.ended(job)).toMatchObject({ state: 'done', error: null })
const choice = () => ({
  atlases: atlases.map(({ id }) => id),
  classAtlases: classAtlases.map(({ id }) => id),
  photographs: true,
})
const bytesOf = (at: string): number =>
  readdirSync(at, { recursive: true, encoding: 'utf8' })
    .map(name => statSync(join(at, name)))
    .filter(about => about.isFile())
    .reduce((sum, { size }) => sum + size, 0)

beforeAll(async () => {
  await writeNetwork(join(folder, 'net.onnx'))
  await writePhotographs(join(folder, 'photographs'), PHOTOGRAPHS)
  engine = await EngineClient.start(folder)
  await engine.call('project.create', { file: join(folder, 'small.portolan') })
  const { hash: model } = await engine.call('models.add', { file: join(folder, 'net.onnx') })
  await done((await engine.call('folder.add', { folder: join(folder, 'photographs') })).job)
  const layers = ['mixed3a', 'mixed3b']
  await done(
    (await engine.call('atlas.build', smallPlan({ model, layers, samples: SAMPLES, grids: [2, 4], steps: 2 }))).job,
  )
  atlases = await engine.call('atlas.list', {})
  const common = {
    from: atlases[1]!.id,
    filter: { rank: 3, magnitude: 60, sign: 'positive' as const },
    ...{ grids: [2, 4], minSamples: 1, layoutSeed: 0, preset: null, steps: null },
  }
  const layout = { ...classLayouts.tsne, perplexity: 5 }
  await done((await engine.call('classAtlas.build', { ...common, class: 3, layout })).job!)
  await done((await engine.call('comparison.build', { ...common, left: 1, right: 4 })).job!)
  classAtlases = (await engine.call('classAtlas.list', {})).filter(({ stage }) => stage === 'refined')
  await engine.call('publish.write', { choice: choice(), text: TEXT, folder: page })
}, 900_000)

afterAll(async () => {
  await engine.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('a published page', () => {
  test('has the grids of every atlas as the engine has them', async () => {
    for (const { id, grids } of [...atlases, ...classAtlases])
      for (const { grid } of grids) {
        const ref = { atlas: id, grid }
        for (const name of ['atlas.cells', 'atlas.labels', 'atlas.fidelity', 'atlas.stability'] as const)
          expect(await bridge.call(name, ref), name).toEqual(await engine.call(name, ref))
        const some = { ...ref, each: 3 }
        expect(await bridge.call('atlas.classes', some)).toEqual(await engine.call('atlas.classes', some))
      }
  })

  test('has the attribution of every class, to 1/254 of its extreme', async () => {
    const { grids, id } = atlases[1]!
    const ask = { atlas: id, grid: grids.at(-1)!.grid, classes: [7, 0, 3] }
    const [own, engines] = [await bridge.call('atlas.attribution', ask), await engine.call('atlas.attribution', ask)]
    expect(own.max).toEqual(engines.max)
    expect(own.min).toEqual(engines.min)
    expect([own.known, own.of]).toEqual([engines.known, engines.of])
    const cells = engines.values.length / 3
    for (const [at, value] of engines.values.entries()) {
      const k = Math.floor(at / cells)
      const extreme = Math.max(engines.max[k]!, -engines.min[k]!)
      expect(Math.abs(own.values[at]! - value)).toBeLessThanOrEqual(extreme / 254 + 1e-6)
    }
  })

  test('follows samples from layer to layer', async () => {
    const [from, to] = [atlases[0]!, atlases[1]!]
    for (const { grid } of from.grids) {
      const ask = {
        ...{ atlas: from.id, grid, cells: [0, 1] },
        others: to.grids.map(each => ({ atlas: to.id, grid: each.grid })),
      }
      expect(await bridge.call('cell.linked', ask)).toEqual(await engine.call('cell.linked', ask))
    }
  })

  test('describes every cell, without paths of the machine', async () => {
    const { id, grids } = atlases[1]!
    const { grid } = grids.at(-1)!
    const { i, j } = await engine.call('atlas.cells', { atlas: id, grid })
    for (const [k, row] of i.entries()) {
      const ask = { atlas: id, grid, i: row, j: j[k]!, classes: 10, nearest: 6 }
      const [own, engines] = [await bridge.call('cell.detail', ask), await engine.call('cell.detail', ask)]
      expect(own).toEqual({
        ...engines,
        channels: [],
        neighbours: expect.arrayContaining([...engines.neighbours]),
        nearest: engines.nearest.map(crop => ({ ...crop, file: crop.file.replace(/^.*\//, '') })),
      })
      expect(own.neighbours).toHaveLength(engines.neighbours.length)
      expect(own.nearest.length).toBeGreaterThan(0)
    }
    const parts = readdirSync(join(page, 'data'), { recursive: true, encoding: 'utf8' }).filter(
      name => name.endsWith('.js') && !/icons|photographs/.test(name),
    )
    for (const name of parts) expect(JSON.stringify(await unpack(partText(name.slice(0, -3))))).not.toContain(folder)
  })

  test('has class atlases and comparisons', async () => {
    for (const { id, from, scope, grids } of classAtlases) {
      const whole = atlases.find(each => each.id === from)!
      const to = { atlas: whole.id, grid: gridNear(whole, originGrid)! }
      for (const { grid } of grids) {
        const ref = { atlas: id, grid }
        expect(await bridge.call('classAtlas.origins', { ...ref, to })).toEqual(
          await engine.call('classAtlas.origins', { ...ref, to }),
        )
        if (scope.kind === 'class') {
          expect(await bridge.call('classAtlas.cells', ref)).toEqual(await engine.call('classAtlas.cells', ref))
          continue
        }
        for (const swap of [false, true]) {
          const cells = { ...ref, swap }
          expect(await bridge.call('comparison.cells', cells)).toEqual(await engine.call('comparison.cells', cells))
          const ranked = { ...cells, toward: 'left' as const, limit: 3 }
          expect(await bridge.call('comparison.ranked', ranked)).toEqual(await engine.call('comparison.ranked', ranked))
        }
      }
      const shares = {
        grids: atlases.map(atlas => ({ atlas: atlas.id, grid: gridNear(atlas, 10)! })),
        ...(scope.kind === 'class'
          ? { class: scope.class, against: null }
          : { class: scope.right, against: scope.left }),
      }
      expect(await bridge.call('classAtlas.layers', shares)).toEqual(await engine.call('classAtlas.layers', shares))
    }
  })

  test('passes on the licences of the packages in its script', () => {
    const licenses = readFileSync(join(page, 'licenses.txt'), 'utf8')
    for (const name of ['react', 'react-dom', 'scheduler', 'three', 'zod'])
      expect(licenses).toMatch(new RegExp(`^  ${name} [\\d.]+: MIT$`, 'm'))
    expect(licenses.match(/^Permission is hereby granted/gm)!.length).toBeGreaterThan(1)
  })

  test('names its text, escaped, and its contents', async () => {
    const index = (await unpack(partText('index'))) as PublishedIndex
    expect(index.text).toEqual(TEXT)
    expect(index.classAtlases).toHaveLength(2)
    const html = readFileSync(join(page, 'index.html'), 'utf8')
    expect(html).toContain('<title>A &quot;small&quot; &lt;network&gt;</title>')
    expect(html).toContain('<p>Second &amp; third.</p>')
    expect(html).not.toMatch(/https?:\/\//)
  })

  test('has about the size that was estimated', async () => {
    const estimated = await engine.call('publish.estimate', choice())
    const bytes = bytesOf(page)
    expect(estimated.photographs).toBe(PHOTOGRAPHS)
    expect(estimated.uncredited).toBe(PHOTOGRAPHS)
    expect(Math.abs(estimated.bytes / bytes - 1)).toBeLessThan(0.1)
    const photographs = estimated.parts.find(({ name }) => name === 'photographs')!.bytes
    const published = bytesOf(join(page, 'data/photographs'))
    expect(photographs / published).toBeGreaterThan(0.8)
  })

  test('is the same when it is published again, and replaces the one before', async () => {
    const before = readFileSync(join(page, 'index.html'))
    writeFileSync(join(page, 'data/left-behind.js'), '')
    await engine.call('publish.write', { choice: choice(), text: TEXT, folder: page })
    expect(readFileSync(join(page, 'index.html'))).toEqual(before)
    expect(existsSync(join(page, 'data/left-behind.js'))).toBe(false)
  })

  test('never replaces another folder, nor leaves a part of a page behind', async () => {
    const other = join(folder, 'other')
    mkdirSync(other)
    writeFileSync(join(other, 'thesis.txt'), 'words')
    const refused = engine.call('publish.write', { choice: choice(), text: TEXT, folder: other })
    await expect(refused).rejects.toThrow(/cannot publish to .*other: it holds other files \(thesis\.txt\)/)
    expect(readdirSync(other)).toEqual(['thesis.txt'])
    const cancelled = engine.call('publish.write', { choice: choice(), text: TEXT, folder: join(folder, 'new') })
    const outcome = expect(cancelled).rejects.toThrow('publishing was cancelled; nothing was written')
    await engine.call('publish.cancel', {})
    await outcome
    expect(readdirSync(folder).filter(name => name === 'new' || name.startsWith('.portolan-'))).toEqual([])
  })

  test('counts only photographs with samples in its atlases', async () => {
    await writePhotographs(join(folder, 'unsampled'), PHOTOGRAPHS + 3)
    await done((await engine.call('folder.add', { folder: join(folder, 'unsampled') })).job)
    const { photographs, uncredited } = await engine.call('publish.estimate', choice())
    expect([photographs, uncredited]).toEqual([PHOTOGRAPHS, PHOTOGRAPHS])
  })

  test('takes no class atlas without its whole atlas', async () => {
    const part = { ...choice(), atlases: [atlases[0]!.id] }
    await expect(engine.call('publish.estimate', part)).rejects.toThrow(/without the atlas of mixed3b/)
  })
})
