import { type ClassGroup, MAX_FALSE_SHARE, MIN_AGREEMENT } from '../../contract/cell-labels.ts'
import { MIN_PHOTOGRAPHS } from '../../contract/inference.ts'
import {
  falseDiscoveryThreshold,
  halfMeans,
  largestOf,
  meansOf,
  type PhotographSums,
  randomHalves,
  winnerAmong,
} from '../statistics/winner.ts'
import { OUTSIDE } from './cell-sums.ts'
import { GroupScores } from './group-scores.ts'

/** Random splits of a cell's photographs into halves. */
const SPLITS = 100
/** Bytes of the sums that are kept at once: more cells take another pass over the attributions. */
const BLOCK_BYTES = 128 * 2 ** 20

/** The samples of the shown cells of a grid. */
export interface LabelledSamples {
  /** Classes of the network. */
  readonly classes: number
  readonly groups: readonly ClassGroup[]
  /** Classes that are not to be labels: those that a comparison compares. */
  readonly excluded: readonly number[]
  /** [samples], the shown cell of each; -1 in a hidden cell, `OUTSIDE` where it is not of the atlas. */
  readonly slots: Int32Array
  /** Number of shown cells. */
  readonly cells: number
  /** [samples], equal for samples of the same photograph or of copies of it. */
  readonly photographs: ArrayLike<number>
}

/** A reliable label: a class, or a group by its index. */
export interface Label {
  readonly kind: 'class' | 'group'
  readonly index: number
  /** Share of random splits of the photographs in which both halves result in this label. */
  readonly agreement: number
}

/** A claim about a cell that holds unless one of two equal means leads by chance. */
interface Claim extends Label {
  readonly p: number
}

/** Attributions of consecutive samples to all classes, [rows, classes]. */
export interface AttributionPage {
  readonly start: number
  readonly values: Float32Array
}

/**
 * The label of every shown cell: the class with the largest mean attribution where that is reliable, otherwise the most
 * specific group that is, otherwise none.
 *
 * A group is found by a walk down the hierarchy: at each level the child with the largest mean score (`GroupScores`)
 * wins. Each step is tested over photographs (`winnerAmong`); the p-value of a group is the largest on the way to it,
 * so that a cell makes one false claim at most, where its walk first goes wrong. The false-discovery rate over the cells
 * of the grid is `MAX_FALSE_SHARE`, and halves of the photographs have to agree in `MIN_AGREEMENT` of 100 random splits.
 * @param pages attributions of all samples, in any order; called once per block of cells
 * @returns [cells]
 */
export async function labelsOfCells(
  samples: LabelledSamples,
  pages: () => AsyncIterable<AttributionPage>,
): Promise<readonly (Label | null)[]> {
  const { classes, cells } = samples
  if (cells === 0) return []
  const rows = rowsOf(samples)
  const scores = new GroupScores(samples.groups, classes, samples.excluded)
  const candidates = Int32Array.from(
    Array.from({ length: classes }, (_, index) => index).filter(index => !samples.excluded.includes(index)),
  )
  const own = new Float64Array(scores.width)
  const claims: (readonly Claim[])[] = []
  let first = true
  for (let from = 0; from < cells; ) {
    const to = lastOfBlock(rows, from, cells, classes)
    const base = rows.starts[from]!
    const sums = new Float32Array((rows.starts[to]! - base) * classes)
    const groupSums = new Float64Array((rows.starts[to]! - base) * scores.width)
    for await (const { start, values } of pages()) {
      for (let s = 0; s < values.length / classes; s++) {
        const slot = samples.slots[start + s]!
        const at = s * classes
        const inBlock = slot >= from && slot < to
        if (!(inBlock || (first && slot !== OUTSIDE))) continue
        scores.ofSample(values, at, own)
        if (first) scores.observe(own)
        if (!inBlock) continue
        const row = rows.of[start + s]! - base
        for (let c = 0; c < classes; c++) sums[row * classes + c]! += values[at + c]!
        for (let node = 0; node < own.length; node++) groupSums[row * own.length + node]! += own[node]!
      }
    }
    first = false
    scores.standardise(groupSums)
    for (let slot = from; slot < to; slot++) {
      const [start, end] = [rows.starts[slot]!, rows.starts[slot + 1]!]
      const data: PhotographSums = {
        sums: sums.subarray((start - base) * classes, (end - base) * classes),
        counts: rows.counts.subarray(start, end),
        width: classes,
      }
      const ofGroups: PhotographSums = {
        sums: groupSums.subarray((start - base) * scores.width, (end - base) * scores.width),
        counts: data.counts,
        width: scores.width,
      }
      claims.push(
        end - start < MIN_PHOTOGRAPHS
          ? []
          : [...classClaim(data, candidates, slot), ...groupClaims(ofGroups, scores, slot)],
      )
    }
    from = to
  }
  const threshold = falseDiscoveryThreshold(
    claims.map(of => of.reduce((min, { p }) => Math.min(min, p), 1)),
    MAX_FALSE_SHARE,
  )
  // Of each cell from the most to the least specific: the class, then the deepest group.
  return claims.map(of => {
    const reliable = of.find(({ p, agreement }) => p <= threshold && agreement >= MIN_AGREEMENT)
    return reliable ? { kind: reliable.kind, index: reliable.index, agreement: reliable.agreement } : null
  })
}

