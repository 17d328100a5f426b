import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { classLayouts, defaultMinSamples } from '../../electron/contract/class-atlas.ts'
import { ClassSelection, ComparisonSelection, type SampleFilter } from '../../electron/contract/class-selection.ts'
import { MIN_PHOTOGRAPHS } from '../../electron/contract/inference.ts'
import { byClosedForm, closedForm } from '../../electron/engine/attribution/closed-form.ts'
import { placeSamples } from '../../electron/engine/class-atlas/axis.ts'
import { buildClassAtlas } from '../../electron/engine/class-atlas/build.ts'
import { readColumns, readRankedColumns } from '../../electron/engine/class-atlas/columns.ts'
import { notesOf } from '../../electron/engine/class-atlas/lay-out.ts'
import {
  CLASS_ATLAS,
  type ClassAtlasJob,
  classParams,
  comparisonParams,
  earlierPlanKey,
  planKey,
} from '../../electron/engine/class-atlas/order.ts'
import { photographsOf } from '../../electron/engine/class-atlas/photographs.ts'
import { selectSamples } from '../../electron/engine/class-atlas/selection.ts'
import { shareOf } from '../../electron/engine/class-atlas/shares.ts'
import { readPart, readRows, type Source } from '../../electron/engine/class-atlas/source.ts'
import { comparisonCells } from '../../electron/engine/comparison/cells.ts'
import { runJob } from '../../electron/engine/jobs/run.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { findLayer } from '../../electron/engine/model/layers.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { bodyOf } from '../../electron/engine/pipelines/kinds.ts'
import { classifierKey } from '../../electron/engine/registry/enter.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { halvesOf } from '../../electron/engine/statistics/cross-fit.ts'
import { findActivations, float32Pages } from '../../electron/engine/store/activations.ts'
import { listAtlases } from '../../electron/engine/store/atlases.ts'
import { addAttributions, appendAttributions } from '../../electron/engine/store/attributions.ts'
import { countsOfCells, listCells } from '../../electron/engine/store/cells.ts'
import { checkProject } from '../../electron/engine/store/check.ts'
import { listClassAtlases, removeClassAtlas } from '../../electron/engine/store/class-atlases.ts'
import { findIcon } from '../../electron/engine/store/icons.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import { sampleSet } from '../../electron/engine/store/samples.ts'
import type { Writable } from '../../electron/engine/store/sql.ts'
import { subsetPositions } from '../../electron/engine/store/subset-layouts.ts'
import { startPortolan } from '../fixtures/command-line.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

const PHOTOGRAPHS = 80
const SAMPLES = 4 * PHOTOGRAPHS
/** mixed3b keeps its attributions in the store; for the other layer the closed form holds. */
const LAYERS = ['mixed3b', 'mixed4a'] as const

let folder: string
let db: Writable
let runtime: Runtime
let classifier: Classifier

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-class-'))
  const path = (name: string): string => join(folder, name)
  await writeNetwork(path('net.onnx'))
  await writePhotographs(path('photos'), PHOTOGRAPHS)
  const built = await startPortolan(
    ...['atlas', 'build', path('a.portolan'), '--model', path('net.onnx'), '--images', path('photos')],
    ...['--samples', String(SAMPLES), '--layers', LAYERS.join(), '--grid', '4', '--min-samples', '2'],
    ...['--preset', 'draft', '--steps', '3'],
  ).ended
  expect(built.status, built.err).toBe(0)
  db = openProject(path('a.portolan'), { mode: 'write', who: { command: 'a test' } })
  runtime = await createCpuRuntime({ threads: 1 })
  classifier = await loadClassifier(path('net.onnx'))
}, 120_000)

afterAll(async () => {
  db.close()
  await runtime.close()
  await rm(folder, { recursive: true, force: true })
})

