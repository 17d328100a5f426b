import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newLayout } from '../../electron/contract/layout.ts'
import { similarityCurve } from '../../electron/engine/layout/native/curve.ts'
import { checkNeighbours } from '../../electron/engine/layout/native/graph.ts'
import { KernelMemory } from '../../electron/engine/layout/native/memory.ts'
import { Team } from '../../electron/engine/layout/native/team.ts'
import type { Neighbours } from '../../electron/engine/layout/neighbours.ts'
import { umap } from '../../electron/engine/layout/umap.ts'
import { blobs, calm, neighboursOf, noise } from '../unit/layout-data.ts'

const { signal, report } = calm
const startOf = (n: number, dimensions: number): Float64Array =>
  Float64Array.from({ length: n * dimensions }, (_, p) => Math.sin(3 * p) * 10)

describe('the layout kernel', () => {
  it.each([1, 2] as const)(
    'has the same bytes with 1, 2, 3 and 4 threads, and others with another seed, in %i dimensions',
    async dimensions => {
      // Two groups of samples, the second one smaller.
      const n = 803
      const near = await neighboursOf(blobs(n, 8, 4), { k: 9, metric: 'cosine' })
      const params = newLayout({ epochs: 60, dimensions })
      const made = (seed: number, threads: number) =>
        umap([{ neighbours: near, start: startOf(n, dimensions) }], params, seed, signal, report, { threads })
      const one = await made(1, 1)
      for (const threads of [2, 3, 4]) expect(await made(1, threads)).toEqual(one)
      expect(await made(2, 2)).not.toEqual(one)
      expect(await made(1 + 2 ** 32, 2)).not.toEqual(one)
      expect(one[0]!.every(Number.isFinite)).toBe(true)
    },
  )

  it('has the same bytes with any number of threads where samples are many: of several groups and pools, with a hub', async () => {
    const n = 40_000
    const k = 6
    // On a ring, with sample 0 as everybody's last neighbour: its row is longer than what is gathered at a time.
    const indices = new Int32Array(n * k)
    const distances = new Float64Array(n * k)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < k; j++) {
        const away = 1 + (j >> 1)
        const other = (i + (j % 2 === 0 ? away : n - away)) % n
        indices[i * k + j] = j === k - 1 ? (i === 0 ? n / 2 : 0) : other
        distances[i * k + j] = j === k - 1 ? 4 : away
      }
    const near: Neighbours = { n, k, indices, distances, method: 'exact', recall: 1, recallRows: n }
    const made = (threads: number) =>
      umap([{ neighbours: near, start: startOf(n, 2) }], newLayout({ epochs: 4 }), 1, signal, report, { threads })
    const one = await made(1)
    for (const threads of [2, 3]) expect(await made(threads)).toEqual(one)
    // Nobody is left out: all have edges.
    const start = startOf(n, 2)
    const still = Array.from({ length: n }, (_, i) => i).filter(i => one[0]![2 * i] === Math.fround(start[2 * i]!))
    expect(still).toEqual([])
  })

  it('pulls the views of a sample together by springs, in the same way with any number of threads', async () => {
    const n = 300
    const views = await Promise.all(
      [1, 2, 3].map(async seed => ({
        neighbours: await neighboursOf(blobs(n, 8, 4, seed), { k: 9, metric: 'cosine' }),
        start: startOf(n, 2).map((x, p) => x + Math.cos(p * seed)),
        springs: new Float32Array(n).fill(seed < 3 ? 1 : 0),
      })),
    )
    const made = (spring: number, threads: number) =>
      umap(views, newLayout({ epochs: 50 }), 1, signal, report, { threads, spring, springUntil: 0.6 })
    const apart = (layouts: readonly Float64Array[]): number =>
      layouts[0]!.reduce((sum, x, p) => sum + (x - layouts[1]![p]!) ** 2 + (layouts[1]![p]! - layouts[2]![p]!) ** 2, 0)
    const free = await made(0, 1)
    const held = await made(0.3, 1)
    expect(apart(held)).toBeLessThan(0.5 * apart(free))
    expect(await made(0.3, 3)).toEqual(held)
    // Without springs each view is laid out as if it were alone.
    expect(free[2]).toEqual((await umap([views[2]!], newLayout({ epochs: 50 }), 1, signal, report))[0])
  })

  it('lets no spring overshoot, however firm', async () => {
    const n = 300
    const near = await neighboursOf(blobs(n, 8, 4), { k: 9, metric: 'cosine' })
    const reach = async (firmness: number): Promise<number> => {
      const views = [0, 1].map(v => ({
        neighbours: near,
        start: startOf(n, 2).map((x, p) => x + Math.cos(p * (v + 1))),
        springs: new Float32Array(n).fill(v === 0 ? firmness : 0),
      }))
      const made = await umap(views, newLayout({ epochs: 100 }), 1, signal, report, { spring: 0.2, springUntil: 0.6 })
      return Math.max(...made.map(coordinates => coordinates.reduce((most, x) => Math.max(most, Math.abs(x)), 0)))
    }
    expect(await reach(30)).toBeLessThan(2 * (await reach(1)))
  })

  it('fits the published curves of umap-learn', () => {
    // umap-learn 0.5: find_ab_params(1, minDist).
    for (const [minDist, a, b] of [
      [0.1, 1.577, 0.8951],
      [0.01, 1.8956, 0.80064],
      [0.5, 0.583, 1.334],
    ] as const) {
      const found = similarityCurve(minDist)
      expect(found.a).toBeCloseTo(a, 3)
      expect(found.b).toBeCloseTo(b, 3)
    }
  })

  it('ends within a second when cancelled, with all of its threads', async () => {
    const n = 6_000
    const near = await neighboursOf(noise(n, 2), { k: 15, metric: 'euclidean' })
    const cancel = new AbortController()
    let cancelled = 0
    const running = umap(
      [{ neighbours: near, start: startOf(n, 2) }],
      newLayout({ epochs: 10_000 }),
      1,
      cancel.signal,
      ({ stage, done }) => {
        if (stage !== 'umap' || done !== 3) return
        cancelled = performance.now()
        cancel.abort(new Error('enough'))
      },
      { threads: 3 },
    )
    await expect(running).rejects.toThrow('enough')
    expect(performance.now() - cancelled).toBeLessThan(1_000)
  })

  it('turns a fault in one of its threads into an error of all', async () => {
    const memory = KernelMemory.create(1_000, 2)
    const team = new Team(memory)
    try {
      // Rows of 2³⁰ entries each lie beyond the memory.
      const beyond = memory.memory.buffer.byteLength
      await expect(team.others('memberships', [4, 2 ** 20, beyond, beyond, 1])).rejects.toThrow(/memory access/)
      expect(() => team.own('memberships', [4, 2 ** 20, beyond, beyond, 1])).toThrow(WebAssembly.RuntimeError)
    } finally {
      await team.end()
    }
  })
})

