import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Output } from '../../electron/contract/calls.ts'
import { type ClassAtlas, classLayouts, noCell } from '../../electron/contract/class-atlas.ts'
import { noOtherClass, otherClassCount } from '../../electron/contract/comparison.ts'
import { MIN_PHOTOGRAPHS } from '../../electron/contract/inference.ts'
import { smallPlan } from '../fixtures/atlas-plan.ts'
import { EngineClient } from '../fixtures/engine-client.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

/** Class atlases and comparisons as the window requests them: a small network, 60 photographs, 240 samples. */
const SAMPLES = 240
const folder = mkdtempSync(join(tmpdir(), 'portolan-rpc-class-'))
let engine: EngineClient
let whole: Output<'atlas.list'>[number]

const done = async (job: number) => expect(await engine.ended(job)).toMatchObject({ state: 'done', error: null })

beforeAll(async () => {
  await writeNetwork(join(folder, 'net.onnx'))
  await writePhotographs(join(folder, 'photographs'), SAMPLES / 4)
  engine = await EngineClient.start(folder)
  await engine.call('project.create', { file: join(folder, 'small.portolan') })
  const { hash: model } = await engine.call('models.add', { file: join(folder, 'net.onnx') })
  await done((await engine.call('folder.add', { folder: join(folder, 'photographs') })).job)
  const { job } = await engine.call(
    'atlas.build',
    smallPlan({ model, layers: ['mixed3b'], samples: SAMPLES, grids: [2, 4], steps: 3 }),
  )
  await done(job)
  whole = (await engine.call('atlas.list', {}))[0]!
}, 120_000)

afterAll(async () => {
  await engine.stop()
  rmSync(folder, { recursive: true, force: true })
})

const filter = { rank: 3, magnitude: 60, sign: 'positive' } as const
const common = () => ({
  from: whole.id,
  filter,
  grids: [2, 4],
  minSamples: 1,
  layoutSeed: 0,
  preset: null,
  steps: null,
})

