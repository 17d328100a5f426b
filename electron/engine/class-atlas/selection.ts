import type { ClassAtlasSelection, ClassSelection, ComparisonSelection } from '../../contract/class-selection.ts'
import { UserError } from '../../contract/errors.ts'
import type { RankedColumn } from '../attribution/class-columns.ts'
import { emptyFilter, extentOf, filterSamples, union } from '../attribution/filter.ts'
import { labelText } from '../model/labels.ts'
import { readRankedColumns } from './columns.ts'
import type { ClassAtlasParams } from './order.ts'
import type { Source } from './source.ts'

/** The samples of a scope, and its description, that of a comparison still without its axis. */
export interface SelectedSamples {
  readonly samples: Uint32Array
  readonly scope: ClassAtlasSelection
  /** [samples], attribution to the right class minus that to the left, logits; undefined for one class. */
  readonly differences: Float64Array | undefined
}

/**
 * Attributions are in logits. Below this they are rounding errors: of a layer whose length a normalisation behind it
 * removes.
 */
const NOTHING = 1e-5

/** @throws UserError when no sample has any attribution to a class */
function requireAttribution(source: Source, columns: readonly RankedColumn[]): void {
  if (columns.some(({ values }) => values.some(value => Math.abs(value) > NOTHING))) return
  const { classifier, layer } = source
  throw new UserError(
    `cannot select samples of ${columns.map(({ index }) => labelText(classifier.labels[index]!)).join(' or ')} at ${layer.name}: none has any attribution, because ${classifier.name} reads this layer through normalisations only, which ignore the length of an activation; choose an earlier layer, or the value after the normalisation`,
  )
}

/** Filters the samples of a layer. @throws UserError when none passes, or none has any attribution */
export async function selectSamples(source: Source, params: ClassAtlasParams): Promise<SelectedSamples> {
  const { filter } = params
  if (params.kind === 'class') {
    const [column] = await readRankedColumns(source, [params.class], filter.sign)
    requireAttribution(source, [column!])
    const { samples, counts } = filterSamples(column!, filter)
    if (samples.length === 0) throw emptyFilter(named(source, params.class), filter, counts)
    const scope: ClassSelection = { kind: 'class', class: params.class, filter, counts, extent: extentOf(column!) }
    return { samples, scope, differences: undefined }
  }
  const { left, right } = params
  const [ofLeft, ofRight] = (await readRankedColumns(source, [left, right], filter.sign)) as [
    RankedColumn,
    RankedColumn,
  ]
  requireAttribution(source, [ofLeft, ofRight])
  const [passLeft, passRight] = [filterSamples(ofLeft, filter), filterSamples(ofRight, filter)]
  const { samples, shared } = union(passLeft.samples, passRight.samples)
  if (samples.length === 0)
    throw emptyFilter(`${named(source, left)} or ${named(source, right)}`, filter, passLeft.counts)
  const differences = Float64Array.from(samples, s => ofRight.values[s]! - ofLeft.values[s]!)
  const counts = {
    before: passLeft.counts.before,
    after: samples.length,
    shared,
    left: passLeft.counts,
    right: passRight.counts,
  }
  const extents = { left: extentOf(ofLeft), right: extentOf(ofRight) }
  const scope: ComparisonSelection = {
    kind: 'comparison',
    left,
    right,
    filter,
    counts,
    extents,
    // Of the axis, which follows from the activations: `placeSamples`.
    scale: 1,
    clipped: 0,
    crossFit: null,
  }
  return { samples, scope, differences }
}

/** `wok at mixed5b`. */
const named = ({ classifier, layer }: Source, index: number): string =>
  `${labelText(classifier.labels[index]!)} at ${layer.name}`
