import { useMemo } from 'react'
import { type CellLabel, type GridLabels, LabelKind } from '../../electron/contract/cell-labels.ts'
import { MIN_PHOTOGRAPHS } from '../../electron/contract/inference.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { number } from '../ui/text.ts'

/** The labels of the cells of one grid, in the order of its cells. */
export interface MapLabels {
  readonly grid: number
  readonly cells: readonly (CellLabel | null)[]
  /** Why they are unknown; null where they are known. */
  readonly note: string | null
}

/** @param className the name of a class of the atlas's model */
export function mapLabels(
  grid: number,
  { kind, index, agreement, groups, note }: GridLabels,
  className: (index: number) => string,
): MapLabels {
  const cells = Array.from(kind, (its, k): CellLabel | null => {
    const at = index[k]!
    if (its === LabelKind.class)
      return { kind: 'class', name: className(at), class: at, classes: 1, agreement: agreement[k]! }
    const group = its === LabelKind.group ? groups[at] : undefined
    if (group === undefined) return null
    return { kind: 'group', name: group.name, class: null, classes: group.classes, agreement: agreement[k]! }
  })
  return { grid, cells, note }
}

/** The labels of the grid that is shown; undefined until they are known. */
export function useLabels(atlas: number | undefined, grid: number | undefined): MapLabels | undefined {
  const { className } = useProject()
  const { data } = useCall('atlas.labels', atlas === undefined || grid === undefined ? null : { atlas, grid })
  return useMemo(
    () => (data && grid !== undefined ? mapLabels(grid, data, className) : undefined),
    [data, grid, className],
  )
}

/**
 * `12 labelled`, or why none is.
 * @param counts samples of the cells, if they are known: a cell has at most as many photographs
 */
export function labelCountText({ cells, note }: MapLabels, counts?: Uint32Array): string {
  if (note !== null) return 'labels unknown'
  const labelled = cells.filter(cell => cell !== null).length
  if (labelled > 0) return `${number(labelled)} labelled`
  return counts?.every(count => count < MIN_PHOTOGRAPHS)
    ? `no labels: fewer than ${MIN_PHOTOGRAPHS} photographs in every cell`
    : 'no reliable labels: too few photographs per cell'
}

/** `12 of 268 cells labelled: 3 classes, 9 groups`. */
export function labelsText({ cells }: MapLabels): string {
  const [classes, groups] = (['class', 'group'] as const).map(kind => cells.filter(cell => cell?.kind === kind).length)
  return `${number(classes! + groups!)} of ${number(cells.length)} cells labelled: ${number(classes!)} by a class, ${number(groups!)} by a group`
}