const baseOf = (layer: string) => listAtlases(db).find(atlas => atlas.layer === layer)!
const sourceOf = (layer: string): Source => {
  const { set, attribution } = baseOf(layer)
  return { db, set, classifier, layer: findLayer(classifier, layer), attribution, runtime }
}
const positive = (rank: number | null, magnitude: number | null): SampleFilter => ({
  rank,
  magnitude,
  sign: 'positive',
})

/** The minimum of samples that cells were made with, as atlases store it. */
const MinimumOf = z.object({ minSamples: z.int() })
const common = { grids: [2, 4], minSamples: 1, layoutSeed: 0, preset: null, steps: null } as const
type Change = Partial<Parameters<typeof classParams>[1]>
const orderOf = (layer: string, params: ClassAtlasJob['params']): ClassAtlasJob => {
  const base = baseOf(layer)
  return { model: join(folder, 'net.onnx'), samples: sampleSet(db, base.set)!.key, base: base.key, params }
}
const classOrder = (layer: string, change: Change = {}): ClassAtlasJob =>
  orderOf(
    layer,
    classParams(baseOf(layer), {
      ...common,
      class: 3,
      filter: positive(2, 40),
      layout: { ...classLayouts.tsne, perplexity: 5 },
      ...change,
    }),
  )
const comparisonOrder = (layer: string, left: number, right: number, filter = positive(2, 60)): ClassAtlasJob =>
  orderOf(layer, comparisonParams(baseOf(layer), { ...common, filter, left, right }))

const run = (order: ClassAtlasJob, changed?: () => void) =>
  runJob(db, CLASS_ATLAS, JSON.parse(JSON.stringify(order)), job =>
    buildClassAtlas(db, order, { classifier, runtime, ...(changed && { changed }) }, job),
  )

/** Attributions of all samples to all classes, straight from the activations or the store. */
async function allAttributions(layer: string): Promise<Float32Array> {
  const source = sourceOf(layer)
  const n = findActivations(db, source.set, layer)!.n
  const all = new Float32Array(n * 10)
  const every = Uint32Array.from({ length: n }, (_, s) => s)
  for await (const { start, values } of readPart(source, every, readRows(source, every))) all.set(values, start * 10)
  return all
}

describe.each(LAYERS)('attribution of samples to classes at %s', layer => {
  it('is the same by columns, by parts, and by the definition', async () => {
    const source = sourceOf(layer)
    const all = await allAttributions(layer)
    const form = closedForm(classifier, source.layer)
    expect(form === undefined).toBe(layer === 'mixed3b')
    const columns = await readRankedColumns(source, [3, 7], 'positive')
    for (const { index, values, ranks, known, count } of columns) {
      expect(count).toBe(SAMPLES)
      expect([...known]).toEqual(new Array(SAMPLES).fill(1))
      for (let s = 0; s < SAMPLES; s++) {
        const own = all[s * 10 + index]!
        // By the closed form one column is summed in float64, all columns in float32.
        if (form) expect(values[s]).toBeCloseTo(own, 4)
        else expect(values[s]).toBe(own)
        const stronger = Array.from(all.subarray(s * 10, s * 10 + 10)).filter(
          (value, c) => value > own || (value === own && c < index),
        )
        expect(ranks[s]).toBe(stronger.length + 1)
      }
    }
    const plain = await readColumns(source, [3, 7])
    expect(plain).toEqual(columns.map(({ index, values, known, count }) => ({ index, values, known, count })))
    if (form)
      for (const { start, values } of float32Pages(db, findActivations(db, source.set, layer)!))
        for (const [p, value] of byClosedForm(values, form).entries()) expect(all[start * 10 + p]).toBeCloseTo(value, 4)
    const some = Uint32Array.of(0, 5, 6, 200, SAMPLES - 1)
    const rows = readRows(source, some)
    for await (const { start, values } of readPart(source, some, rows))
      for (const [p, value] of values.entries())
        expect(value).toBeCloseTo(all[some[start + Math.floor(p / 10)]! * 10 + (p % 10)]!, 4)
  })

  it('adds up: cells and hidden cells hold the attributions of all samples, for every class', async () => {
    const all = await allAttributions(layer)
    const atlas = baseOf(layer)
    for (const column of await readColumns(sourceOf(layer), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])) {
      const share = shareOf(db, atlas, 4, column.values, sample => column.known[sample] === 1)
      const sum = all.reduce((total, value, p) => (p % 10 === column.index ? total + value : total), 0)
      // `all` is summed in float32 where the closed form holds.
      expect(share.total).toBeCloseTo(sum, 3)
      const total = column.values.reduce((a, b) => a + b, 0)
      expect(share.total).toBeCloseTo(total, 6)
      expect(share.cells.reduce((a, b) => a + b, 0) + share.hidden).toBeCloseTo(total, 6)
      expect(share).toMatchObject({ samples: SAMPLES, known: SAMPLES })
    }
  })
})

