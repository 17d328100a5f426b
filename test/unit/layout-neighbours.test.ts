import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Metric } from '../../electron/contract/layout.ts'
import { clustersOf } from '../../electron/engine/layout/clusters.ts'
import { KernelMemory } from '../../electron/engine/layout/native/memory.ts'
import { Space, spaceBytes } from '../../electron/engine/layout/native/space.ts'
import { Nearest } from '../../electron/engine/layout/nearest.ts'
import { followersOf, neighbours, roomFor } from '../../electron/engine/layout/neighbours.ts'
import type { Samples } from '../../electron/engine/layout/samples.ts'
import { blobs, calm, neighboursOf, noise } from './layout-data.ts'

/** Straight from the definition, in float64, without the identity for squared distances. */
const referee = ({ rows, n, channels }: Samples, metric: Metric, i: number): { index: number; distance: number }[] => {
  const row = (s: number): number[] => [...rows.subarray(s * channels, (s + 1) * channels)]
  const apart = (a: number[], b: number[]): number => {
    if (metric === 'euclidean') return Math.hypot(...a.map((x, c) => x - b[c]!))
    const [la, lb] = [Math.hypot(...a), Math.hypot(...b)]
    if (la === 0 || lb === 0) return la === lb ? 0 : 1
    return 1 - a.reduce((sum, x, c) => sum + (x / la) * (b[c]! / lb), 0)
  }
  return Array.from({ length: n }, (_, j) => ({ index: j, distance: apart(row(i), row(j)) }))
    .filter(({ index }) => index !== i)
    .sort((a, b) => a.distance - b.distance || a.index - b.index)
}

