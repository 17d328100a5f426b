import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClassAtlas } from '../../../electron/contract/class-atlas.ts'
import { defaultFilter } from '../../../electron/contract/class-selection.ts'
import { type CellTransition, TransitionProgress } from '../../../renderer/atlas/cell-transition.ts'
import { across, ticks } from '../../../renderer/compare/axis.ts'
import { mirroredColumns } from '../../../renderer/compare/mirrored.ts'
import { classGrids, comparisonGrids, filterOf, filterText, shownOf } from '../../../renderer/compare/plans.ts'
import { negativeStrip, positiveStrip } from '../../../renderer/compare/strip.ts'
import { cellAt, mirroredPositions, originPositions } from '../../../renderer/compare/use-cell-transition.ts'
import { nextCell } from '../../../renderer/compare/use-map-gestures.ts'
import { isStale } from '../../../renderer/compare/use-own-selection.ts'
import { classAtlasHandlers } from '../../../renderer/dev/fake-class-atlases.ts'
import { syntheticCells } from '../../../renderer/dev/synthetic.ts'
import { signedText } from '../../../renderer/ui/text.ts'

describe('axis', () => {
  it('is symmetric about zero, round, and neither crowded nor empty', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-4, max: 1e4, noNaN: true }), scale => {
        const values = ticks(scale)
        expect(values).toEqual(values.map(v => (v === 0 ? 0 : -v)).toReversed())
        expect(values).toContain(0)
        expect(values.length).toBeGreaterThanOrEqual(5)
        expect(values.length).toBeLessThanOrEqual(11)
        expect(Math.max(...values)).toBeLessThanOrEqual(scale * (1 + 1e-9))
      }),
    )
  })
  it('puts zero in the middle and values out of range at its ends', () => {
    expect(across(0, 8.4)).toBe(0.5)
    expect(across(8.4, 8.4)).toBe(1)
    expect(across(-99, 8.4)).toBe(0)
  })
  it('writes signs as signs', () => {
    expect([1.234, -0.4, 0.001].map(v => signedText(v))).toEqual(['+1.23', '−0.40', '0'])
  })
})

describe('a selected cell', () => {
  const of = (id: number, scope: Partial<ClassAtlas['scope']>) => ({ id, scope }) as ClassAtlas
  const list = [of(7, { kind: 'comparison', left: 1, right: 2 }), of(8, { kind: 'class', class: 1 })]
  it('is stale once other classes are shown, and on either side of a comparison it is not', () => {
    expect(isStale(7, list, [1, 2])).toBe(false)
    expect(isStale(7, list, [2, 1])).toBe(false)
    expect(isStale(7, list, [1, 3])).toBe(true)
    expect(isStale(8, list, [1])).toBe(false)
    expect(isStale(8, list, [2])).toBe(true)
    expect(isStale(8, list, null)).toBe(true)
  })
  it('of an atlas that is not listed yet is left alone', () => {
    expect(isStale(9, list, [1])).toBe(false)
    expect(isStale(undefined, list, [1])).toBe(false)
  })
})

describe('swapped sides', () => {
  it('show every column once, in reverse, whatever the grid', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), grid => {
        const columns = Array.from({ length: Math.ceil(grid / 16) }, (_, tile) => mirroredColumns(grid, tile))
          .flat()
          .map(({ tile, column }) => tile * 16 + column)
        expect(columns).toEqual(Array.from({ length: grid }, (_, k) => grid - 1 - k))
      }),
    )
  })
  it('need two tiles at most for one', () => {
    for (const grid of [8, 10, 16, 20, 33, 40])
      for (let tile = 0; tile < Math.ceil(grid / 16); tile++)
        expect(new Set(mirroredColumns(grid, tile).map(c => c.tile)).size).toBeLessThanOrEqual(2)
  })
})

