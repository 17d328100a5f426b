import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { classLayouts, defaultMinSamples } from '../../electron/contract/class-atlas.ts'
import { ClassSelection, ComparisonSelection } from '../../electron/contract/class-selection.ts'
import { MIN_PHOTOGRAPHS } from '../../electron/contract/inference.ts'
import { placeSamples } from '../../electron/engine/class-atlas/axis.ts'
import { buildClassAtlas } from '../../electron/engine/class-atlas/build.ts'
import { readColumns, readRankedColumns } from '../../electron/engine/class-atlas/columns.ts'
import { notesOf } from '../../electron/engine/class-atlas/lay-out.ts'
import { CLASS_ATLAS, earlierPlanKey, planKey } from '../../electron/engine/class-atlas/order.ts'
import { photographsOf } from '../../electron/engine/class-atlas/photographs.ts'
import { selectSamples } from '../../electron/engine/class-atlas/selection.ts'
import { readRows } from '../../electron/engine/class-atlas/source.ts'
import { comparisonCells } from '../../electron/engine/comparison/cells.ts'
import { runJob } from '../../electron/engine/jobs/run.ts'
import { bodyOf } from '../../electron/engine/pipelines/kinds.ts'
import { halvesOf } from '../../electron/engine/statistics/cross-fit.ts'
import { listAtlases } from '../../electron/engine/store/atlases.ts'
import { countsOfCells, listCells } from '../../electron/engine/store/cells.ts'
import { checkProject } from '../../electron/engine/store/check.ts'
import { listClassAtlases, removeClassAtlas } from '../../electron/engine/store/class-atlases.ts'
import { findIcon } from '../../electron/engine/store/icons.ts'
import { subsetPositions } from '../../electron/engine/store/subset-layouts.ts'
import {
  buildClassProject,
  type ClassProject,
  LAYERS,
  PHOTOGRAPHS,
  positive,
  SAMPLES,
} from '../fixtures/class-project.ts'

let project: ClassProject
let db: ClassProject['db']
let runtime: ClassProject['runtime']
let classifier: ClassProject['classifier']
let sourceOf: ClassProject['sourceOf']
let classOrder: ClassProject['classOrder']
let comparisonOrder: ClassProject['comparisonOrder']
let run: ClassProject['run']
let allAttributions: ClassProject['allAttributions']

beforeAll(async () => {
  project = await buildClassProject()
  ;({ db, runtime, classifier, sourceOf, classOrder, comparisonOrder, run, allAttributions } = project)
}, 120_000)

afterAll(() => project.close())

/** The minimum of samples that cells were made with, as atlases store it. */
const MinimumOf = z.object({ minSamples: z.int() })

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
    const rows = await readRows(source, samples)
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
