import { describe, expect, it } from 'vitest'
import { MapIndex } from '../../electron/engine/layout/map-index.ts'
import { chanceOf, procrustes, sharedNeighbours, stabilityOf } from '../../electron/engine/layout/stability.ts'
import { Random } from '../../electron/engine/random/random.ts'
import { calm } from './layout-data.ts'

const scattered = (n: number, seed = 1): Float32Array => {
  const draw = new Random('map', seed)
  return Float32Array.from({ length: 2 * n }, () => draw.uniform())
}
/** Samples in clumps of very different density, some in the same place, some on the edge. */
const clumped = (n: number, seed = 1): Float32Array => {
  const draw = new Random('clumps', seed)
  return Float32Array.from({ length: 2 * n }, (_, p) => {
    const i = p >> 1
    if (i % 10 === 0) return 0.25
    const width = 10 ** -(i % 4)
    return Math.min(1, Math.max(0, 0.5 + width * draw.gaussian()))
  })
}
const turned = (map: Float32Array, angle: number): Float32Array =>
  Float32Array.from(map, (_, p) => {
    const [x, y] = [map[p & ~1]! - 0.5, map[p | 1]! - 0.5]
    return p % 2 === 0 ? x * Math.cos(angle) - y * Math.sin(angle) : x * Math.sin(angle) + y * Math.cos(angle)
  })

describe('the neighbours on a map', () => {
  const compared = (map: Float32Array, dimensions: number, i: number, k: number): number[] => {
    const n = map.length / dimensions
    const distance = (j: number): number => {
      let squared = 0
      for (let d = 0; d < dimensions; d++) squared += (map[i * dimensions + d]! - map[j * dimensions + d]!) ** 2
      return squared
    }
    return Array.from({ length: n }, (_, j) => j)
      .filter(j => j !== i)
      .sort((a, b) => distance(a) - distance(b) || a - b)
      .slice(0, k)
  }

  it.each([
    ['a scattered map', scattered(400), 2],
    ['clumps and duplicates', clumped(600), 2],
    ['a line', scattered(150), 1],
    ['a map without height', scattered(200).map((x, p) => (p % 2 === 0 ? x : 0.5)), 2],
    ['one place', new Float32Array(60).fill(0.5), 2],
    ['three samples', scattered(3), 2],
  ])('of %s are those that a comparison of all finds', (_, map, dimensions) => {
    const index = new MapIndex(map, dimensions)
    const n = map.length / dimensions
    const k = Math.min(15, n - 1)
    const queries = Array.from({ length: n }, (_, i) => i)
    const found = index.nearest(queries, k)
    for (const i of queries)
      expect(Array.from(found.subarray(i * k, (i + 1) * k)), `sample ${i}`).toEqual(compared(map, dimensions, i, k))
  })
})

describe('Procrustes distance', () => {
  it('is 0 of a map that was rotated, mirrored, moved and scaled', () => {
    const map = scattered(300)
    const other = turned(map, 1.1).map((x, p) => (p % 2 === 0 ? -3 * x + 7 : 3 * x))
    expect(procrustes(map, other)).toBeCloseTo(0, 6)
  })

  it('of a square and a kite is the 2/27 that follows from the singular values', () => {
    expect(procrustes([0, 0, 1, 0, 1, 1, 0, 1], [0, 0, 1, 0, 1.5, 1.5, 0, 1])).toBeCloseTo(2 / 27, 12)
  })

  it('is almost 1 between maps that have nothing in common, and 1 from a single point', () => {
    expect(procrustes(scattered(3000, 1), scattered(3000, 2))).toBeGreaterThan(0.99)
    expect(procrustes(scattered(9), new Float32Array(18))).toBe(1)
    expect(procrustes(new Float32Array(18), new Float32Array(18))).toBe(0)
  })
})

describe('the stability of a map', () => {
  it('is complete against its own rotation: distance 0, all neighbours kept', async () => {
    const map = scattered(500)
    // A quarter turn moves float32 coordinates without rounding.
    const quarter = Float32Array.from(map, (_, p) => (p % 2 === 0 ? -map[p + 1]! : map[p - 1]!))
    const { k, pairs, kept } = await stabilityOf([map, quarter, map], calm.signal, calm.report)
    expect(k).toBe(15)
    expect(pairs.map(({ maps }) => maps)).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ])
    for (const { procrustes: distance, shared } of pairs) {
      expect(distance).toBeCloseTo(0, 6)
      expect(shared).toBe(1)
    }
    expect(new Set(kept)).toEqual(new Set([30]))
  })

  it('is at chance against the map of shuffled samples', async () => {
    const n = 400
    const map = scattered(n)
    const order = new Random('shuffled', 1).subset(n, n)
    const draw = new Random('order', 2)
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(draw.uniform() * (i + 1))
      ;[order[i], order[j]] = [order[j]!, order[i]!]
    }
    const shuffled = Float32Array.from(map, (_, p) => map[2 * order[p >> 1]! + (p % 2)]!)
    const { k, pairs, kept } = await stabilityOf([map, shuffled], calm.signal, calm.report)
    // 6,000 draws without replacement: the standard error of the share is about .0025.
    expect(Math.abs(pairs[0]!.shared - chanceOf(k, n))).toBeLessThan(0.01)
    expect(kept.reduce((sum, count) => sum + count, 0) / (n * k)).toBeCloseTo(pairs[0]!.shared, 12)
  })

  it('is low only where the map changed', async () => {
    const n = 600
    const map = scattered(n)
    // The samples on the right lie elsewhere on the right.
    const draw = new Random('moved', 3)
    const moved = Float32Array.from(map, (x, p) =>
      map[p & ~1]! < 0.5 ? x : p % 2 === 0 ? 0.6 + 0.4 * draw.uniform() : draw.uniform(),
    )
    const { kept, k } = await stabilityOf([map, moved], calm.signal, calm.report)
    const mean = (side: (x: number) => boolean): number => {
      const its = Array.from(kept).filter((_, i) => side(map[2 * i]!))
      return its.reduce((sum, count) => sum + count / k, 0) / its.length
    }
    expect(mean(x => x < 0.4)).toBeGreaterThan(0.99)
    expect(mean(x => x > 0.6)).toBeLessThan(0.2)
  })

  it('counts the neighbours that two lists share', () => {
    expect(sharedNeighbours(Int32Array.of(1, 2, 3, 0, 2, 3), Int32Array.of(3, 1, 4, 5, 6, 7), 3)).toEqual(
      Uint8Array.of(2, 0),
    )
  })

  it('can be cancelled', async () => {
    const signal = AbortSignal.abort(new Error('cancelled'))
    await expect(stabilityOf([scattered(50), scattered(50)], signal, calm.report)).rejects.toThrow('cancelled')
  })
})