describe('a store that keeps the two strongest attributions of each sign', () => {
  const KEPT = 2
  let source: Source
  let all: Float32Array

  beforeAll(async () => {
    all = await allAttributions('mixed3b')
    source = { ...sourceOf('mixed3b'), attribution: 'relaxed-avg' }
    const its = { classifier: classifierKey(source.classifier), classes: 10, kept: KEPT }
    const { tensor, name: layer } = source.layer
    const shape = { set: source.set, tensor, layer, kind: 'relaxed-avg', ...its } as const
    appendAttributions(db, addAttributions(db, shape), 0, all)
  })

  /** Whether class c is among the two strongest of a sign in sample s. */
  const kept = (s: number, c: number): boolean => {
    const row = all.subarray(s * 10, s * 10 + 10)
    const sign = Math.sign(row[c]!)
    return (
      sign !== 0 && row.filter((value, k) => value * sign > row[c]! * sign || (value === row[c] && k < c)).length < KEPT
    )
  }

  it('gives the stored attributions, and zeros for the rest', async () => {
    const some = Uint32Array.of(1, 2, 77, SAMPLES - 2)
    for await (const { start, values } of readPart(source, some, readRows(source, some)))
      for (const [p, value] of values.entries()) {
        const [s, c] = [some[start + Math.floor(p / 10)]!, p % 10]
        expect(value).toBe(kept(s, c) ? all[s * 10 + c] : 0)
      }
  })

  it('filters, and reports for how many samples the attribution is known', async () => {
    const params = { ...classOrder('mixed3b').params, attribution: 'relaxed-avg' as const }
    const { atlas, layout } = (await run(orderOf('mixed3b', params))).result
    const { counts } = ClassSelection.parse(atlas.scope)
    const every = Array.from({ length: SAMPLES }, (_, s) => s)
    expect(counts.before).toBe(SAMPLES)
    expect(counts.known).toBe(every.filter(s => kept(s, 3)).length)
    expect(counts.known).toBeLessThan(SAMPLES)
    const passing = subsetPositions(db, layout.id)!.samples
    expect([...passing].every(s => kept(s, 3) && all[s * 10 + 3]! > 0)).toBe(true)
    expect(counts.byRank).toBe(every.filter(s => kept(s, 3) && all[s * 10 + 3]! > 0).length)
  })
})

