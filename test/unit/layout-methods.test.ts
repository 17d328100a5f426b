import { describe, expect, it } from 'vitest'
import { MAX_TSNE_SAMPLES, type Metric } from '../../electron/contract/layout.ts'
import { affinities, calibrated } from '../../electron/engine/layout/affinity.ts'
import { noisyStart } from '../../electron/engine/layout/pca.ts'
import { farthestUsual, Placer } from '../../electron/engine/layout/place.ts'
import { checkTsneSize, tsne } from '../../electron/engine/layout/tsne.ts'
import { checkUmapSize, umapLimit } from '../../electron/engine/layout/umap.ts'
import { Random } from '../../electron/engine/random/random.ts'
import { blobs, calm, neighboursOf, noise, principalOf, qualityOfLayout } from './layout-data.ts'

const { signal } = calm

describe('randomness', () => {
  it('is uniform, repeats with seed and stage, and differs with another of either', () => {
    const draw = new Random('a', 7)
    const numbers = Array.from({ length: 20_000 }, () => draw.uniform())
    const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01)
    expect(numbers.every(x => x >= 0 && x < 1)).toBe(true)
    const first = (seed: number, stage: string): number[] => {
      const random = new Random(stage, seed)
      return Array.from({ length: 5 }, () => random.uniform())
    }
    expect(first(7, 'a')).toEqual(numbers.slice(0, 5))
    for (const [seed, stage] of [
      [8, 'a'],
      [7, 'b'],
      [7 + 2 ** 32, 'a'],
    ] as const)
      expect(first(seed, stage)).not.toEqual(numbers.slice(0, 5))
  })

  it('draws subsets without repetition', () => {
    const chosen = new Random('s', 1).subset(50, 20)
    expect(new Set(chosen).size).toBe(20)
    expect([...chosen].every(i => i >= 0 && i < 50)).toBe(true)
    expect(new Random('s', 1).subset(3, 9)).toEqual(Int32Array.of(0, 1, 2))
  })
})

describe('principal coordinates', () => {
  it('recover axes of known variance, with the sign fixed', async () => {
    const draw = new Random('pca', 2)
    const [n, channels] = [2000, 6]
    // Along (3, 4)/5 of the first two channels deviation 5, along channel 2 deviation 2, else .1.
    const rows = new Float32Array(n * channels)
    const truth: number[][] = []
    for (let i = 0; i < n; i++) {
      const [a, b] = [5 * draw.gaussian(), 2 * draw.gaussian()]
      truth.push([a, b])
      for (let c = 0; c < channels; c++)
        rows[i * channels + c] = 10 + [0.6 * a, 0.8 * a, b][c]! + 0.1 * draw.gaussian() || 0.1 * draw.gaussian()
    }
    const found = await principalOf({ rows, n, channels }, 2, 'euclidean', 1)
    for (const axis of [0, 1]) {
      const mean = truth.reduce((sum, t) => sum + t[axis]!, 0) / n
      const worst = Math.max(...truth.map((t, i) => Math.abs(found[2 * i + axis]! - (t[axis]! - mean))))
      expect(worst).toBeLessThan(0.8)
    }
  })

  it('carry all of the variance of data of that rank', async () => {
    const draw = new Random('rank', 4)
    const [n, channels] = [60, 40]
    const axes = Array.from({ length: 2 * channels }, () => draw.gaussian())
    const rows = new Float32Array(n * channels)
    for (let i = 0; i < n; i++) {
      const [a, b] = [draw.gaussian(), draw.gaussian()]
      for (let c = 0; c < channels; c++) rows[i * channels + c] = a * axes[c]! + b * axes[channels + c]!
    }
    const found = await principalOf({ rows, n, channels }, 2, 'euclidean', 1)
    for (let i = 1; i < n; i++) {
      const inside = Math.hypot(...Array.from({ length: channels }, (_, c) => rows[i * channels + c]! - rows[c]!))
      expect(Math.hypot(found[2 * i]! - found[0]!, found[2 * i + 1]! - found[1]!)).toBeCloseTo(inside, 4)
    }
  })

  it('start UMAP at an extent of 10, duplicates apart', () => {
    const start = noisyStart(Float64Array.of(-2, 0, 1, 0.5, 1, 0.5), 1)
    expect(start[0]).toBeCloseTo(-10, 2)
    expect(start[2]).toBeCloseTo(5, 2)
    expect(start[4]).not.toBe(start[2])
    expect(noisyStart(new Float64Array(4), 1).every(x => Math.abs(x) < 1e-3)).toBe(true)
  })
})