describe('plans', () => {
  it('take the default filter, and none if neither rank nor magnitude is set', () => {
    const usual = { rank: 1, magnitude: 'default', sign: 'positive' } as const
    expect(filterOf(usual, 20_000)).toEqual(defaultFilter(20_000))
    expect(filterOf({ ...usual, rank: null, magnitude: null }, 20_000)).toBeNull()
  })
  it('refine grids by halves', () => {
    expect(classGrids(3, 10_000)).toEqual([8, 16, 32])
    expect(comparisonGrids(1, { photographs: 1_000_000, samples: 1_000_000 })).toEqual([10])
  })
  it('cut a class atlas so that cells hold three samples on average', () => {
    expect([12, 100, 192, 208, 1000].map(selected => classGrids(1, selected)[0])).toEqual([2, 5, 8, 8, 8])
  })
  it('cut a comparison into as many cells as have enough photographs for an interval', () => {
    const gridOf = (photographs: number, samples: number) => comparisonGrids(1, { photographs, samples })[0]
    expect([gridOf(24, 96), gridOf(150, 150), gridOf(2000, 10_000), gridOf(50_000, 50_000)]).toEqual([2, 3, 5, 7])
  })
  it('describe a filter', () => {
    expect(filterText({ rank: 1, magnitude: 1500, sign: 'positive' })).toBe('rank 1 or the 1,500 largest')
    expect(filterText({ rank: 3, magnitude: null, sign: 'negative' })).toBe('rank 1 to 3, negative')
  })
})

describe('strip', () => {
  const cells = Float32Array.of(4, -2, 1, 0.001)
  const cellsPositive = Float32Array.of(5, 1, 1, 0.001)
  it('orders cells by their share, and omits none', () => {
    const { segments, rest, hidden, total, half } = positiveStrip({ cellsPositive, positive: 10 })
    expect(segments.map(p => p.cell)).toEqual([0, 1, 2])
    expect(segments[0]).toEqual({ cell: 0, from: 0, to: 0.5 })
    expect(rest.cells).toBe(1)
    expect(segments.at(-1)!.to + rest.share + hidden).toBeCloseTo(1)
    expect([total, half]).toEqual([10, 1])
  })
  it('derives negative attribution from the sums of both', () => {
    const { segments, hidden } = negativeStrip({ cells, cellsPositive, negative: -5 })
    expect(segments.map(p => p.cell)).toEqual([1, 0])
    expect(segments.map(p => p.to)).toEqual([0.6000000000000001, 0.8].map(v => expect.closeTo(v)))
    expect(hidden).toBeCloseTo(0.2)
  })
  it('is empty without positive attribution', () => {
    expect(positiveStrip({ cellsPositive: Float32Array.of(0, 0), positive: 0 })).toMatchObject({
      segments: [],
      total: 0,
    })
  })
})

describe('walking over a sparse map', () => {
  const cells = syntheticCells(8, { seed: 3, samples: 2000 })
  it('steps to the neighbour where there is one', () => {
    for (let k = 0; k < cells.i.length; k++) {
      const right = cells.i.findIndex((row, other) => row === cells.i[k] && cells.j[other] === cells.j[k]! + 1)
      if (right >= 0) expect(nextCell(cells, k, 0, 1)).toBe(right)
    }
  })
  it('never goes backwards, and reaches every cell', () => {
    const steps = [
      [0, 1],
      [0, -1],
      [1, 0],
      [-1, 0],
    ] as const
    const seen = new Set([0])
    const todo = [0]
    for (let k = todo.pop(); k !== undefined; k = todo.pop())
      for (const [di, dj] of steps) {
        const next = nextCell(cells, k, di, dj)
        if (next < 0) continue
        expect((cells.i[next]! - cells.i[k]!) * di + (cells.j[next]! - cells.j[k]!) * dj).toBeGreaterThan(0)
        if (!seen.has(next)) {
          seen.add(next)
          todo.push(next)
        }
      }
    expect(seen.size).toBe(cells.i.length)
  })
})