describe('a class atlas', () => {
  it('holds the samples that pass, a first layout before the refined one, and icons of its cells', async () => {
    const seen: { cells: number; samples: number }[] = []
    const made = await run(classOrder('mixed3b'), () => {
      const [atlas] = listClassAtlases(db)
      const layout = subsetPositions(db, atlas!.layout)!
      expect(layout.xy.every(x => x >= 0 && x <= 1)).toBe(true)
      seen.push({ cells: listCells(db, atlas!.id, 4).length, samples: layout.samples.length })
    })
    const { atlas, layout, grids } = made.result
    const scope = ClassSelection.parse(atlas.scope)
    expect(seen).toHaveLength(2)
    expect(seen.every(({ cells, samples }) => cells > 0 && samples === layout.n)).toBe(true)
    expect(notesOf(layout)).toMatchObject({ stage: 'refined', method: 'tsne' })
    expect(scope.counts.after).toBe(layout.n)
    expect(scope.counts.after).toBe(scope.counts.byRank! + scope.counts.byMagnitude! - scope.counts.both)
    const all = await allAttributions('mixed3b')
    const column = Array.from({ length: SAMPLES }, (_, s) => all[s * 10 + 3]!)
    expect(scope.extent.max).toBeCloseTo(Math.max(...column), 6)
    expect(scope.extent.sum).toBeCloseTo(
      column.reduce((a, b) => a + b, 0),
      4,
    )
    expect(grids.map(({ grid, samples }) => [grid, samples])).toEqual([
      [2, scope.counts.after],
      [4, scope.counts.after],
    ])
    for (const grid of [2, 4])
      for (const cell of listCells(db, atlas.id, grid))
        if (cell.icon !== null) expect(findIcon(db, cell.icon)?.webp).toBeInstanceOf(Uint8Array)
    expect(listAtlases(db).map(({ layer }) => layer)).toEqual([...LAYERS])
    expect(checkProject(db.file).faults).toEqual([])
  })

  it('is found again, and its icons too where another plan meets the same directions', async () => {
    const again = await run(classOrder('mixed3b'))
    expect(again.stages.map(({ outcome }) => outcome)).toEqual(['reused', 'reused', 'reused', 'reused'])
    // One cell more or less does not matter: the grid of 4 is the same, so are its directions.
    const other = await run(classOrder('mixed3b', { grids: [4] }))
    expect(other.result.atlas.id).not.toBe(again.result.atlas.id)
    expect(other.result.atlas.layout).toBe(again.result.atlas.layout)
    expect(other.stages.map(({ outcome }) => outcome)).toEqual(['reused', 'continued', 'computed', 'reused'])
    removeClassAtlas(db, other.result.atlas)
    expect(subsetPositions(db, again.result.atlas.layout)).toBeDefined()
  })

  it('is the same from the same seed, by every method', async () => {
    for (const layout of [
      { ...classLayouts.tsne, perplexity: 5 },
      { ...classLayouts.umap, neighbours: 5 },
    ]) {
      const one = await run(classOrder('mixed4a', { layout, class: 5 }))
      const xy = subsetPositions(db, one.result.atlas.layout)!
      removeClassAtlas(db, one.result.atlas)
      const again = await run(classOrder('mixed4a', { layout, class: 5 }))
      expect(subsetPositions(db, again.result.atlas.layout)).toEqual(xy)
      expect(again.stages.at(-1)!.outcome).toBe('reused')
    }
  })

  it('resumes from a first layout, where a cancelled run stored no more', async () => {
    const order = classOrder('mixed3b', { class: 8, layoutSeed: 4 })
    const stop = new AbortController()
    const running = runJob(
      db,
      CLASS_ATLAS,
      JSON.parse(JSON.stringify(order)),
      job => buildClassAtlas(db, order, { classifier, runtime, changed: () => stop.abort() }, job),
      { signal: stop.signal },
    )
    await expect(running).rejects.toThrow('cancelled')
    const [left] = listClassAtlases(db)
    expect(listCells(db, left!.id, 4).length).toBeGreaterThan(0)
    const changed: string[] = []
    const body = bodyOf(db, CLASS_ATLAS, JSON.parse(JSON.stringify(order)), { onLayout: plan => changed.push(plan) })
    await runJob(db, CLASS_ATLAS, JSON.parse(JSON.stringify(order)), job => body(job, runtime))
    const [found] = listClassAtlases(db)
    expect(found!.id).toBe(left!.id)
    expect(found!.finished).not.toBeNull()
    // A window is notified of the first layout and of the refined one, also by a resumed job.
    expect(changed).toEqual([planKey(order), planKey(order)])
    expect(checkProject(db.file).faults).toEqual([])
  })

  it.each([1, 2, 5, 7, 9])('of %i samples is plain and notes it, or small and works', async count => {
    for (const method of ['tsne', 'umap'] as const) {
      const order = classOrder('mixed3b', {
        filter: positive(null, count),
        layout: classLayouts[method],
        minSamples: 5,
      })
      const { atlas, layout } = (await run(order)).result
      expect(ClassSelection.parse(atlas.scope).counts.after).toBe(count)
      const { method: used, note } = notesOf(layout)
      expect(used).toBe(count < 8 ? 'plain' : method)
      expect(note).toMatch(count === 1 ? /a single sample/ : count < 8 ? /too few for/ : /taken|minimum of 1 instead/)
      expect(note).toContain(`samples per cell: only ${count} samples pass`)
      const cells = listCells(db, atlas.id, 4)
      expect(cells.reduce((sum, cell) => sum + cell.count, 0)).toBe(count)
      expect(cells.every(({ icon }) => icon !== null)).toBe(true)
    }
  })

  it('hides at most a fifth of its samples unless a minimum is given', async () => {
    for (const grids of [[2], [4], [8, 16]]) {
      const { atlas } = (await run(classOrder('mixed3b', { grids, minSamples: 'auto' }))).result
      const { minSamples } = MinimumOf.parse(atlas.preset)
      const counts = countsOfCells(db, atlas.id, grids[0]!)
      const [all, shown] = [counts, counts.filter(count => count >= minSamples)].map(of =>
        of.reduce((a, b) => a + b, 0),
      )
      expect(shown!).toBeGreaterThanOrEqual(0.8 * all!)
      // No larger minimum would do, up to the published one.
      const next = counts.filter(count => count > minSamples).reduce((a, b) => a + b, 0)
      if (minSamples < defaultMinSamples) expect(next).toBeLessThan(0.8 * all!)
      expect(
        listCells(db, atlas.id, grids[0]!).every(({ count, icon }) => (icon !== null) === count >= minSamples),
      ).toBe(true)
    }
  })

  it('whose filter no sample passes is refused in a sentence', async () => {
    const narrow = { ...classOrder('mixed3b', { class: 2, filter: positive(1, null) }) }
    const columns = await readRankedColumns(sourceOf('mixed3b'), [2], 'positive')
    const passes = columns[0]!.ranks.some((rank, s) => rank === 1 && columns[0]!.values[s]! > 0)
    if (passes) expect((await run(narrow)).result.layout.n).toBeGreaterThan(0)
    else await expect(run(narrow)).rejects.toThrow(/no sample of 2 thing 2 at mixed3b passes/)
  })
})

