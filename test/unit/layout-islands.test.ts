import { describe, expect, it } from 'vitest'
import { gatherIslands as gather } from '../../electron/engine/layout/islands.ts'
import { Random } from '../../electron/engine/random/random.ts'

/** Points around a centre, evenly within a square of edge 2. */
function square(n: number, x: number, y: number, seed: string): number[] {
  const random = new Random(seed)
  return Array.from({ length: n }, () => [x + 2 * random.uniform() - 1, y + 2 * random.uniform() - 1]).flat()
}
const distance = (at: Float64Array, a: number, b: number): number =>
  Math.hypot(at[2 * a]! - at[2 * b]!, at[2 * a + 1]! - at[2 * b + 1]!)
const gaps = (at: Float64Array, some: readonly number[], others: readonly number[]): number =>
  Math.min(...some.flatMap(a => others.map(b => distance(at, a, b))))
const gatherIslands = (at: Float64Array, dimensions: number) => gather(at, dimensions, new AbortController().signal)
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

describe('islands of a map', async () => {
  const before = Float64Array.from([
    ...square(600, 0, 0, 'mainland'),
    ...square(30, 40, 0, 'right'),
    ...square(30, 60, 0.5, 'farther right'),
    ...square(20, 0, -90, 'above'),
  ])
  const [mainland, right, farther, above] = [range(0, 600), range(600, 630), range(630, 660), range(660, 680)]
  const after = await gatherIslands(before, 2)

  it('are moved near, and none onto another', () => {
    const groups = [mainland!, right!, farther!, above!]
    for (const group of groups.slice(1)) {
      const others = groups.filter(each => each !== group).flat()
      expect(gaps(after, group, others)).toBeGreaterThan(0.2)
      expect(gaps(after, group, others)).toBeLessThan(2)
    }
  })

  it('keep their form and their direction, and the largest its place', () => {
    expect(after.subarray(0, 1200)).toEqual(before.subarray(0, 1200))
    for (const island of [right!, farther!, above!])
      for (const point of island)
        expect(distance(after, island[0]!, point)).toBeCloseTo(distance(before, island[0]!, point), 9)
    for (const point of [...right!, ...farther!]) expect(after[2 * point]!).toBeGreaterThan(1)
    for (const point of above!) expect(after[2 * point + 1]!).toBeLessThan(-1)
  })

  it('do not exist on a map of one piece, of few points, or of equal ones', async () => {
    const one = Float64Array.from(square(300, 0, 0, 'one'))
    expect(await gatherIslands(one, 2)).toEqual(one)
    const few = Float64Array.of(0, 0, 1, 1, 900, 900)
    expect(await gatherIslands(few, 2)).toEqual(few)
    const equal = new Float64Array(200).fill(3)
    expect(await gatherIslands(equal, 2)).toEqual(equal)
  })

  it('are moved in seconds where there are many', async () => {
    const random = new Random('many')
    const centres = Array.from({ length: 500 }, () => [random.uniform(), random.uniform()].map(x => 4_000 * x))
    const many = Float64Array.from(centres.flatMap(([x, y], i) => square(40, x!, y!, `${i}`)))
    const began = performance.now()
    const after = await gatherIslands(many, 2)
    expect(performance.now() - began).toBeLessThan(20_000)
    const extent = (at: Float64Array): number => at.reduce((most, x) => Math.max(most, Math.abs(x - at[0]!)), 0)
    expect(extent(after)).toBeLessThan(0.7 * extent(many))
  })

  it('stay where they are when there are more than a thousand: none is what the others belong to', async () => {
    const side = 32
    const fragments = (number: number): Float64Array =>
      Float64Array.from(
        range(0, number).flatMap(i => square(12, 900 * Math.floor(i / side), 900 * (i % side), `fragment ${i}`)),
      )
    const thousand = fragments(1_000)
    expect(await gatherIslands(thousand, 2)).not.toEqual(thousand)
    const more = fragments(1_001)
    expect(await gatherIslands(more, 2)).toEqual(more)
  })

  it('are found along a line too', async () => {
    const line = Float64Array.from([...range(0, 300), ...range(5_000, 5_020)])
    const moved = await gatherIslands(line, 1)
    expect(moved[300]! - moved[299]!).toBeLessThan(60)
    expect(moved[300]! - moved[299]!).toBeGreaterThan(5)
    expect(moved[319]! - moved[300]!).toBe(19)
  })
})
