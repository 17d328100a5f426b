import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { affinities } from '../../electron/engine/layout/affinity.ts'
import { RepulsionTree } from '../../electron/engine/layout/barnes-hut.ts'
import { noisyStart } from '../../electron/engine/layout/pca.ts'
import { tsne } from '../../electron/engine/layout/tsne.ts'
import { exactRepulsion } from '../../electron/engine/layout/tsne-forces.ts'
import { Random } from '../../electron/engine/random/random.ts'
import { blobs, calm, neighboursOf, principalOf } from './layout-data.ts'

const { signal, report } = calm
const both = (at: Float64Array, dimensions: 1 | 2, theta: number) => {
  const [exact, tree] = [new Float64Array(at.length), new Float64Array(at.length)]
  const total = exactRepulsion(at, dimensions, exact)
  const found = new RepulsionTree(at.length / dimensions, dimensions).repel(at, theta, tree)
  return { exact, tree, total, found }
}
/** Kullback–Leibler divergence Σ p ln(p/q), q_ij = w_ij/Z, the cost that t-SNE minimises. */
const divergence = (p: ReturnType<typeof affinities>, at: Float64Array, dimensions: 1 | 2): number => {
  const total = exactRepulsion(at, dimensions, new Float64Array(at.length))
  let sum = 0
  for (let i = 0; i < p.n; i++)
    for (let e = p.start[i]!; e < p.start[i + 1]!; e++) {
      let apart = 0
      for (let d = 0; d < dimensions; d++) apart += (at[i * dimensions + d]! - at[p.column[e]! * dimensions + d]!) ** 2
      if (p.value[e]! > 0) sum += p.value[e]! * Math.log(p.value[e]! * (1 + apart) * total)
    }
  return sum
}
/** Length of the difference of two vectors as a share of the length of the second. */
const off = (found: Float64Array, exact: Float64Array): number =>
  Math.hypot(...found.map((x, p) => x - exact[p]!)) / Math.hypot(...exact)

describe.each([1, 2] as const)('repulsion by a tree, in %i dimensions', dimensions => {
  it('is the sum over all pairs where no square is approximated, for any clusters and duplicates', () => {
    // Whole numbers make duplicates and points in a row; the factors make some of them very close and very far.
    const coordinates = fc.array(fc.integer({ min: -6, max: 6 }), { minLength: dimensions, maxLength: 120 })
    fc.assert(
      fc.property(coordinates, fc.constantFrom(1e-9, 1e-3, 1, 50), fc.integer(), (numbers, scale, seed) => {
        const draw = new Random('jitter', seed)
        const length = numbers.length - (numbers.length % dimensions)
        const at = Float64Array.from(
          numbers.slice(0, length),
          x => (x + (draw.uniform() < 0.3 ? draw.uniform() * 1e-7 : 0)) * scale,
        )
        const { exact, tree, total, found } = both(at, dimensions, 0)
        expect(found).toBeCloseTo(total, 8)
        for (const [p, push] of tree.entries()) expect(push).toBeCloseTo(exact[p]!, 8)
      }),
    )
  })

  it('comes close to it at the width that is used', () => {
    for (const n of [50, 1000, 4000]) {
      const draw = new Random('cloud', n)
      const at = Float64Array.from({ length: n * dimensions }, () => draw.gaussian() * Math.sqrt(n))
      const { exact, tree, total, found } = both(at, dimensions, dimensions === 1 ? 0.25 : 0.5)
      expect(Math.abs(found / total - 1)).toBeLessThan(0.02)
      expect(off(tree, exact)).toBeLessThan(0.02)
    }
  })

  it('sees the same in any order of the points', () => {
    const draw = new Random('order', 3)
    const n = 300
    const at = Float64Array.from({ length: n * dimensions }, () => draw.gaussian() * 20)
    const turned = Float64Array.from(
      at,
      (_, p) => at[(n - 1 - Math.floor(p / dimensions)) * dimensions + (p % dimensions)]!,
    )
    const [one, other] = [both(at, dimensions, 0.5), both(turned, dimensions, 0.5)]
    expect(other.found).toBeCloseTo(one.found, 6)
    for (let i = 0; i < n; i++)
      for (let d = 0; d < dimensions; d++)
        expect(other.tree[(n - 1 - i) * dimensions + d]).toBeCloseTo(one.tree[i * dimensions + d]!, 8)
  })

  it('refuses a width at which points would be repelled by themselves', () => {
    const tree = new RepulsionTree(4, dimensions)
    const at = new Float64Array(4 * dimensions)
    for (const theta of [-0.1, 0.7, Number.NaN]) expect(() => tree.repel(at, theta, at.slice())).toThrow('theta')
  })

  it('ends in layouts as good as those of all pairs', async () => {
    const samples = blobs(600, 20, 5)
    const near = await neighboursOf(samples, { k: 60, metric: 'cosine' })
    const start = noisyStart(await principalOf(samples, dimensions, 'cosine', 1), 1)
    const params = { metric: 'cosine', dimensions, perplexity: 20, epochs: 500 } as const
    const p = affinities(near, 20, 'cosine')
    const exact = await tsne(near, start, { ...params, theta: 0 }, signal, report)
    const tree = await tsne(near, start, { ...params, theta: dimensions === 1 ? 0.25 : 0.5 }, signal, report)
    const [best, found] = [divergence(p, exact, dimensions), divergence(p, tree, dimensions)]
    expect(best).toBeLessThan(divergence(p, start, dimensions))
    expect(Math.abs(found - best)).toBeLessThan(0.05 * best)
  })
})

it('a first look comes once, before the end, and is not the end', async () => {
  const samples = blobs(120, 10, 3)
  const near = await neighboursOf(samples, { k: 30, metric: 'cosine' })
  const start = noisyStart(await principalOf(samples, 2, 'cosine', 1), 1)
  const looks: { readonly at: Float64Array; readonly steps: number }[] = []
  let steps = 0
  const params = { metric: 'cosine', dimensions: 2, perplexity: 10 } as const
  const end = await tsne(
    near,
    start,
    params,
    signal,
    ({ done }) => (steps = done),
    at => looks.push({ at: at.slice(), steps }),
  )
  expect(looks).toHaveLength(1)
  expect(looks[0]!.steps).toBe(299)
  expect(steps).toBe(1000)
  expect(looks[0]!.at).not.toEqual(end)
})
