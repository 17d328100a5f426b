import type { FilterCounts, SampleFilter } from '../../contract/class-selection.ts'
import { qualityText } from '../../contract/layout.ts'
import type { BuiltClassAtlas } from '../class-atlas/build.ts'
import { notesOf } from '../class-atlas/lay-out.ts'
import type { JobResult } from '../jobs/run.ts'
import { qualityOf } from '../store/layouts.ts'
import { grouped } from './text.ts'

/** `1,010 of 20,000 samples have positive attribution to the class: 35 by rank 1, 1,000 by magnitude, 25 by both`. */
export function countsText(filter: SampleFilter, counts: FilterCounts): string {
  const { before, known, after } = counts
  return [
    `${grouped(after)} of ${grouped(before)} samples`,
    ...(known < before ? [` (known for ${grouped(known)})`] : []),
    ` have ${filter.sign} attribution to the class: ${waysText(filter, counts)}`,
  ].join('')
}

/** `35 by rank 1, 1,000 by magnitude, 25 by both`. */
export const waysText = ({ rank }: SampleFilter, { byRank, byMagnitude, both }: FilterCounts): string =>
  [
    ...(byRank === null ? [] : [`${grouped(byRank)} by rank ${rank}`]),
    ...(byMagnitude === null ? [] : [`${grouped(byMagnitude)} by magnitude`]),
    ...(both > 0 ? [`${grouped(both)} by both`] : []),
  ].join(', ')

/** Layout method, seed and quality; with a note where another method replaced the requested one. */
export function layoutText({ layout }: BuiltClassAtlas): string {
  const { method, note } = notesOf(layout)
  const quality = qualityOf(layout)
  const kept = quality === null ? '' : `, ${qualityText(quality)}`
  return `${METHODS[method] ?? method}, seed ${layout.seed}${kept}${note === null ? '' : ` (${note})`}`
}

const METHODS: Readonly<Record<string, string>> = {
  tsne: 't-SNE',
  umap: 'UMAP',
  plain: 'plain arrangement',
  comparison: 'difference across, one-dimensional t-SNE down',
}

/** The sentence about failed icons; undefined when the result is complete. */
export function missing({ failed }: BuiltClassAtlas): string | undefined {
  if (failed.length === 0) return undefined
  return `${grouped(failed.length)} icons failed after three starts, the first at ${failed[0]!.i},${failed[0]!.j}`
}

/** The JSON that class atlases and comparisons share. */
export const classAtlasJson = ({ result, stages, seconds }: JobResult<BuiltClassAtlas>) => {
  const { atlas, layout, grids, icons, failed } = result
  const { stage, method, note } = notesOf(layout)
  return {
    key: atlas.key,
    plan: atlas.plan,
    layer: atlas.layer,
    scope: atlas.scope,
    layout: { stage, method, note, params: layout.params, seed: layout.seed, quality: qualityOf(layout) },
    whitening: atlas.whitening,
    preset: atlas.preset,
    grids: grids.map(grid => ({ ...grid })),
    icons,
    failed,
    seconds,
    stages,
  }
}
