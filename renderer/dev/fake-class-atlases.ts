import type { AtlasSummary, Cells } from '../../electron/contract/atlas.ts'
import type { CallName, Input, Output } from '../../electron/contract/calls.ts'
import { type ClassAtlas, noCell } from '../../electron/contract/class-atlas.ts'
import {
  type ClassAtlasSelection,
  type ClassExtent,
  defaultFilter,
  type FilterCounts,
  type SampleFilter,
} from '../../electron/contract/class-selection.ts'
import { noOtherClass, otherClassCount, type SeparatingCell } from '../../electron/contract/comparison.ts'
import { MIN_PHOTOGRAPHS } from '../../electron/contract/inference.ts'
import { CLASS_NAMES } from './class-names.ts'
import { noise } from './synthetic.ts'

/** The atlases that fake class atlases are derived from. */
interface FakeAtlases {
  readonly samples: number
  readonly classes: number
  readonly whole: readonly AtlasSummary[]
  readonly cellsOf: (atlas: number, grid: number) => Cells
  readonly iconKey: (grid: number, i: number, j: number) => string
}

/** Synthetic atlases with a scope have ids from here on. */
export const FIRST_CLASS_ATLAS = 101
/** Samples that pass a synthetic filter. */
export const CLASS_ATLAS_SAMPLES = 1800

type Names = Extract<CallName, `classAtlas.${string}` | `comparison.${string}`>
type FakeHandlers = { readonly [N in Names]: (input: Input<N>) => Output<N> }

