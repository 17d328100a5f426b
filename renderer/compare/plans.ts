import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import {
  type ClassAtlas,
  type ClassAtlasPlan,
  type ClassLayout,
  classGrid,
  classLayouts,
  comparisonGrid,
} from '../../electron/contract/class-atlas.ts'
import { defaultMagnitude, type FilterCounts, type SampleFilter } from '../../electron/contract/class-selection.ts'
import type { ComparisonPlan } from '../../electron/contract/comparison.ts'
import type { ClassAtlasForm, FilterForm, RequestedPlan } from '../state/class-atlas-form.ts'
import { count, number } from '../ui/text.ts'

/** A fixed layout seed: the same class, filter and layout give the same plan. */
const SEED = 0

/** Null if neither rank nor magnitude is set: no sample would pass. */
export function filterOf({ rank, magnitude, sign }: FilterForm, samples: number): SampleFilter | null {
  if (rank === null && magnitude === null) return null
  return { rank, magnitude: magnitude === 'default' ? defaultMagnitude(samples) : magnitude, sign }
}

const doubled = (coarsest: number, levels: number): readonly number[] =>
  Array.from({ length: levels }, (_, k) => coarsest * 2 ** k)

/** Grids of a class atlas, coarse to fine. @param selected samples that pass the filter */
export const classGrids = (levels: number, selected: number): readonly number[] => doubled(classGrid(selected), levels)

/** Grids of a comparison, coarse to fine. @param from the atlas that the samples are selected of */
export const comparisonGrids = (
  levels: number,
  from: Pick<AtlasSummary, 'photographs' | 'samples'>,
): readonly number[] => doubled(comparisonGrid(from.photographs, from.samples), levels)

type Form = Pick<ClassAtlasForm, 'filter' | 'method' | 'levels' | 'minSamples'>

function common(from: AtlasSummary, form: Form, grids: readonly number[]) {
  const filter = filterOf(form.filter, from.samples)
  return (
    filter && {
      from: from.id,
      filter,
      grids,
      minSamples: form.minSamples,
      layoutSeed: SEED,
      preset: null,
      steps: null,
    }
  )
}

/**
 * @param selected samples that pass the filter
 * @returns null if the filter is empty
 */
export function classPlan(from: AtlasSummary, index: number, form: Form, selected: number): ClassAtlasPlan | null {
  const rest = common(from, form, classGrids(form.levels, selected))
  return rest && { ...rest, class: index, layout: classLayouts[form.method] }
}

/** @returns null if the filter is empty or the two classes are the same */
export function comparisonPlan(
  from: AtlasSummary,
  [a, b]: readonly [number, number],
  form: Form,
): ComparisonPlan | null {
  const rest = common(from, form, comparisonGrids(form.levels, from))
  return a === b ? null : rest && { ...rest, left: Math.min(a, b), right: Math.max(a, b) }
}

/** Whether an atlas is of this class, or of these two in either order. */
export function isOf({ scope }: ClassAtlas, classes: readonly number[]): boolean {
  const own = scope.kind === 'class' ? [scope.class] : [scope.left, scope.right]
  return own.length === classes.length && own.every(c => classes.includes(c))
}

/**
 * The atlas to show: of the last requested plan, the refined layout before the preliminary one; without a request, the
 * latest atlas of these classes.
 * @param list latest first
 */
export function shownOf(
  list: readonly ClassAtlas[],
  from: number,
  classes: readonly number[],
  requested: RequestedPlan | undefined,
): ClassAtlas | undefined {
  const own = list.filter(a => a.from === from && isOf(a, classes))
  const of = requested === undefined ? own.slice(0, 1).map(a => a.plan) : [requested.plan]
  const candidates = own.filter(a => of.includes(a.plan))
  return candidates.find(a => a.stage === 'refined') ?? candidates[0]
}

const methodOf = (method: string): ClassLayout['method'] => (method.startsWith('umap') ? 'umap' : 'tsne')

/** The form that produces an existing atlas. */
export function formOf(atlas: ClassAtlas, samples: number): Form {
  const { rank, magnitude, sign } = atlas.scope.filter
  return {
    filter: { rank, magnitude: magnitude === defaultMagnitude(samples) ? 'default' : magnitude, sign },
    method: methodOf(atlas.method),
    levels: Math.min(3, Math.max(1, atlas.grids.length)),
    // With enough samples shown the automatic minimum serves the next class better than a number.
    minSamples: atlas.fewer === null ? 'auto' : atlas.minSamples,
  }
}

/** A filter in a few words: "rank 1 or the 200 largest". */
export function filterText({ rank, magnitude, sign }: SampleFilter): string {
  const parts = [
    ...(rank === null ? [] : [`rank ${rank === 1 ? '1' : `1 to ${rank}`}`]),
    ...(magnitude === null ? [] : [`the ${number(magnitude)} largest`]),
  ]
  return `${parts.join(' or ')}${sign === 'negative' ? ', negative' : ''}`
}

/** The counts by criterion: "90 by rank, 200 by magnitude, 70 by both". */
export function countsText({ before, known, after, byRank, byMagnitude, both }: FilterCounts): string {
  const parts = [
    byRank !== null && `${number(byRank)} by rank`,
    byMagnitude !== null && `${number(byMagnitude)} by magnitude`,
    byRank !== null && byMagnitude !== null && `${number(both)} by both`,
  ].filter(Boolean)
  const rest = known < before ? `, attribution known for ${number(known)}` : ''
  return `${number(after)} of ${number(before)} samples (${parts.join(', ')})${rest}`
}

/** The class of a class atlas, or the two of a comparison: `fireboat | streetcar`. */
export const classesText = (scope: ClassAtlas['scope'], className: (index: number) => string): string =>
  scope.kind === 'class' ? className(scope.class) : `${className(scope.left)} | ${className(scope.right)}`

/** All counts of a scope: one line, or one line per class. */
export function countsOf(scope: ClassAtlas['scope'], className: (index: number) => string): string {
  return scope.kind === 'class'
    ? countsText(scope.counts)
    : [
        `${className(scope.left)}: ${countsText(scope.counts.left)}`,
        `${className(scope.right)}: ${countsText(scope.counts.right)}`,
        `${count(scope.counts.shared, 'sample')} in both filters`,
      ].join('\n')
}