describe('a transition of cells', () => {
  const transition = (part: Partial<CellTransition>): CellTransition => ({
    id: 'origins',
    begin: 'displaced',
    displaced: true,
    positions: () => undefined,
    ...part,
  })
  it('begins where it is set, stays there, and returns in its time', () => {
    const progress = new TransitionProgress()
    progress.set(transition({}), false)
    expect([progress.position, progress.running, progress.atHome]).toEqual([0, false, false])
    progress.set(transition({ displaced: false }), false)
    let before = 0
    let time = 0
    while (progress.step(16)) {
      expect(progress.position).toBeGreaterThanOrEqual(before)
      before = progress.position
      time += 16
    }
    expect(progress.atHome).toBe(true)
    expect(Math.abs(time - TransitionProgress.DURATION)).toBeLessThanOrEqual(16)
  })
  it('reverses while it runs without a jump', () => {
    const progress = new TransitionProgress()
    progress.set(transition({ begin: 'home' }), false)
    progress.step(300)
    const midway = progress.position
    progress.set(transition({ begin: 'home', displaced: false }), false)
    expect(progress.position).toBe(midway)
    progress.step(100)
    expect(progress.position).toBeGreaterThan(midway)
  })
  it('is over at once where motion is to be reduced', () => {
    const progress = new TransitionProgress()
    progress.set(transition({ begin: 'displaced', displaced: false }), true)
    expect(progress.atHome).toBe(true)
    progress.set(transition({}), true)
    expect([progress.position, progress.running]).toEqual([0, false])
  })
})

describe('positions of displaced cells', () => {
  const cells = syntheticCells(10, { seed: 5, samples: 3000 })
  it('are found again where they are drawn', () => {
    const x = Float32Array.from(cells.i, (_, k) => 0.1 + 0.8 * (k / cells.i.length))
    const y = Float32Array.from(cells.i, (_, k) => 0.9 - 0.8 * (k / cells.i.length))
    const positions = originPositions({ x, y })
    for (let k = 0; k < x.length; k++) expect(cellAt(positions, x[k]!, y[k]!)).toBe(k)
    expect(cellAt(positions, 0.02, 0.02)).toBe(-1)
  })
  it('are the other side for swapped ones', () => {
    const positions = mirroredPositions(cells)
    for (let k = 0; k < cells.i.length; k++) {
      expect(positions[k * 3]! + (cells.j[k]! + 0.5) / 10).toBeCloseTo(1)
      expect(positions[k * 3 + 1]).toBeCloseTo((cells.i[k]! + 0.5) / 10)
    }
  })
})

describe('which atlas is shown', () => {
  const { handlers } = classAtlasHandlers({
    samples: 20_000,
    classes: 1000,
    whole: [],
    cellsOf: () => syntheticCells(8, { seed: 1, samples: 200 }),
    iconKey: () => '00',
  })
  const plan = (plan: string, stage: ClassAtlas['stage'], id: number): ClassAtlas => ({
    id,
    name: 'fireboat',
    layer: 'mixed4d',
    model: '0'.repeat(64),
    modelName: 'network',
    photographs: 20_000,
    coverage: null,
    samples: 200,
    method: 'tsne',
    preset: 'draft',
    seed: 0,
    start: 'noise' as const,
    createdAt: id,
    quality: null,
    layout: 'aa',
    layoutSeed: 0,
    aligned: null,
    stability: null,
    outdated: null,
    grids: [],
    job: null,
    plan,
    from: 1,
    scope: {
      kind: 'class',
      class: 554,
      filter: defaultFilter(20_000),
      ...handlers['classAtlas.counts']({ from: 1, class: 554, filter: defaultFilter(20_000) }),
    },
    stage,
    note: null,
    minSamples: 5,
    fewer: null,
  })
  const list = [plan('b', 'first', 4), plan('a', 'refined', 3), plan('a', 'first', 2)]
  it('is that of the last requested plan, refined before first', () => {
    expect(shownOf(list, 1, [554], { plan: 'a', job: 9 })?.id).toBe(3)
    expect(shownOf(list, 1, [554], { plan: 'b', job: 9 })?.id).toBe(4)
    expect(shownOf(list, 1, [554], { plan: 'c', job: 9 })).toBeUndefined()
  })
  it('is the latest of the class without a request', () => {
    expect(shownOf(list, 1, [554], undefined)?.id).toBe(4)
    expect(shownOf(list, 1, [555], undefined)).toBeUndefined()
    expect(shownOf(list, 2, [554], undefined)).toBeUndefined()
  })
})
