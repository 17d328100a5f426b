import { describe, expect, it } from 'vitest'
import { LayoutParams } from '../../electron/contract/layout.ts'
import { agreement, medianDistance } from '../../electron/engine/layout/aligned.ts'
import { checkLayoutSize, computeLayout, roomForSamples } from '../../electron/engine/layout/compute.ts'
import type { Neighbours } from '../../electron/engine/layout/neighbours.ts'
import { layout, layoutAligned } from '../../electron/engine/layout/run.ts'
import type { Samples } from '../../electron/engine/layout/samples.ts'
import { blobs, calm, noise, swissRoll } from '../unit/layout-data.ts'

const { signal, report } = calm
const params = (given: Partial<LayoutParams>): LayoutParams => LayoutParams.parse(given)

/** Share of samples whose nearest in the layout is of their own blob. */
const purity = (positions: Float64Array, dimensions: number, centres: number): number => {
  const n = positions.length / dimensions
  let same = 0
  for (let i = 0; i < n; i++) {
    let best = -1
    let nearest = Number.POSITIVE_INFINITY
    for (let j = 0; j < n; j++) {
      if (i === j) continue
      let apart = 0
      for (let d = 0; d < dimensions; d++)
        apart += (positions[i * dimensions + d]! - positions[j * dimensions + d]!) ** 2
      if (apart < nearest) [best, nearest] = [j, apart]
    }
    if (best % centres === i % centres) same++
  }
  return same / n
}

describe.each([
  { method: 'umap', neighbours: 15 },
  { method: 'tsne', perplexity: 20 },
] as const)('$method', given => {
  it('separates Gaussian blobs, in two dimensions and in one', async () => {
    for (const dimensions of [2, 1] as const) {
      const made = await computeLayout(blobs(400, 20, 5), params({ ...given, dimensions }), 1, signal, report)
      expect(purity(made.positions, dimensions, 5)).toBeGreaterThan(0.99)
      expect(made).toMatchObject({ n: 400, dimensions, method: given.method, note: undefined })
    }
  })

  it('keeps the neighbourhoods of a rolled sheet', async () => {
    const made = await computeLayout(swissRoll(800), params({ ...given, metric: 'euclidean' }), 1, signal, report)
    expect(made.quality!.trustworthiness.value).toBeGreaterThan(0.95)
    expect(made.positions.every(x => x >= 0 && x <= 1)).toBe(true)
  })

  it('repeats to the byte with a seed, and differs with another', async () => {
    const run = (seed: number) => layout(blobs(150, 10, 3), params({ ...given, epochs: 60 }), seed, signal, report)
    const [one, again, other] = [await run(1), await run(1), await run(2)]
    expect(Buffer.from(again.coordinates.buffer)).toEqual(Buffer.from(one.coordinates.buffer))
    expect(again).toEqual(one)
    expect(other.coordinates).not.toEqual(one.coordinates)
  })

  it('works from one sample up, with a note where the result differs from the request', async () => {
    const zeros = (n: number): Samples => ({ rows: new Float32Array(n * 4), n, channels: 4 })
    const cases: [Samples, RegExp | undefined, string][] = [
      [noise(1, 4), /single/, 'plain'],
      [noise(2, 4), /too few/, 'plain'],
      [noise(3, 4), /too few/, 'plain'],
      [noise(5, 4), /too few/, 'plain'],
      [
        noise(9, 4),
        given.method === 'umap' ? /8 neighbours instead of 15/ : /perplexity 2\.7 instead of 20/,
        given.method,
      ],
      [noise(30, 4), given.method === 'umap' ? undefined : /perplexity 9\.7 instead of/, given.method],
      [{ ...noise(30, 1) }, given.method === 'umap' ? undefined : /perplexity 9\.7 instead of/, given.method],
      [zeros(1), /single/, 'plain'],
      [zeros(30), /identical/, 'plain'],
      [{ rows: new Float32Array(120).fill(3), n: 30, channels: 4 }, /identical/, 'plain'],
    ]
    for (const dimensions of [1, 2] as const)
      for (const [samples, note, method] of cases) {
        const made = await computeLayout(samples, params({ ...given, dimensions, epochs: 30 }), 1, signal, report)
        expect(made.positions).toHaveLength(samples.n * dimensions)
        expect(made.positions.every(x => x >= 0 && x <= 1)).toBe(true)
        expect(made.method).toBe(method)
        if (note === undefined) expect(made.note).toBeUndefined()
        else expect(made.note).toMatch(note)
      }
  })

  it('refuses non-finite numbers, no samples, and too many samples', async () => {
    const broken = noise(30, 4)
    broken.rows[50] = Number.NaN
    await expect(layout(broken, params(given), 1, signal, report)).rejects.toThrow(/sample 12: its channel 2 is NaN/)
    const none = { rows: new Float32Array(0), n: 0, channels: 4 }
    await expect(layout(none, params(given), 1, signal, report)).rejects.toMatchObject({ name: 'UserError' })
    const n = given.method === 'umap' ? 9_000_000 : 200_000
    const many = { rows: new Float32Array(n), n, channels: 1 }
    await expect(layout(many, params(given), 1, signal, report)).rejects.toThrow(/the limit is \d+/)
  })
})

it('refuses samples with more channels than the memory of the kernel holds, before they are sampled', () => {
  const given = params({})
  checkLayoutSize(2_000_000, given, 512)
  expect(() => checkLayoutSize(2_000_000, given, 1_024)).toThrow(/would need \d+ MB of memory, and the limit is 40\d\d/)
  checkLayoutSize(1_300_000, given, 1_024)
})