function classClaim(data: PhotographSums, candidates: Int32Array, slot: number): readonly Claim[] {
  const { index, p, rivals } = winnerAmong(data, meansOf(data), candidates)
  if (p > MAX_FALSE_SHARE) return []
  const columns = [index, ...rivals]
  const places = columns.map((_, place) => place)
  const halves = randomHalves(data.counts.length, SPLITS, slot)
  const agreeing = halves.filter(first =>
    halfMeans(data, first, columns).every(means => largestOf(means, places) === 0),
  )
  return [{ kind: 'class', index, p, agreement: agreeing.length / SPLITS }]
}

/** Claims of the groups on the walk, the most specific first. */
function groupClaims(data: PhotographSums, scores: GroupScores, slot: number): readonly Claim[] {
  if (scores.isEmpty) return []
  const means = meansOf(data)
  const walked: { readonly node: number; readonly group: number | null; readonly p: number }[] = []
  let p = 0
  for (let children = scores.top; children.length > 0; ) {
    const { index: node, p: its } = winnerAmong(data, means, children)
    p = Math.max(p, its)
    if (p > MAX_FALSE_SHARE) break
    walked.push({ node, group: scores.groupOf(node), p })
    children = scores.childrenOf(node)
  }
  if (walked.length === 0) return []
  const all = Array.from({ length: data.width }, (_, node) => node)
  const agreeing = new Uint32Array(walked.length)
  for (const first of randomHalves(data.counts.length, SPLITS, slot)) {
    const halves = halfMeans(data, first, all)
    let children = scores.top
    for (const [depth, { node }] of walked.entries()) {
      if (!halves.every(half => largestOf(half, children) === node)) break
      agreeing[depth]!++
      children = scores.childrenOf(node)
    }
  }
  return walked
    .flatMap(({ group, p: its }, depth): Claim[] =>
      group === null ? [] : [{ kind: 'group', index: group, p: its, agreement: agreeing[depth]! / SPLITS }],
    )
    .reverse()
}

/** The sums of a photograph in a cell have a row of their own; rows are in the order of the cells. */
interface Rows {
  /** [samples], −1 for samples outside of shown cells. */
  readonly of: Int32Array
  /** [cells + 1] */
  readonly starts: Int32Array
  /** [rows], number of samples. */
  readonly counts: Uint32Array
}

function rowsOf({ slots, cells, photographs }: LabelledSamples): Rows {
  const found = Array.from({ length: cells }, () => new Map<number, number>())
  for (let s = 0; s < slots.length; s++)
    if (slots[s]! >= 0) {
      const rows = found[slots[s]!]!
      if (!rows.has(photographs[s]!)) rows.set(photographs[s]!, rows.size)
    }
  const starts = new Int32Array(cells + 1)
  for (const [slot, rows] of found.entries()) starts[slot + 1] = starts[slot]! + rows.size
  const of = new Int32Array(slots.length).fill(-1)
  const counts = new Uint32Array(starts[cells]!)
  for (let s = 0; s < slots.length; s++) {
    const slot = slots[s]!
    if (slot < 0) continue
    of[s] = starts[slot]! + found[slot]!.get(photographs[s]!)!
    counts[of[s]!]!++
  }
  return { of, starts, counts }
}

/** The cells from `from` on whose rows are kept at once: at least one. */
function lastOfBlock({ starts }: Rows, from: number, cells: number, classes: number): number {
  const most = BLOCK_BYTES / (4 * classes)
  let to = Math.min(cells, from + 1)
  while (to < cells && starts[to + 1]! - starts[from]! <= most) to++
  return to
}
