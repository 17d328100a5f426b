import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import {
  type ClassAtlasPlan,
  type ClassLayout,
  type ComparisonPlan,
  classLayouts,
  type FilterCounts,
  type SampleFilter,
  type ScopedAtlas,
  usualGrids,
  usualMagnitude,
} from '../../electron/contract/class-atlas.ts'
import type { Asked, Scopes, WantedFilter } from '../state/scopes.ts'
import { number } from '../ui/text.ts'

/** Layout seed of what the window asks for: the same class, filter and layout is the same plan every time. */
const SEED = 0

/** Null where neither rank nor magnitude is asked for: then nothing would pass. */
export function filterOf({ rank, magnitude, sign }: WantedFilter, samples: number): SampleFilter | null {
  if (rank === null && magnitude === null) return null
  return { rank, magnitude: magnitude === 'usual' ? usualMagnitude(samples) : magnitude, sign }
}

/** Coarse to fine: so many levels from the usual one on. */
export const gridsOf = (kind: keyof typeof usualGrids, levels: number): readonly number[] =>
  Array.from({ length: levels }, (_, k) => usualGrids[kind][0] * 2 ** k)

type Form = Pick<Scopes, 'filter' | 'method' | 'levels' | 'least'>

const common = (from: AtlasSummary, form: Form, kind: keyof typeof usualGrids) => {
  const filter = filterOf(form.filter, from.samples)
  return (
    filter && {
      from: from.id,
      filter,
      grids: gridsOf(kind, form.levels),
      least: form.least,
      layoutSeed: SEED,
      preset: null,
      steps: null,
    }
  )
}

/** @returns null where the filter lets nothing through */
export function classPlan(from: AtlasSummary, index: number, form: Form): ClassAtlasPlan | null {
  const rest = common(from, form, 'class')
  return rest && { ...rest, class: index, layout: classLayouts[form.method] }
}

/** @returns null where the filter lets nothing through, or the two classes are one */
export function comparisonPlan(
  from: AtlasSummary,
  [a, b]: readonly [number, number],
  form: Form,
): ComparisonPlan | null {
  const rest = common(from, form, 'comparison')
  return a === b ? null : rest && { ...rest, left: Math.min(a, b), right: Math.max(a, b) }
}

/** Whether an atlas is about this class, or about these two whatever their sides. */
export function isOf({ scope }: ScopedAtlas, classes: readonly number[]): boolean {
  const own = scope.kind === 'class' ? [scope.class] : [scope.left, scope.right]
  return own.length === classes.length && own.every(c => classes.includes(c))
}

/**
 * The atlas to show of what is there: of the plan that was asked for last, the refined one before the first look; where
 * nothing was asked for, the youngest of these classes.
 * @param list youngest first
 */
export function shownOf(
  list: readonly ScopedAtlas[],
  from: number,
  classes: readonly number[],
  asked: Asked | undefined,
): ScopedAtlas | undefined {
  const own = list.filter(a => a.from === from && isOf(a, classes))
  const of = asked === undefined ? own.slice(0, 1).map(a => a.plan) : [asked.plan]
  const candidates = own.filter(a => of.includes(a.plan))
  return candidates.find(a => a.stage === 'refined') ?? candidates[0]
}

const methodOf = (method: string): ClassLayout['method'] => (method.startsWith('umap') ? 'umap' : 'tsne')

/** What the controls say when they say what an atlas was made with. */
export function formOf(atlas: ScopedAtlas, samples: number): Form {
  const { rank, magnitude, sign } = atlas.scope.filter
  return {
    filter: { rank, magnitude: magnitude === usualMagnitude(samples) ? 'usual' : magnitude, sign },
    method: methodOf(atlas.method),
    levels: Math.min(3, Math.max(1, atlas.grids.length)),
    least: 5,
  }
}

/** A filter in few words, as the head of a map says it: "rank 1 or the 200 strongest". */
export function filterText({ rank, magnitude, sign }: SampleFilter): string {
  const parts = [
    ...(rank === null ? [] : [`rank ${rank === 1 ? '1' : `1 to ${rank}`}`]),
    ...(magnitude === null ? [] : [`the ${number(magnitude)} strongest`]),
  ]
  return `${parts.join(' or ')}${sign === 'negative' ? ', against' : ''}`
}

/** How the counts come about: "90 by rank, 200 by magnitude, 70 by both". */
export function countsText({ before, known, after, byRank, byMagnitude, both }: FilterCounts): string {
  const parts = [
    byRank !== null && `${number(byRank)} by rank`,
    byMagnitude !== null && `${number(byMagnitude)} by magnitude`,
    byRank !== null && byMagnitude !== null && `${number(both)} by both`,
  ].filter(Boolean)
  const rest = known < before ? `, attribution known for ${number(known)}` : ''
  return `${number(after)} of ${number(before)} samples (${parts.join(', ')})${rest}`
}

/** All counts of a scope: one line, or one for each class. */
export const countsOf = (scope: ScopedAtlas['scope'], className: (index: number) => string): string =>
  scope.kind === 'class'
    ? countsText(scope.counts)
    : [
        `${className(scope.left)}: ${countsText(scope.counts.left)}`,
        `${className(scope.right)}: ${countsText(scope.counts.right)}`,
        `${number(scope.counts.shared)} samples pass for both`,
      ].join('\n')