describe('the quality of a layout', () => {
  it('is 1 for a layout that keeps all distances, chance for a random one', async () => {
    const flat = noise(400, 2)
    const same = await qualityOfLayout(flat, Float64Array.from(flat.rows), 2, 'euclidean', 1)
    const one = { value: 1, standardError: 0 }
    expect(same).toEqual({ trustworthiness: one, preservation: one, k: 15, checked: 400, of: 400 })
    const draw = new Random('elsewhere', 9)
    const elsewhere = Float64Array.from({ length: 800 }, () => draw.uniform())
    const lost = await qualityOfLayout(flat, elsewhere, 2, 'euclidean', 1)
    expect(Math.abs(lost!.trustworthiness.value - 0.5)).toBeLessThan(0.05)
    // 15 of the 399 others, by chance.
    expect(Math.abs(lost!.preservation!.value - 15 / 399)).toBeLessThan(0.01)
  })

  it('agrees with the formulas worked by hand on six points', async () => {
    // On a line 0 1 2 3 4 5; in the layout 0 and 5 have changed places; k = 2.
    const line = { rows: Float32Array.of(0, 1, 2, 3, 4, 5.5), n: 6, channels: 1 }
    const layout = Float64Array.of(5.5, 1, 2, 3, 4, 0)
    // Layout neighbours, ranks beyond 2: 0→{4: 4, 3: 3}; 1→{5: 5}; 2→none; 3→none; 4→{0: 5}; 5→{1: 4, 2: 3}.
    const intruders = 4 - 2 + (3 - 2) + (5 - 2) + (5 - 2) + (4 - 2) + (3 - 2)
    const found = await qualityOfLayout(line, layout, 1, 'euclidean', 1)
    expect(found!.k).toBe(2)
    expect(found!.trustworthiness.value).toBeCloseTo(1 - (2 * intruders) / (6 * 2 * (12 - 6 - 1)), 12)
    // Of the 12 neighbours in the layout six are intruders.
    expect(found!.preservation!.value).toBeCloseTo(6 / 12, 12)
  })

  it('is estimated from a seeded subset of many samples, with a standard error that covers the value of all', async () => {
    const many = noise(1200, 6)
    // The first two channels: neighbourhoods are kept in part.
    const layout = Float64Array.from({ length: 2400 }, (_, p) => many.rows[6 * (p >> 1) + (p % 2)]!)
    const all = await qualityOfLayout(many, layout, 2, 'cosine', 1)
    expect(all).toMatchObject({ checked: 1200, of: 1200 })
    let covered = 0
    for (let seed = 0; seed < 40; seed++) {
      const some = await qualityOfLayout(many, layout, 2, 'cosine', seed, 101)
      expect(some).toMatchObject({ checked: 101, of: 1200, trustworthiness: { standardError: expect.any(Number) } })
      for (const key of ['trustworthiness', 'preservation'] as const) {
        const { value, standardError } = some![key]!
        if (Math.abs(value - all![key]!.value) < 1.96 * standardError!) covered++
      }
    }
    // 95 % of 80 are 76; 68 and fewer have a probability below one in a thousand.
    expect(covered).toBeGreaterThan(68)
  })

  it('is not claimed below five samples', async () => {
    expect(await qualityOfLayout(noise(4, 3), new Float64Array(8), 2, 'cosine', 1)).toBeUndefined()
  })
})