/** Class atlases and comparisons of the fake engine. A plan returns a finished atlas. */
export function classAtlasHandlers({ samples, classes, whole, cellsOf, iconKey }: FakeAtlases): {
  readonly handlers: FakeHandlers
  readonly find: (atlas: number) => ClassAtlas | undefined
} {
  const classAtlases: ClassAtlas[] = []

  const counts = (index: number, { rank, magnitude }: SampleFilter): FilterCounts => {
    const byRank = rank === null ? null : Math.round(samples * 0.004 * (0.5 + noise(index)) * Math.sqrt(rank))
    const byMagnitude = magnitude === null ? null : Math.min(magnitude, samples)
    const both = byRank === null || byMagnitude === null ? 0 : Math.round(0.7 * Math.min(byRank, byMagnitude))
    return {
      before: samples,
      known: samples,
      after: (byRank ?? 0) + (byMagnitude ?? 0) - both,
      byRank,
      byMagnitude,
      both,
    }
  }
  const extent = (index: number): ClassExtent => ({
    max: 6 + 6 * noise(index),
    min: -3 - 2 * noise(index + 1),
    sum: 900 * noise(index + 2),
  })

  const enter = (scope: ClassAtlasSelection, from: number, grids: readonly number[]): ClassAtlas => {
    const plan = [...JSON.stringify([scope, from])].reduce(
      (h, c) => Math.imul(h ^ c.charCodeAt(0), 0x01000193) >>> 0,
      7,
    )
    const key = plan.toString(16).padStart(8, '0').repeat(8)
    const known = classAtlases.find(each => each.plan === key)
    if (known) return known
    const base = whole.find(each => each.id === from)
    if (!base) throw new Error(`cannot make a class atlas: there is no atlas ${from}`)
    const id = FIRST_CLASS_ATLAS + classAtlases.length
    const made: ClassAtlas = {
      ...base,
      id,
      name: scope.kind === 'class' ? `class ${scope.class}` : `class ${scope.left} | class ${scope.right}`,
      samples: CLASS_ATLAS_SAMPLES,
      method: scope.kind === 'class' ? 'tsne' : 'comparison',
      createdAt: base.createdAt + classAtlases.length * 60_000,
      plan: key,
      from,
      scope,
      stage: 'refined',
      job: null,
      note: null,
      minSamples: 2,
      fewer: null,
      grids: grids.map(grid => {
        const { count } = cellsOf(id, grid)
        const shown = count.reduce((a, b) => a + b, 0)
        return { grid, shown: count.length, total: count.length + 9, samplesShown: shown, finished: count.length }
      }),
    }
    classAtlases.push(made)
    return made
  }
  const begun = ({ plan, id }: ClassAtlas) => ({ plan, atlas: id, job: null })

  const classAtlas = (index: number, filter: SampleFilter, from: number, grids: readonly number[]): ClassAtlas =>
    enter({ kind: 'class', class: index, filter, counts: counts(index, filter), extent: extent(index) }, from, grids)
  const comparison = (
    a: number,
    b: number,
    filter: SampleFilter,
    from: number,
    grids: readonly number[],
  ): ClassAtlas => {
    const [left, right] = a < b ? [a, b] : [b, a]
    const [ofLeft, ofRight] = [counts(left, filter), counts(right, filter)]
    const shared = Math.round(0.06 * ofLeft.after)
    const after = ofLeft.after + ofRight.after - shared
    return enter(
      {
        kind: 'comparison',
        left,
        right,
        filter,
        counts: { before: samples, after, shared, left: ofLeft, right: ofRight },
        extents: { left: extent(left), right: extent(right) },
        scale: 8.4,
        clipped: Math.round(after / 100),
        crossFit: { agreement: 0.7, components: [4, 5], photographs: [Math.ceil(after / 4), Math.floor(after / 4)] },
      },
      from,
      grids,
    )
  }

  const ranked = ({ atlas, grid, swap, toward, limit }: Input<'comparison.ranked'>): Output<'comparison.ranked'> => {
    const cells = cellsOf(atlas, grid)
    const columns = comparisonCells({ atlas, grid, swap })
    const nearer = (k: number): number =>
      Number.isNaN(columns.low[k]!) ? -1e9 : Math.max(columns.low[k]!, -columns.high[k]!)
    const end = (value: number): number | null => (Number.isNaN(value) ? null : value)
    const ranking = Array.from(cells.i.keys())
      .filter(k => toward === 'both' || columns.difference[k]! > 0 === (toward === 'right'))
      .sort((a, b) => nearer(b) - nearer(a))
      .slice(0, limit)
      .map(
        (k): SeparatingCell => ({
          cell: { atlas, grid, i: cells.i[k]!, j: cells.j[k]! },
          toward: columns.difference[k]! > 0 ? 'right' : 'left',
          icon: iconKey(grid, cells.i[k]!, cells.j[k]!),
          state: cells.state[k]!,
          count: cells.count[k]!,
          photographs: columns.photographs[k]!,
          left: columns.left[k]!,
          right: columns.right[k]!,
          difference: columns.difference[k]!,
          low: end(columns.low[k]!),
          high: end(columns.high[k]!),
          significant: columns.significant[k] === 1,
          otherClasses: Array.from({ length: otherClassCount }, (_, t) => ({
            index: columns.otherClasses[k * otherClassCount + t]!,
            value: columns.otherClassValues[k * otherClassCount + t]!,
          })).filter(({ index }) => index !== noOtherClass),
        }),
      )
    return { cells: ranking, tested: columns.tested, mean: columns.mean }
  }

  const comparisonCells = ({ atlas, grid, swap }: Input<'comparison.cells'>): Output<'comparison.cells'> => {
    const cells = cellsOf(atlas, grid)
    const n = cells.i.length
    const side = swap ? -1 : 1
    const lean = cells.x.map(x => side * (2 * x - 1))
    const difference = lean.map(x => 8.4 * x)
    const half = Float32Array.from(cells.count, (count, k) => (4 * (0.6 + noise(k))) / Math.sqrt(count))
    const base = Float32Array.from({ length: n }, (_, k) => 2 + 3 * noise(k * 3 + 1))
    const photographs = cells.count.map(count => Math.ceil(0.7 * count))
    const enough = (k: number): boolean => photographs[k]! >= MIN_PHOTOGRAPHS
    const low = difference.map((value, k) => (enough(k) ? value - half[k]! : Number.NaN))
    const high = difference.map((value, k) => (enough(k) ? value + half[k]! : Number.NaN))
    return {
      column: cells.j.map(j => (swap ? grid - 1 - j : j)),
      left: base.map((value, k) => value - difference[k]! / 2),
      right: base.map((value, k) => value + difference[k]! / 2),
      difference,
      low,
      high,
      significant: Uint8Array.from(low, (value, k) => Number(value > 0 || high[k]! < 0)),
      lean,
      photographs,
      otherClasses: Uint32Array.from({ length: n * otherClassCount }, (_, t) => Math.floor(noise(t * 7) * classes)),
      otherClassValues: Float32Array.from({ length: n * otherClassCount }, (_, t) => 5 * 0.8 ** (t % otherClassCount)),
      tested: photographs.filter((_, k) => enough(k)).length,
      mean: 0,
    }
  }

  const handlers: FakeHandlers = {
    'classAtlas.counts': ({ class: index, filter }) => ({ counts: counts(index, filter), extent: extent(index) }),
    'classAtlas.list': () => classAtlases.toReversed(),
    'classAtlas.build': plan => begun(classAtlas(plan.class, plan.filter, plan.from, plan.grids)),
    'classAtlas.remove': ({ atlas }) => {
      const at = classAtlases.findIndex(({ id }) => id === atlas)
      if (at >= 0) classAtlases.splice(at, 1)
      return {}
    },
    'classAtlas.cells': ({ atlas, grid }) => {
      const cells = cellsOf(atlas, grid)
      const attribution = Float32Array.from(cells.count, (_, k) => 0.5 + 2 * noise(k + 31))
      const half = Float32Array.from(cells.count, count => 3 / Math.sqrt(count))
      const photographs = cells.count.map(count => Math.ceil(0.7 * count))
      const low = attribution.map((value, k) => (photographs[k]! < MIN_PHOTOGRAPHS ? Number.NaN : value - half[k]!))
      const high = attribution.map((value, k) => (photographs[k]! < MIN_PHOTOGRAPHS ? Number.NaN : value + half[k]!))
      const mean = 1.5
      return {
        attribution,
        low,
        high,
        photographs,
        significant: Uint8Array.from(low, value => Number(value > mean)),
        tested: photographs.filter(n => n >= MIN_PHOTOGRAPHS).length,
        mean,
      }
    },
    'classAtlas.origins': ({ atlas, grid, to }) => {
      const [cells, other] = [cellsOf(atlas, grid), cellsOf(to.atlas, to.grid)]
      const n = cells.i.length
      // A class lies in two or three places of the whole atlas.
      const place = (k: number): number => Math.floor(noise(Math.floor(cells.x[k]! * 3) + atlas) * other.i.length)
      return {
        x: Float32Array.from({ length: n }, (_, k) => other.x[place(k)]! + 0.05 * (noise(k) - 0.5)),
        y: Float32Array.from({ length: n }, (_, k) => other.y[place(k)]! + 0.05 * (noise(k + 9) - 0.5)),
        spread: Float32Array.from({ length: n }, (_, k) => 0.02 + 0.03 * noise(k)),
        cell: Uint32Array.from({ length: n }, (_, k) => (other.i.length === 0 ? noCell : place(k))),
        share: Float32Array.from({ length: n }, (_, k) => 0.4 + 0.5 * noise(k)),
      }
    },
    'classAtlas.layers': ({ grids }) =>
      grids.map(({ atlas, grid }) => {
        const cells = cellsOf(atlas, grid)
        const cellsPositive = Float32Array.from(cells.count, (count, k) => count * noise(k * 5 + atlas) ** 6 * 4)
        const sums = cellsPositive.map((value, k) => value - cells.count[k]! * 0.2 * noise(k))
        const sum = (values: Float32Array): number => values.reduce((a, b) => a + b, 0)
        const hidden = 0.04 * sum(sums)
        const positive = 1.04 * sum(cellsPositive)
        const total = sum(sums) + hidden
        const { layer } = whole.find(({ id }) => id === atlas) ?? classAtlases.find(({ id }) => id === atlas)!
        return {
          atlas,
          grid,
          layer,
          samples,
          known: samples,
          total,
          hidden,
          positive,
          negative: total - positive,
          cells: sums,
          cellsPositive,
        }
      }),
    'comparison.build': plan => begun(comparison(plan.left, plan.right, plan.filter, plan.from, plan.grids)),
    'comparison.cells': comparisonCells,
    'comparison.ranked': ranked,
  }
  const filter = defaultFilter(samples)
  const [first] = whole
  if (first) {
    classAtlas(CLASS_NAMES.indexOf('fireboat'), filter, first.id, [8, 16])
    comparison(CLASS_NAMES.indexOf('snorkel'), CLASS_NAMES.indexOf('scuba diver'), filter, first.id, [10, 20])
  }
  return { handlers, find: id => classAtlases.find(each => each.id === id) }
}