describe('neighbours for the kernel', () => {
  const valid: Neighbours = {
    n: 4,
    k: 2,
    indices: Int32Array.of(1, 2, 0, 3, 3, 0, 2, 1),
    distances: Float64Array.of(0.1, 0.2, 0.1, 0.3, 0, 0, 0.1, 0.1),
    method: 'exact',
    recall: 1,
    recallRows: 4,
  }
  const changed = (part: 'indices' | 'distances', at: number, value: number): Neighbours => {
    const copy = valid[part].slice()
    copy[at] = value
    return { ...valid, [part]: copy }
  }

  it('are refused unless they are distances to other samples', () => {
    expect(() => checkNeighbours(valid)).not.toThrow()
    for (const [part, at, value, message] of [
      ['indices', 3, 4, 'neighbour 4 of sample 1 of 4'],
      ['indices', 3, -1, 'neighbour -1 of sample 1 of 4'],
      ['indices', 2, 1, 'neighbour 1 of sample 1 of 4'],
      ['distances', 5, Number.NaN, 'neighbour 1 of sample 2 is at distance NaN'],
      ['distances', 0, -1, 'neighbour 0 of sample 0 is at distance -1'],
      ['distances', 1, 0.05, 'neighbour 1 of sample 0 is at distance 0.05'],
      ['distances', 7, Number.POSITIVE_INFINITY, 'neighbour 1 of sample 3 is at distance Infinity'],
      // Infinite in float32.
      ['distances', 7, 1e39, 'neighbour 1 of sample 3 is at distance 1e+39'],
    ] as const)
      expect(() => checkNeighbours(changed(part, at, value))).toThrow(message)
    expect(() => checkNeighbours({ ...valid, n: 5 })).toThrow('8 neighbours with 8 distances are not 2 of 5 samples')
    for (const [n, k] of [
      [16, 0.5],
      [2.5, 3.2],
      [-4, -2],
      [2, 4],
      [Number.NaN, 2],
      [2 ** 32 + 4, 2],
      [4, Number.POSITIVE_INFINITY],
    ] as const)
      expect(() => checkNeighbours({ ...valid, n, k })).toThrow(/neighbours/)
  })

  it('of views with other samples, other starts or other springs are refused', async () => {
    const start = startOf(4, 2)
    const view = { neighbours: valid, start }
    const larger = { neighbours: await neighboursOf(noise(9, 3), { k: 2, metric: 'cosine' }), start: startOf(9, 2) }
    for (const [views, message] of [
      [[view, larger], 'neighbours of 9 samples beside those of 4'],
      [[larger, view], 'neighbours of 4 samples beside those of 9'],
      [[{ ...view, start: startOf(3, 2) }], '6 coordinates are not 2 of 4 samples'],
      [[view, { ...view, springs: new Float32Array(5) }], '5 springs for 4 samples'],
    ] as const)
      await expect(umap(views, newLayout({ epochs: 5 }), 1, signal, report)).rejects.toThrow(message)
  })

  it('of any kind are refused, or laid out at finite positions', async () => {
    const arbitrary = fc.integer({ min: 2, max: 40 }).chain(n =>
      fc.integer({ min: 1, max: Math.min(6, n - 1) }).chain(k =>
        fc.record({
          n: fc.constant(n),
          k: fc.constant(k),
          indices: fc.array(
            fc.oneof(
              { weight: 20, arbitrary: fc.integer({ min: -1, max: n }) },
              { weight: 1, arbitrary: fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 2 ** 30) },
            ),
            { minLength: n * k, maxLength: n * k },
          ),
          // Not a number, and beyond float32: where a sample starts moves no other out of bounds.
          odd: fc.constantFrom(1, Number.NaN, Number.POSITIVE_INFINITY, -1e38),
          distances: fc.array(
            fc.oneof(
              { weight: 40, arbitrary: fc.double({ min: 0, max: 2 }) },
              { weight: 8, arbitrary: fc.constantFrom(0, 1e-300, 1e-40, 1e30, 3e38) },
              { weight: 1, arbitrary: fc.double() },
            ),
            { minLength: n * k, maxLength: n * k },
          ),
          repaired: fc.boolean(),
          dimensions: fc.constantFrom(1 as const, 2 as const),
        }),
      ),
    )
    let laidOut = 0
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ n, k, indices, distances, repaired, dimensions, odd }) => {
        const near: Neighbours = {
          ...valid,
          n,
          k,
          // Half of the cases are repaired: valid, but with hubs, repeated neighbours and extreme distances.
          indices: Int32Array.from(indices, (index, e) =>
            repaired && (index < 0 || index >= n || index === Math.floor(e / k)) ? (Math.floor(e / k) + 1) % n : index,
          ),
          distances: repaired
            ? Float64Array.from({ length: n }, (_, i) => i).reduce(
                (all, i) => {
                  all.subarray(i * k, (i + 1) * k).sort()
                  return all
                },
                Float64Array.from(distances, d => (d >= 0 && d <= 3e38 ? d : 1)),
              )
            : Float64Array.from(distances),
        }
        const start = startOf(n, dimensions)
        start[n - 1] = odd
        const views = [{ neighbours: near, start }]
        const running = umap(views, newLayout({ epochs: 12, dimensions }), 1, signal, report)
        if (!repaired) {
          await running.catch(error => expect(error.message).toMatch(/^neighbour /))
          return
        }
        laidOut++
        const made = (await running)[0]!
        if (odd === 1) expect(made.every(Number.isFinite)).toBe(true)
        else expect(made).toHaveLength(n * dimensions)
      }),
      { numRuns: 400 },
    )
    expect(laidOut).toBeGreaterThan(50)
  })
})