describe('t-SNE', () => {
  it('calibrates every row to the perplexity', () => {
    const draw = new Random('rows', 6)
    for (const scale of [1e-6, 1, 1e6])
      for (const perplexity of [2, 20, 50]) {
        const squared = Float64Array.from({ length: 150 }, () => 1e3 + scale * draw.uniform()).sort()
        const p = calibrated(squared, perplexity)
        const entropy = p.reduce((sum, x) => (x > 0 ? sum - x * Math.log(x) : sum), 0)
        expect(Math.exp(entropy)).toBeCloseTo(perplexity, 2)
      }
    expect([...calibrated(new Float64Array(4).fill(3), 2)]).toEqual([0.25, 0.25, 0.25, 0.25])
  })

  it('joins the rows to a symmetric matrix of sum 1', async () => {
    const samples = blobs(200, 5, 3)
    for (const metric of ['cosine', 'euclidean'] as const) {
      const near = await neighboursOf(samples, { k: 60, metric })
      const p = affinities(near, 20, metric)
      expect(p.value.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 10)
      const dense = Array.from({ length: 200 }, () => new Float64Array(200))
      for (let i = 0; i < 200; i++)
        for (let e = p.start[i]!; e < p.start[i + 1]!; e++) dense[i]![p.column[e]!] = p.value[e]!
      for (let i = 0; i < 200; i++) for (let j = 0; j < i; j++) expect(dense[i]![j]).toBeCloseTo(dense[j]![i]!, 15)
    }
  })

  it('leaves the cost at rest: its force is the gradient of the Kullback–Leibler divergence', async () => {
    // One step from a known start with rate r and gain .8 moves by −.8 r ∇; compared with finite differences of KL.
    const samples = noise(12, 4)
    for (const dimensions of [1, 2] as const) {
      const metric: Metric = 'euclidean'
      const near = await neighboursOf(samples, { k: 11, metric })
      const draw = new Random('start', 3)
      const unscaled = Float64Array.from({ length: 12 * dimensions }, () => draw.gaussian())
      const params = { metric, perplexity: 3, dimensions, epochs: 1 }
      // A step of length 0 shows where the optimisation starts.
      const at = await tsne(near, unscaled, { ...params, learningRate: 1e-300 }, signal, () => {})
      const moved = await tsne(near, unscaled, { ...params, learningRate: 1 }, signal, () => {})
      const p = affinities(near, 3, metric)
      const cost = (y: Float64Array): number => {
        const w = (i: number, j: number): number => {
          let squared = 0
          for (let d = 0; d < dimensions; d++) squared += (y[i * dimensions + d]! - y[j * dimensions + d]!) ** 2
          return 1 / (1 + squared)
        }
        let z = 0
        for (let i = 0; i < 12; i++) for (let j = 0; j < 12; j++) if (i !== j) z += w(i, j)
        let kl = 0
        for (let i = 0; i < 12; i++)
          for (let e = p.start[i]!; e < p.start[i + 1]!; e++)
            if (p.value[e]! > 0) kl += p.value[e]! * Math.log(p.value[e]! / (w(i, p.column[e]!) / z))
        return kl
      }
      const h = 1e-5
      for (let q = 0; q < at.length; q++) {
        const [up, down] = [at.slice(), at.slice()]
        up[q]! += h
        down[q]! -= h
        const slope = (cost(up) - cost(down)) / (2 * h)
        const step = (at[q]! - moved[q]!) / 0.8
        expect(Math.abs(step - slope)).toBeLessThan(1e-6)
      }
    }
  })
})

describe('limits', () => {
  it('of UMAP are reported before work starts', () => {
    // 32 bytes a neighbour and sample: a million samples with 100 neighbours.
    expect(umapLimit(20)).toBeGreaterThan(6_000_000)
    expect(umapLimit(100)).toBeGreaterThan(1_000_000)
    const limit = umapLimit(200)
    expect(() => checkUmapSize(limit + 1, 200)).toThrow(
      `cannot lay out ${limit + 1} samples by UMAP with 200 neighbours`,
    )
    expect(() => checkUmapSize(limit, 200)).not.toThrow()
    expect(() => checkTsneSize(MAX_TSNE_SAMPLES + 1)).toThrow(/150001 samples by t-SNE: the limit is 150000/)
    expect(() => checkTsneSize(MAX_TSNE_SAMPLES)).not.toThrow()
  })
})

describe('placing a new activation', () => {
  const samples = blobs(300, 8, 3)
  const draw = new Random('positions', 1)
  const positions = Float64Array.from({ length: 600 }, () => draw.uniform())
  const place = (activations: Float32Array, usual: number, cut = 300) => {
    const placer = new Placer(activations, 8, 'euclidean')
    placer.feed(0, samples.rows.subarray(0, cut * 8))
    if (cut < 300) placer.feed(cut, samples.rows.subarray(cut * 8))
    return placer.place(positions, 2, usual)
  }

  it('places a sample at its position, for any division into pages', () => {
    const placed = place(samples.rows.slice(0, 300 * 8), 1, 77)
    placed.forEach(({ position, distance, nearest, unlikeAnything }, i) => {
      expect([...position]).toEqual([positions[2 * i], positions[2 * i + 1]])
      expect(distance).toBe(0)
      expect(nearest[0]!.sample).toBe(i)
      expect(unlikeAnything).toBe(false)
    })
  })

  it('weighs the nearest by 1/distance', () => {
    const near = samples.rows.slice(0, 8).map(x => x + 0.1)
    const [placed] = place(near, 1)
    const weights = placed!.nearest.map(one => 1 / one.distance)
    const sum = weights.reduce((total, w) => total + w, 0)
    const x = placed!.nearest.reduce((total, one, j) => total + weights[j]! * positions[2 * one.sample]!, 0) / sum
    expect(placed!.position[0]).toBeCloseTo(x, 12)
    expect(placed!.nearest).toHaveLength(10)
  })

  it('reports an activation that is unlike all samples', async () => {
    const usual = farthestUsual(await neighboursOf(samples, { k: 5, metric: 'euclidean' }))
    expect(place(new Float32Array(8).fill(40), usual)[0]!.unlikeAnything).toBe(true)
    expect(place(samples.rows.slice(0, 8), usual)[0]!.unlikeAnything).toBe(false)
  })
})
