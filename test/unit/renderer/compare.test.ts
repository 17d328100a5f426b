import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ScopedAtlas, usualFilter } from '../../../electron/contract/class-atlas.ts'
import { type Detour, Flight } from '../../../renderer/atlas/flight.ts'
import { across, signedText, ticks } from '../../../renderer/compare/axis.ts'
import { mirroredColumns } from '../../../renderer/compare/mirrored.ts'
import { filterOf, filterText, gridsOf, shownOf } from '../../../renderer/compare/plans.ts'
import { negativeStrip, positiveStrip } from '../../../renderer/compare/strip.ts'
import { mirrorPlaces, originPlaces, placeAt } from '../../../renderer/compare/use-detour.ts'
import { nextCell } from '../../../renderer/compare/use-map.ts'
import { classAtlasAnswers } from '../../../renderer/dev/fake-class-atlases.ts'
import { syntheticCells } from '../../../renderer/dev/synthetic.ts'

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
  it('puts zero in the middle and what lies beyond at its ends', () => {
    expect(across(0, 8.4)).toBe(0.5)
    expect(across(8.4, 8.4)).toBe(1)
    expect(across(-99, 8.4)).toBe(0)
  })
  it('writes signs as signs', () => {
    expect([1.234, -0.4, 0.001].map(v => signedText(v))).toEqual(['+1.23', '−0.40', '0'])
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
  it('need two sheets at most for one', () => {
    for (const grid of [8, 10, 16, 20, 33, 40])
      for (let tile = 0; tile < Math.ceil(grid / 16); tile++)
        expect(new Set(mirroredColumns(grid, tile).map(c => c.tile)).size).toBeLessThanOrEqual(2)
  })
})

describe('plans', () => {
  it('take the usual filter unless told otherwise, and none where nothing is asked for', () => {
    const usual = { rank: 1, magnitude: 'usual', sign: 'positive' } as const
    expect(filterOf(usual, 20_000)).toEqual(usualFilter(20_000))
    expect(filterOf({ ...usual, rank: null, magnitude: null }, 20_000)).toBeNull()
  })
  it('refine grids by halves', () => {
    expect(gridsOf('class', 3)).toEqual([8, 16, 32])
    expect(gridsOf('comparison', 1)).toEqual([10])
  })
  it('say what a filter asks for', () => {
    expect(filterText({ rank: 1, magnitude: 1500, sign: 'positive' })).toBe('rank 1 or the 1,500 strongest')
    expect(filterText({ rank: 3, magnitude: null, sign: 'negative' })).toBe('rank 1 to 3, against')
  })
})

describe('strip', () => {
  const cells = Float32Array.of(4, -2, 1, 0.001)
  const cellsPositive = Float32Array.of(5, 1, 1, 0.001)
  it('orders cells by what they carry, and loses nothing', () => {
    const { parts, rest, hidden, total, half } = positiveStrip({ cellsPositive, positive: 10 })
    expect(parts.map(p => p.cell)).toEqual([0, 1, 2])
    expect(parts[0]).toEqual({ cell: 0, from: 0, to: 0.5 })
    expect(rest.cells).toBe(1)
    expect(parts.at(-1)!.to + rest.share + hidden).toBeCloseTo(1)
    expect([total, half]).toEqual([10, 1])
  })
  it('knows what speaks against from the sums of both', () => {
    const { parts, hidden } = negativeStrip({ cells, cellsPositive, negative: -5 })
    expect(parts.map(p => p.cell)).toEqual([1, 0])
    expect(parts.map(p => p.to)).toEqual([0.6000000000000001, 0.8].map(v => expect.closeTo(v)))
    expect(hidden).toBeCloseTo(0.2)
  })
  it('is empty where nothing speaks', () => {
    expect(positiveStrip({ cellsPositive: Float32Array.of(0, 0), positive: 0 })).toMatchObject({ parts: [], total: 0 })
  })
})