describe('neighbours', () => {
  for (const metric of ['cosine', 'euclidean'] as const)
    it(`are those of the definition (${metric})`, async () => {
      for (const n of [2, 3, 64, 67, 131]) {
        const samples = noise(n, 9, n)
        const k = Math.min(7, n - 1)
        const found = await neighboursOf(samples, { k: 7, metric })
        expect(found.k).toBe(k)
        for (let i = 0; i < n; i++) {
          const expected = referee(samples, metric, i).slice(0, k)
          expect([...found.indices.subarray(i * k, (i + 1) * k)]).toEqual(expected.map(({ index }) => index))
          expected.forEach(({ distance }, j) => {
            expect(found.distances[i * k + j]).toBeCloseTo(distance, 10)
          })
        }
      }
    })

  it('of duplicates are at distance exactly 0, the lower index first, as are zero vectors', async () => {
    const samples = noise(40, 16)
    samples.rows.copyWithin(5 * 16, 0, 16)
    samples.rows.copyWithin(9 * 16, 0, 16)
    samples.rows.fill(0, 20 * 16, 22 * 16)
    for (const metric of ['cosine', 'euclidean'] as const) {
      const { indices, distances, k } = await neighboursOf(samples, { k: 2, metric })
      expect([...indices.subarray(0, 2)]).toEqual([5, 9])
      expect([...distances.subarray(5 * k, 5 * k + 2)]).toEqual([0, 0])
      expect(indices[20 * k]).toBe(21)
      expect(distances[21 * k]).toBe(0)
    }
    const { distances } = await neighboursOf(samples, { k: 39, metric: 'cosine' })
    expect([...distances.subarray(20 * 39 + 1, 21 * 39)].every(d => d === 1)).toBe(true)
  })

  it('in clusters find nearly all, have true distances, and repeat to the byte', async () => {
    const samples = blobs(1500, 32, 6)
    for (const metric of ['cosine', 'euclidean'] as const) {
      const exact = await neighboursOf(samples, { k: 20, metric })
      const graph = await neighboursOf(samples, { k: 20, metric, exactBelow: 10 })
      const again = await neighboursOf(samples, { k: 20, metric, exactBelow: 10 })
      expect(graph.method).toBe('clusters')
      expect(graph.recallRows).toBe(200)
      expect(graph.recall).toBeGreaterThan(0.98)
      expect(graph).toEqual(again)
      let hits = 0
      let worst = 0
      for (let i = 0; i < 1500; i++) {
        const truth = new Map(
          [...exact.indices.subarray(i * 20, i * 20 + 20)].map((j, r) => [j, exact.distances[i * 20 + r]!]),
        )
        graph.indices.subarray(i * 20, i * 20 + 20).forEach((j, r) => {
          if (!truth.has(j)) return
          hits++
          worst = Math.max(worst, Math.abs(graph.distances[i * 20 + r]! - truth.get(j)!))
        })
      }
      expect(worst).toBeLessThan(1e-9)
      expect(hits / 30_000).toBeGreaterThan(0.98)
      expect(Math.abs(hits / 30_000 - graph.recall)).toBeLessThan(0.02)
    }
  })

  it('have the same bytes for any number of threads, exact and in clusters', async () => {
    // The space of candidates holds a third of the variance, so that neighbours of neighbours are searched too.
    const { rows, n, channels } = noise(700, 200)
    for (const exactBelow of [10, 1_000]) {
      const room = roomFor(n, 12, exactBelow)
      const found = (threads: number) => {
        const memory = KernelMemory.create(spaceBytes(n, channels, 2, room) + 2 ** 20, threads)
        const samples = { rows: memory.float16(n * channels), n, channels }
        samples.rows.set(rows)
        return Space.open({ ...samples, memory: memory.handedOver() }, 'cosine', room).then(async space => {
          const near = await neighbours(space, { k: 12, seed: 1, exactBelow, ...calm })
          await space.close()
          return near
        })
      }
      const one = await found(1)
      for (const threads of [2, 3, 4]) expect(await found(threads)).toEqual(one)
      if (exactBelow < n) expect(one.recall).toBeLessThan(1)
    }
  })

  it('of crowds of duplicates are complete in clusters too', async () => {
    const samples = noise(600, 8)
    samples.rows.fill(0, 0, 300 * 8)
    const { indices, k } = await neighboursOf(samples, { k: 30, metric: 'cosine', exactBelow: 10 })
    for (let i = 0; i < 600; i++) {
      const row = [...indices.subarray(i * k, (i + 1) * k)]
      expect(new Set(row).size).toBe(k)
      expect(row.every(j => j >= 0 && j < 600 && j !== i)).toBe(true)
    }
  })

  it('of neighbours come ever nearer to the true ones, from whatever there is at first', async () => {
    const [n, k, metric] = [900, 12, 'cosine'] as const
    const samples = noise(n, 6)
    const truth = await neighboursOf(samples, { k, metric })
    const space = await Space.open(samples, metric, { k, candidates: k + 8, axes: 2, clusters: clustersOf(n, k) })
    const all = Array.from({ length: n }, (_, i) => i)
    // Neighbours by index, of the first samples with numbers that are no sample, or the sample itself.
    let lists = Int32Array.from({ length: n * k }, (_, e) =>
      e < 40 * k && e % 3 > 0
        ? [-1, n, 2 ** 31 - 1, -(2 ** 31), Math.floor(e / k)][e % 5]!
        : (Math.floor(e / k) + 1 + 7 * (e % k)) % n,
    )
    const shares: number[] = []
    for (let round = 0; round < 8; round++) {
      space.setLists(lists)
      const near = await space.nearestByNeighbours(all, k, k + 8, k)
      expect(near.incomplete).toBe(0)
      lists = Int32Array.from(near.indices)
      shares.push(
        near.distances.filter((distance, e) => distance <= truth.distances[(Math.floor(e / k) + 1) * k - 1]!).length /
          (n * k),
      )
      for (let i = 0; i < n; i++) {
        const row = [...lists.subarray(i * k, (i + 1) * k)]
        expect(new Set(row).size).toBe(k)
        expect(row).not.toContain(i)
      }
    }
    await space.close()
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(shares.at(-1)).toBeGreaterThan(0.99)
    expect(shares[0]).toBeLessThan(0.5)
  })

  it('of those that share a neighbour are found, whatever else stands in their place', async () => {
    const [n, k, width] = [300, 6, 5]
    const samples = noise(n, 6)
    const indices = Int32Array.from({ length: n * k }, (_, e) => (Math.floor(e / k) + 1 + 11 * (e % k) ** 2) % n)
    const space = await Space.open(samples, 'euclidean', { k, candidates: k + 8, axes: 2, clusters: clustersOf(n, k) })
    const followers = space.followers(width)
    followersOf({ n, k, indices }, width, followers)
    const led = Array.from({ length: n }, (_, j) => {
      const own = new Set(indices.subarray(j * k, (j + 1) * k))
      const having = Array.from({ length: n }, (_, i) => i)
        .filter(i => !own.has(i) && indices.subarray(i * k, (i + 1) * k).includes(j))
        .toSorted((a, b) => indices.indexOf(j, a * k) - a * k - (indices.indexOf(j, b * k) - b * k) || a - b)
      return having.slice(0, width)
    })
    for (let j = 0; j < n; j++)
      expect([...followers.subarray(j * width, (j + 1) * width)].filter(i => i < n)).toEqual(led[j])
    // Numbers that are no sample are passed over.
    followers.set([n, 2 ** 31, 2 ** 32 - 1], 7 * width)
    led[7] = led[7]!.slice(3)
    space.setLists(indices)
    const all = Array.from({ length: n }, (_, i) => i)
    const near = await space.nearestByNeighbours(all, k, k + 8, width, 'followers')
    const apart = (i: number, j: number): number =>
      Math.hypot(...Array.from({ length: 6 }, (_, c) => samples.rows[i * 6 + c]! - samples.rows[j * 6 + c]!))
    for (const i of all) {
      const own = [...indices.subarray(i * k, (i + 1) * k)]
      const candidates = new Set([...own, ...own.slice(0, width).flatMap(j => led[j]!)])
      const nearest = [...candidates].filter(j => j !== i).toSorted((a, b) => apart(i, a) - apart(i, b) || a - b)
      expect([...near.indices.subarray(i * k, (i + 1) * k)]).toEqual(nearest.slice(0, k))
    }
    await space.close()
  })

  it('stop when cancelled', async () => {
    const cancel = new AbortController()
    const reports: number[] = []
    const space = await Space.open(noise(4000, 64), 'cosine', roomFor(4000, 5))
    const running = neighbours(space, {
      k: 5,
      seed: 1,
      signal: cancel.signal,
      report: ({ done }) => {
        reports.push(done)
        cancel.abort(new Error('enough'))
      },
    })
    await expect(running).rejects.toThrow('enough')
    expect(reports.length).toBe(1)
    await space.close()
  })
})

describe('the nearest of many offers', () => {
  it('are the first of the sorted, in whatever order they came', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (distances, most) => {
          const k = Math.min(most, distances.length)
          const expected = distances.map((d, i) => [d, i] as const).sort(([a, i], [b, j]) => a - b || i - j)
          const forwards = new Nearest(1, k)
          const backwards = new Nearest(1, k)
          distances.forEach((d, i) => {
            forwards.offer(0, i, d)
          })
          for (let i = distances.length - 1; i >= 0; i--) backwards.offer(0, i, distances[i]!)
          expect([...forwards.sorted().indices]).toEqual(expected.slice(0, k).map(([, i]) => i))
          expect(backwards.sorted()).toEqual(forwards.sorted())
        },
      ),
    )
  })
})