describe('a comparison', () => {
  it('places samples by the other half of the photographs, with zero in the middle', async () => {
    const { atlas, layout } = (await run(comparisonOrder('mixed3b', 3, 7))).result
    const scope = ComparisonSelection.parse(atlas.scope)
    const all = await allAttributions('mixed3b')
    const { samples, xy } = subsetPositions(db, layout.id)!
    expect(samples).toHaveLength(scope.counts.after)
    expect(scope.counts.after).toBe(scope.counts.left.after + scope.counts.right.after - scope.counts.shared)
    const source = sourceOf('mixed3b')
    const selected = await selectSamples(source, comparisonOrder('mixed3b', 3, 7).params)
    expect(selected.samples).toEqual(samples)
    for (const [at, s] of samples.entries())
      expect(selected.differences![at]).toBeCloseTo(all[s * 10 + 7]! - all[s * 10 + 3]!, 6)
    const rows = readRows(source, samples)
    const { hashes } = photographsOf(db, source.set, samples)
    const folds = halvesOf(hashes)
    const halves = [0, 1].map(half => new Set(hashes.filter((_, at) => folds[at] === half)).size)
    expect(scope.crossFit!.photographs).toEqual(halves)
    expect(Math.abs(halves[0]! - halves[1]!)).toBeLessThanOrEqual(1)
    const placed = await placeSamples(source, selected, rows)
    for (const at of samples.keys()) expect(xy[2 * at]).toBeCloseTo(placed.x![at]!, 6)
    // A sample's own difference, and all of its half, do not change its position, except by the scale of the axis.
    const own = selected.differences!.map((value, at) => (folds[at] === 0 ? value + 5 * Math.sin(at) : value))
    const changed = await placeSamples(source, { ...selected, differences: own }, rows)
    if (placed.scope.kind !== 'comparison' || changed.scope.kind !== 'comparison') throw new Error('not a comparison')
    const logits = (x: number, scale: number): number => (2 * x - 1) * scale
    for (const at of samples.keys())
      if (folds[at] === 0 && placed.x![at]! % 1 !== 0 && changed.x![at]! % 1 !== 0)
        expect(logits(changed.x![at]!, changed.scope.scale)).toBeCloseTo(logits(placed.x![at]!, placed.scope.scale), 6)
  })

  it('of an earlier version is kept, is not taken for a new one, and has no significant cell', async () => {
    const order = comparisonOrder('mixed3b', 3, 7)
    const { atlas } = (await run(order)).result
    const { crossFit: _, ...earlier } = ComparisonSelection.parse(atlas.scope)
    const scope = ComparisonSelection.parse(earlier)
    expect(scope.crossFit).toBeNull()
    const [left, right] = await readColumns(sourceOf('mixed3b'), [3, 7])
    const map = comparisonCells(db, atlas, scope, 4, left!, right!)
    expect(map.crossFitted).toBe(false)
    expect(map.cells.some(({ significant }) => significant)).toBe(false)
    expect(map.cells.some(({ interval }) => interval !== null)).toBe(true)
    expect(planKey(order)).not.toBe(earlierPlanKey(order))
  })

  it('is the same for either order of its classes, and its cells report the class they favour, with intervals', async () => {
    const one = (await run(comparisonOrder('mixed3b', 3, 7))).result.atlas
    expect((await run(comparisonOrder('mixed3b', 7, 3))).result.atlas.id).toBe(one.id)
    const [left, right] = await readColumns(sourceOf('mixed3b'), [3, 7])
    const { cells, tested } = comparisonCells(db, one, ComparisonSelection.parse(one.scope), 4, left!, right!)
    expect(tested).toBe(cells.filter(({ photographs }) => photographs >= MIN_PHOTOGRAPHS).length)
    expect(cells.length).toBeGreaterThan(2)
    const shown = listCells(db, one.id, 4).filter(({ icon }) => icon !== null)
    expect(cells.map(({ i, j, count, icon }) => ({ i, j, count, icon }))).toEqual(
      shown.map(({ i, j, count, icon }) => ({ i, j, count, icon })),
    )
    for (const cell of cells) {
      expect(cell.difference).toBeCloseTo(cell.right - cell.left, 6)
      expect(cell.interval === null).toBe(cell.photographs < MIN_PHOTOGRAPHS)
      if (cell.interval !== null) {
        expect(cell.interval.low).toBeLessThanOrEqual(cell.difference)
        expect(cell.interval.high).toBeGreaterThanOrEqual(cell.difference)
      }
      expect(cell.photographs).toBeLessThanOrEqual(Math.min(cell.count, PHOTOGRAPHS))
      // Columns 0 and 1 of four lie left of zero.
      expect(cell.lean < 0).toBe(cell.j < 2)
      expect(cell.otherClasses.every(({ index, value }) => index !== 3 && index !== 7 && value > 0)).toBe(true)
      expect(cell.otherClasses.map(({ value }) => value)).toEqual(
        cell.otherClasses.map(({ value }) => value).toSorted((a, b) => b - a),
      )
    }
  })
})