describe('a class atlas', () => {
  let atlas: ClassAtlas

  beforeAll(async () => {
    const plan = { ...common(), class: 3, layout: { ...classLayouts.tsne, perplexity: 5 } }
    const begun = await engine.call('classAtlas.build', plan)
    expect(begun.atlas).toBeNull()
    await done(begun.job!)
    atlas = (await engine.call('classAtlas.list', {})).find(each => each.plan === begun.plan)!
    expect(await engine.call('classAtlas.build', plan)).toEqual({ plan: begun.plan, atlas: atlas.id, job: null })
  }, 60_000)

  test('is in a list of its own, and reports its class and filter', async () => {
    expect(atlas).toMatchObject({ from: whole.id, layer: 'mixed3b', stage: 'refined', method: 'tsne', note: null })
    expect(atlas.job).toBeNull()
    expect(await engine.call('atlas.list', {})).toHaveLength(1)
    expect((await engine.call('project.summary', {}))!.atlases).toBe(1)
    const { counts, extent } = await engine.call('classAtlas.counts', { from: whole.id, class: 3, filter })
    expect(atlas.scope).toEqual({ kind: 'class', class: 3, filter, counts, extent })
    expect(counts).toMatchObject({ before: SAMPLES, known: SAMPLES, byMagnitude: 60 })
    expect(atlas.samples).toBe(counts.after)
    expect(atlas.grids.map(({ grid }) => grid)).toEqual([2, 4])
  })

  test('says with which minimum of samples a cell is shown, and which smaller one shows enough of them', async () => {
    expect(atlas).toMatchObject({ minSamples: 1, fewer: null })
    const plan = { ...common(), grids: [8], class: 3, layout: { ...classLayouts.tsne, perplexity: 5 } }
    const { job, plan: key } = await engine.call('classAtlas.build', { ...plan, minSamples: 4 })
    await done(job!)
    const coarse = (await engine.call('classAtlas.list', {})).find(each => each.plan === key)!
    const [grid] = coarse.grids
    expect(grid!.samplesShown).toBeLessThan(0.8 * coarse.samples)
    expect(coarse.fewer!.minSamples).toBeLessThan(coarse.minSamples)
    expect(coarse.fewer!.samples).toBeGreaterThanOrEqual(0.8 * coarse.samples)
    // What it promises is what is shown then.
    const again = await engine.call('classAtlas.build', { ...plan, minSamples: coarse.fewer!.minSamples })
    await done(again.job!)
    const finer = (await engine.call('classAtlas.list', {})).find(each => each.plan === again.plan)!
    expect(finer).toMatchObject({ minSamples: coarse.fewer!.minSamples, fewer: null })
    expect(finer.grids[0]!.samplesShown).toBe(coarse.fewer!.samples)
    for (const one of [coarse, finer]) await engine.call('classAtlas.remove', { atlas: one.id })
  }, 60_000)

  test('whose job was cancelled names it, so that it can be resumed, until its plan is done', async () => {
    const given = { ...common(), class: 5, layout: { ...classLayouts.tsne, perplexity: 5 }, steps: 3000 }
    const { plan, job } = await engine.call('classAtlas.build', given)
    const listed = async () => (await engine.call('classAtlas.list', {})).find(each => each.plan === plan)
    await expect.poll(listed, { timeout: 30_000 }).toMatchObject({ job })
    await engine.call('jobs.cancel', { job: job! })
    expect(await engine.ended(job!)).toMatchObject({ state: 'cancelled' })
    expect(await listed()).toMatchObject({ job })
    const resumed = await engine.call('jobs.resume', { job: job! })
    await expect.poll(listed, { timeout: 30_000 }).toMatchObject({ job: resumed.job })
    await engine.call('jobs.cancel', { job: resumed.job })
    await engine.ended(resumed.job)
    await engine.call('classAtlas.remove', { atlas: (await listed())!.id })
  }, 60_000)

  test('reports its first and its refined layout', async () => {
    const changes = engine.received.filter(
      ({ name, given }) => name === 'cells.changed' && (given as { atlas: number }).atlas === atlas.id,
    )
    expect(changes.length).toBeGreaterThanOrEqual(2)
  })

  test('supports the calls of every atlas: cells, attribution, details, photographs', async () => {
    const cells = await engine.call('atlas.cells', { atlas: atlas.id, grid: 4 })
    expect(cells.count.reduce((a, b) => a + b, 0)).toBe(atlas.samples)
    expect([...cells.state].every(state => state === 2)).toBe(true)
    const attributions = await engine.call('atlas.attribution', { atlas: atlas.id, grid: 4, classes: [3] })
    expect(attributions).toMatchObject({ known: atlas.samples, of: atlas.samples })
    const measured = await engine.call('classAtlas.cells', { atlas: atlas.id, grid: 4 })
    expect(measured.tested).toBe(measured.photographs.filter(n => n >= MIN_PHOTOGRAPHS).length)
    for (const [k, value] of measured.attribution.entries()) {
      expect(value).toBeCloseTo(attributions.values[k]!, 4)
      if (measured.photographs[k]! < MIN_PHOTOGRAPHS)
        expect([measured.low[k], measured.significant[k]]).toEqual([NaN, 0])
      else expect(measured.low[k]! <= value && value <= measured.high[k]!).toBe(true)
      if (measured.significant[k] === 1) expect(measured.low[k]!).toBeGreaterThan(measured.mean)
    }
    const [i, j] = [cells.i[0]!, cells.j[0]!]
    const detail = await engine.call('cell.detail', { atlas: atlas.id, grid: 4, i, j, classes: 10, nearest: 50 })
    expect(detail.count).toBe(cells.count[0])
    expect(detail.nearest).toHaveLength(Math.min(50, detail.count))
    const own = [...detail.for, ...detail.against].find(({ index }) => index === 3)!
    expect(attributions.values[0]).toBeCloseTo(own.value, 4)
  })

  test('locates its cells in the whole atlas, and those of the whole in itself', async () => {
    const to = { atlas: whole.id, grid: 4 }
    const cells = await engine.call('atlas.cells', { atlas: atlas.id, grid: 4 })
    const there = await engine.call('atlas.cells', to)
    const origins = await engine.call('classAtlas.origins', { atlas: atlas.id, grid: 4, to })
    expect(origins.x).toHaveLength(cells.i.length)
    for (const [k, cell] of origins.cell.entries()) {
      expect(origins.x[k]! >= 0 && origins.x[k]! <= 1 && origins.spread[k]! >= 0).toBe(true)
      expect(cell === noCell || cell < there.i.length).toBe(true)
      expect(origins.share[k]! >= 0 && origins.share[k]! <= 1).toBe(true)
    }
    const all = Array.from(cells.i.keys())
    const [found] = await engine.call('cell.linked', { atlas: atlas.id, grid: 4, cells: all, others: [to] })
    expect(found!.counts.reduce((a, b) => a + b, 0) + found!.hidden).toBe(atlas.samples)
    const [back] = await engine.call('cell.linked', {
      ...to,
      cells: Array.from(there.i.keys()),
      others: [{ atlas: atlas.id, grid: 4 }],
    })
    // Of the samples that the whole atlas shows, only those that passed the filter are here.
    expect(back!.counts.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(atlas.samples)
    expect(back!.hidden).toBe(0)
  })

  test('sums, with its hidden cells, to the attribution of its samples; the whole atlas to that of all samples', async () => {
    const grids = [
      { atlas: whole.id, grid: 4 },
      { atlas: atlas.id, grid: 4 },
    ]
    const [all, part] = await engine.call('classAtlas.layers', { grids, class: 3, against: null })
    const [other] = await engine.call('classAtlas.layers', { grids, class: 7, against: null })
    const [difference] = await engine.call('classAtlas.layers', { grids, class: 3, against: 7 })
    if (atlas.scope.kind === 'class') expect(all!.total).toBeCloseTo(atlas.scope.extent.sum, 3)
    for (const share of [all!, part!, difference!]) {
      const sum = share.cells.reduce((a, b) => a + b, 0) + share.hidden
      expect(Math.abs(sum - share.total)).toBeLessThan(1e-3 * Math.max(1, share.positive - share.negative))
      expect(share.total).toBeCloseTo(share.positive + share.negative, 6)
    }
    expect([all!.samples, part!.samples]).toEqual([SAMPLES, atlas.samples])
    expect(difference!.total).toBeCloseTo(all!.total - other!.total, 3)
    expect(part!.negative).toBe(0)
  })

  test('is begun from a whole atlas only, of a class that there is', async () => {
    const layout = classLayouts.tsne
    await expect(engine.call('classAtlas.build', { ...common(), from: atlas.id, class: 1, layout })).rejects.toThrow(
      'begin from a whole atlas',
    )
    await expect(engine.call('classAtlas.build', { ...common(), class: 10, layout })).rejects.toThrow(
      'there is no class 10: Net has 10',
    )
    await expect(
      engine.raw('classAtlas.counts', {
        from: whole.id,
        class: 3,
        filter: { rank: null, magnitude: null, sign: 'positive' },
      }),
    ).rejects.toThrow('takes rank, magnitude or both')
  })
})

describe('a comparison', () => {
  let atlas: ClassAtlas

  beforeAll(async () => {
    const begun = await engine.call('comparison.build', { ...common(), left: 7, right: 3 })
    await done(begun.job!)
    atlas = (await engine.call('classAtlas.list', {})).find(each => each.plan === begun.plan)!
    expect(await engine.call('comparison.build', { ...common(), left: 3, right: 7 })).toMatchObject({ atlas: atlas.id })
  }, 60_000)

  test('reports for every cell the class it favours, mirrored when sides are swapped', async () => {
    expect(atlas.scope).toMatchObject({ kind: 'comparison', left: 3, right: 7 })
    if (atlas.scope.kind === 'comparison') expect(atlas.scope.crossFit!.photographs[0]).toBeGreaterThan(MIN_PHOTOGRAPHS)
    const place = { atlas: atlas.id, grid: 4 }
    const cells = await engine.call('atlas.cells', place)
    const one = await engine.call('comparison.cells', { ...place, swap: false })
    const other = await engine.call('comparison.cells', { ...place, swap: true })
    expect(one.otherClasses).toHaveLength(cells.i.length * otherClassCount)
    expect(one.tested).toBe(one.photographs.filter(n => n >= MIN_PHOTOGRAPHS).length)
    expect(other.mean).toBe(-one.mean)
    for (let k = 0; k < cells.i.length; k++) {
      expect(one.column[k]).toBe(cells.j[k])
      expect(other.column[k]).toBe(3 - cells.j[k]!)
      expect(one.lean[k]).toBeCloseTo(2 * cells.x[k]! - 1, 5)
      expect(other.lean[k]).toBe(-one.lean[k]!)
      expect([other.left[k], other.low[k]]).toEqual([one.right[k], -one.high[k]!])
      expect(other.significant[k]).toBe(one.significant[k])
      expect(Number.isNaN(one.low[k]!)).toBe(one.photographs[k]! < MIN_PHOTOGRAPHS)
      if (one.significant[k] === 1)
        expect(one.low[k]! > Math.max(0, one.mean) || one.high[k]! < Math.min(0, one.mean)).toBe(true)
    }
    expect(
      [...one.otherClasses].every(index => index === noOtherClass || (index < 10 && index !== 3 && index !== 7)),
    ).toBe(true)
  })

  test('ranks what separates the two, for either side and swapped', async () => {
    const place = { atlas: atlas.id, grid: 4 }
    const { cells: both } = await engine.call('comparison.ranked', {
      ...place,
      swap: false,
      toward: 'both',
      limit: 100,
    })
    const { cells: right } = await engine.call('comparison.ranked', {
      ...place,
      swap: false,
      toward: 'right',
      limit: 100,
    })
    const { cells: turned } = await engine.call('comparison.ranked', {
      ...place,
      swap: true,
      toward: 'left',
      limit: 100,
    })
    expect(both.length).toBe((await engine.call('atlas.cells', place)).i.length)
    expect(right.map(({ cell }) => cell)).toEqual(
      both.filter(({ toward }) => toward === 'right').map(({ cell }) => cell),
    )
    expect(turned.map(({ cell }) => cell)).toEqual(right.map(({ cell }) => cell))
    const significant = both.map(each => each.significant)
    expect(significant).toEqual(significant.toSorted((a, b) => Number(b) - Number(a)))
    expect(
      both.every(
        ({ state, low, high, difference, photographs }) =>
          state === 2 &&
          (low === null || high === null
            ? photographs < MIN_PHOTOGRAPHS
            : photographs >= MIN_PHOTOGRAPHS && low <= difference && difference <= high),
      ),
    ).toBe(true)
  })

  test('can be removed, and another atlas with its number is another one', async () => {
    await engine.call('classAtlas.remove', { atlas: atlas.id })
    await expect(engine.call('comparison.cells', { atlas: atlas.id, grid: 4, swap: false })).rejects.toThrow(
      'no class atlas',
    )
    const begun = await engine.call('comparison.build', { ...common(), left: 1, right: 5 })
    await done(begun.job!)
    const [next] = await engine.call('classAtlas.list', {})
    expect(next!.scope).toMatchObject({ left: 1, right: 5 })
    const cells = await engine.call('atlas.cells', { atlas: next!.id, grid: 4 })
    const columns = await engine.call('comparison.cells', { atlas: next!.id, grid: 4, swap: false })
    expect(columns.lean).toHaveLength(cells.i.length)
    expect(cells.count.reduce((a, b) => a + b, 0)).toBe(next!.samples)
  })
})
