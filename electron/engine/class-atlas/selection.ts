import type { AtlasScope, ClassScope, ComparisonScope } from '../../contract/class-atlas.ts'
import type { RankedColumn } from '../attribution/class-columns.ts'
import { emptyFilter, extentOf, filterSamples, union } from '../attribution/filter.ts'
import { labelText } from '../model/labels.ts'
import { quantile } from '../statistics/quantile.ts'
import { readRankedColumns } from './columns.ts'
import type { ClassAtlasParams } from './order.ts'
import type { Source } from './source.ts'

/** The samples of a scope, and its description. */
export interface SelectedSamples {
  readonly samples: Uint32Array
  readonly scope: AtlasScope
  /** [samples], position on the horizontal axis, 0 to 1; undefined where the layout has both axes. */
  readonly x: Float64Array | undefined
}

/** Filters the samples of a layer. @throws UserError when none passes */
export async function selectSamples(source: Source, params: ClassAtlasParams): Promise<SelectedSamples> {
  const { filter } = params
  if (params.kind === 'class') {
    const [column] = await readRankedColumns(source, [params.class], filter.sign)
    const { samples, counts } = filterSamples(column!, filter)
    if (samples.length === 0) throw emptyFilter(named(source, params.class), filter, counts)
    const scope: ClassScope = { kind: 'class', class: params.class, filter, counts, extent: extentOf(column!) }
    return { samples, scope, x: undefined }
  }
  const { left, right } = params
  const [ofLeft, ofRight] = (await readRankedColumns(source, [left, right], filter.sign)) as [
    RankedColumn,
    RankedColumn,
  ]
  const [passLeft, passRight] = [filterSamples(ofLeft, filter), filterSamples(ofRight, filter)]
  const { samples, shared } = union(passLeft.samples, passRight.samples)
  if (samples.length === 0)
    throw emptyFilter(`${named(source, left)} or ${named(source, right)}`, filter, passLeft.counts)
  const axis = comparisonAxis(Float64Array.from(samples, s => ofRight.values[s]! - ofLeft.values[s]!))
  const counts = {
    before: passLeft.counts.before,
    after: samples.length,
    shared,
    left: passLeft.counts,
    right: passRight.counts,
  }
  const extents = { left: extentOf(ofLeft), right: extentOf(ofRight) }
  const scope: ComparisonScope = {
    kind: 'comparison',
    left,
    right,
    filter,
    counts,
    extents,
    scale: axis.scale,
    clipped: axis.clipped,
  }
  return { samples, scope, x: axis.x }
}

/**
 * The horizontal axis of a comparison (Activation Atlas, Distill 2019): (attr_right − attr_left) / p99(|·|), clipped to
 * ±1 and mapped to [0, 1], so that 0 is in the middle whichever class is stronger.
 * @param differences [samples], logits
 */
export function comparisonAxis(differences: Float64Array): {
  readonly x: Float64Array
  /** Logits at the edge. */
  readonly scale: number
  /** Samples beyond it. */
  readonly clipped: number
} {
  // All differences are 0: any scale maps them to the middle.
  const scale = quantile(differences.map(Math.abs).sort(), 0.99) || 1
  let clipped = 0
  const x = differences.map(difference => {
    if (Math.abs(difference) > scale) clipped++
    return (Math.min(1, Math.max(-1, difference / scale)) + 1) / 2
  })
  return { x, scale, clipped }
}

/** `wok at mixed5b`. */
const named = ({ classifier, layer }: Source, index: number): string =>
  `${labelText(classifier.labels[index]!)} at ${layer.name}`