describe('walking over a sparse map', () => {
  const cells = syntheticCells(8, { seed: 3, samples: 2000, classes: 40 })
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

describe('flight', () => {
  const detour = (part: Partial<Detour>): Detour => ({
    name: 'origins',
    begin: 'there',
    away: true,
    places: () => undefined,
    ...part,
  })
  it('begins where it says, stays there, and comes home in its time', () => {
    const flight = new Flight()
    flight.want(detour({}), false)
    expect([flight.placed, flight.flying, flight.atHome]).toEqual([0, false, false])
    flight.want(detour({ away: false }), false)
    let before = 0
    let time = 0
    while (flight.step(16)) {
      expect(flight.placed).toBeGreaterThanOrEqual(before)
      before = flight.placed
      time += 16
    }
    expect(flight.atHome).toBe(true)
    expect(Math.abs(time - Flight.DURATION)).toBeLessThanOrEqual(16)
  })
  it('turns round on the way without a jump', () => {
    const flight = new Flight()
    flight.want(detour({ begin: 'home' }), false)
    flight.step(300)
    const midway = flight.placed
    flight.want(detour({ begin: 'home', away: false }), false)
    expect(flight.placed).toBe(midway)
    flight.step(100)
    expect(flight.placed).toBeGreaterThan(midway)
  })
  it('is over at once where motion is to be reduced', () => {
    const flight = new Flight()
    flight.want(detour({ begin: 'there', away: false }), true)
    expect(flight.atHome).toBe(true)
    flight.want(detour({}), true)
    expect([flight.placed, flight.flying]).toEqual([0, false])
  })
})

describe('places of cells that are not at home', () => {
  const cells = syntheticCells(10, { seed: 5, samples: 3000, classes: 40 })
  it('are found again where they are drawn', () => {
    const x = Float32Array.from(cells.i, (_, k) => 0.1 + 0.8 * (k / cells.i.length))
    const y = Float32Array.from(cells.i, (_, k) => 0.9 - 0.8 * (k / cells.i.length))
    const places = originPlaces({ x, y })
    for (let k = 0; k < x.length; k++) expect(placeAt(places, x[k]!, y[k]!)).toBe(k)
    expect(placeAt(places, 0.02, 0.02)).toBe(-1)
  })
  it('are the other side for swapped ones', () => {
    const places = mirrorPlaces(cells)
    for (let k = 0; k < cells.i.length; k++) {
      expect(places[k * 3]! + (cells.j[k]! + 0.5) / 10).toBeCloseTo(1)
      expect(places[k * 3 + 1]).toBeCloseTo((cells.i[k]! + 0.5) / 10)
    }
  })
})

describe('which atlas is shown', () => {
  const { answers } = classAtlasAnswers({
    samples: 20_000,
    classes: 1000,
    whole: [],
    cellsOf: () => syntheticCells(8, { seed: 1, samples: 200, classes: 9 }),
    iconKey: () => '00',
  })
  const plan = (plan: string, stage: ScopedAtlas['stage'], id: number): ScopedAtlas => ({
    id,
    name: 'fireboat',
    layer: 'mixed4d',
    model: '0'.repeat(64),
    modelName: 'network',
    samples: 200,
    method: 'tsne',
    preset: 'draft',
    seed: 0,
    createdAt: id,
    outdated: null,
    grids: [],
    plan,
    from: 1,
    scope: {
      kind: 'class',
      class: 554,
      filter: usualFilter(20_000),
      ...answers['classAtlas.counts']({ from: 1, class: 554, filter: usualFilter(20_000) }),
    },
    stage,
    note: null,
    trustworthiness: null,
  })
  const list = [plan('b', 'first', 4), plan('a', 'refined', 3), plan('a', 'first', 2)]
  it('is that of the plan asked for last, refined before first', () => {
    expect(shownOf(list, 1, [554], { plan: 'a', job: 9 })?.id).toBe(3)
    expect(shownOf(list, 1, [554], { plan: 'b', job: 9 })?.id).toBe(4)
    expect(shownOf(list, 1, [554], { plan: 'c', job: 9 })).toBeUndefined()
  })
  it('is the youngest of the class where nothing was asked for', () => {
    expect(shownOf(list, 1, [554], undefined)?.id).toBe(4)
    expect(shownOf(list, 1, [555], undefined)).toBeUndefined()
    expect(shownOf(list, 2, [554], undefined)).toBeUndefined()
  })
})