it('orders a comparison along one line: t-SNE, cosine, learning rate 10, perplexity 50', async () => {
  const given = params({ method: 'tsne', dimensions: 1, learningRate: 10, perplexity: 50 })
  const made = await computeLayout(blobs(600, 20, 3), given, 1, signal, report)
  expect(purity(made.positions, 1, 3)).toBeGreaterThan(0.99)
})

describe('several views of the same samples', () => {
  const views = [1, 2, 3].map(seed => ({ name: `view ${seed}`, samples: blobs(200, 10, 4, seed) }))

  it('are laid out together, and a sample is nearer to its place in the next view', async () => {
    const given = params({ neighbours: 15, epochs: 200 })
    const together = await layoutAligned(views, given, 1, signal, report)
    const apart = await Promise.all(views.map(({ samples }) => layout(samples, given, 1, signal, report)))
    expect(together.map(({ displacement }) => displacement === undefined)).toEqual([false, false, true])
    for (const v of [0, 1]) {
      expect(medianDistance(together[v]!.positions, together[v + 1]!.positions, 2)).toBe(together[v]!.displacement)
      expect(together[v]!.displacement).toBeLessThan(medianDistance(apart[v]!.positions, apart[v + 1]!.positions, 2))
    }
    for (const { positions } of together) {
      expect(purity(positions, 2, 4)).toBeGreaterThan(0.99)
      // Each fills its frame.
      for (const axis of [0, 1]) {
        const along = positions.filter((_, p) => p % 2 === axis)
        expect([Math.min(...along), Math.max(...along)]).toEqual([0, 1])
      }
    }
    expect(await layoutAligned(views, given, 1, signal, report)).toEqual(together)
  })

  it('are refused where they cannot be', async () => {
    await expect(layoutAligned(views.slice(1), params({ method: 'tsne' }), 1, signal, report)).rejects.toThrow(
      'only UMAP',
    )
    await expect(layoutAligned(views.slice(2), params({}), 1, signal, report)).rejects.toThrow('at least two layers')
  })

  it('agree where their neighbours do', () => {
    const near = (indices: number[]): Neighbours => ({
      n: 3,
      k: 2,
      indices: Int32Array.from(indices),
      distances: new Float64Array(6),
      method: 'exact',
      recall: 1,
      recallRows: 3,
    })
    // 2, 1 and 0 of two neighbours in common: mean 1.
    expect([...agreement(near([1, 2, 0, 2, 0, 1]), near([2, 1, 0, 1, 2, 2]))]).toEqual([2, 1, 0])
    expect([...agreement(near([1, 1, 0, 0, 0, 0]), near([2, 2, 2, 2, 1, 1]))]).toEqual([1, 1, 1])
  })
})

describe('a layout in its own thread', () => {
  it("is equal to that of the caller's thread, with progress", async () => {
    const stages = new Map<string, number>()
    const samples = blobs(200, 10, 4)
    const away = await layout(samples, params({ epochs: 40 }), 5, signal, ({ stage, done, total }) => {
      expect(done).toBeLessThanOrEqual(total)
      expect(done).toBeGreaterThanOrEqual(stages.get(stage) ?? 0)
      stages.set(stage, done)
    })
    expect(away).toEqual(await computeLayout(samples, params({ epochs: 40 }), 5, signal, report))
    expect([...stages.keys()]).toEqual(['principal components', 'neighbours', 'graph', 'umap', 'quality'])
    expect(stages.get('umap')).toBe(40)
  })

  it('ends with the error of who receives its progress, such as a project on a full disk', async () => {
    const full = (): void => {
      throw new Error('the disk is full')
    }
    await expect(layout(blobs(100, 6, 2), params({ epochs: 5 }), 5, signal, full)).rejects.toThrow('the disk is full')
  })

  it('takes samples from shared memory', async () => {
    const samples = blobs(100, 6, 2)
    const rows = new Float32Array(new SharedArrayBuffer(samples.rows.byteLength))
    rows.set(samples.rows)
    const shared = await layout({ ...samples, rows }, params({ epochs: 5 }), 5, signal, report)
    expect(shared).toEqual(await layout(samples, params({ epochs: 5 }), 5, signal, report))
  })

  it('takes samples of float16 from the memory of the kernel', async () => {
    const { rows, n, channels } = blobs(300, 7, 2)
    const halves = Float16Array.from(rows)
    const given = params({ epochs: 5 })
    const samples = roomForSamples(n, channels, given)
    samples.rows.set(halves)
    const shared = await layout(samples, given, 5, signal, report)
    expect(shared).toEqual(await layout({ rows: halves, n, channels }, given, 5, signal, report))
    expect(shared).toEqual(await layout({ rows: Float32Array.from(halves), n, channels }, given, 5, signal, report))
  })

  it('leaves the event loop free, and ends when cancelled', async () => {
    const cancel = new AbortController()
    let cancelled = 0
    let ticks = 0
    const ticking = setInterval(() => ticks++, 5)
    const running = layout(noise(4000, 128), params({ neighbours: 50 }), 1, cancel.signal, report)
    setTimeout(() => {
      cancelled = performance.now()
      cancel.abort(new Error('enough'))
    }, 300)
    await expect(running).rejects.toThrow('enough')
    clearInterval(ticking)
    expect(performance.now() - cancelled).toBeLessThan(3000)
    expect(ticks).toBeGreaterThan(20)
    await expect(layout(noise(9, 2), params({}), 1, cancel.signal, report)).rejects.toThrow('enough')
  })
})
