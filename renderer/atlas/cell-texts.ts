import { useMemo } from 'react'
import type { CellClasses } from '../../electron/contract/atlas.ts'
import { labelName } from '../../electron/contract/cell-labels.ts'
import type { CellRange } from '../state/cell-range.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { decimal } from '../ui/text.ts'
import type { MapLabels } from './cell-labels.ts'
import { within } from './cell-measures.ts'
import { type Look, strength } from './look.ts'

/** What a map writes on one cell. */
export interface CellText {
  /** Beside other icons, few and large; null: nothing. */
  readonly far: string | null
  /** Which texts come first where there is no room for all: 0 to 1, multiplied by the root of the samples without a filter. */
  readonly weight: number
  /** At the foot of a large icon, a line each. */
  readonly near: readonly string[]
  /** Whether the first line is a reliable label or a value; otherwise all lines are just the largest means. */
  readonly reliable: boolean
}

export interface MapTexts {
  readonly grid: number
  /** Under a filter, weights are strengths of attribution, whatever the number of samples. */
  readonly filtered: boolean
  readonly cells: readonly (CellText | null)[]
}

/** Lines at the foot of an icon. */
const LINES = 3
/** Under a filter, cells of less than this share of the largest attribution are not highlighted. */
const HIGHLIGHTED = 0.3

/**
 * Without a filter: far away the reliable labels, close up the classes of the largest mean attribution, the reliable label
 * first.
 */
export function plainTexts(
  { grid, cells }: MapLabels,
  strongest: CellClasses | undefined,
  className: (index: number) => string,
): MapTexts {
  const texts = cells.map((label, cell): CellText | null => {
    const rest = strongestOf(strongest, cell).filter(index => index !== label?.class)
    const near = [...(label ? [labelName(label)] : []), ...rest.map(className)].slice(0, LINES)
    if (near.length === 0) return null
    return { far: label && labelName(label), weight: label?.agreement ?? 0, near, reliable: label !== null }
  })
  return { grid, filtered: false, cells: texts }
}

const strongestOf = (strongest: CellClasses | undefined, cell: number): readonly number[] =>
  strongest === undefined
    ? []
    : Array.from(strongest.index.subarray(cell * strongest.each, (cell + 1) * strongest.each)).filter(
        index => index >= 0,
      )

/** Under a filter: the value of every highlighted cell, with the class where there are several, and its reliable label. */
export function filteredTexts({ grid, cells }: MapLabels, { classes, sign }: Look, names: readonly string[]): MapTexts {
  const texts = cells.map((label, cell): CellText | null => {
    const found = classes
      .map(({ values, maximum }, k) => ({
        name: names[k]!,
        value: values[cell]!,
        share: strength(values[cell]!, maximum, sign),
      }))
      .reduce((a, b) => (b.share > a.share ? b : a))
    if (found.share < HIGHLIGHTED) return null
    const far = classes.length > 1 ? `${found.name} ${decimal(found.value)}` : decimal(found.value)
    const near = [far, ...(label ? [labelName(label)] : [])]
    return { far, weight: found.share, near, reliable: true }
  })
  return { grid, filtered: true, cells: texts }
}

/** The texts of the grid that is shown; undefined until its labels are known. */
export function useTexts(
  atlas: number | undefined,
  labels: MapLabels | undefined,
  look: Look | undefined,
  classes: readonly number[],
  /** By the measure of the range; cells outside of it carry no text. */
  values?: ArrayLike<number>,
  range?: CellRange,
): MapTexts | undefined {
  const { className } = useProject()
  const grid = labels?.grid
  const { data } = useCall(
    'atlas.classes',
    atlas === undefined || grid === undefined ? null : { atlas, grid, each: LINES },
  )
  return useMemo(() => {
    if (labels === undefined) return undefined
    const texts =
      look === undefined || look.classes.length === 0
        ? plainTexts(labels, data, className)
        : filteredTexts(labels, look, classes.map(className))
    if (values === undefined || range === undefined) return texts
    return { ...texts, cells: texts.cells.map((text, k) => (within(values[k]!, range) ? text : null)) }
  }, [labels, data, look, classes, values, range, className])
}
