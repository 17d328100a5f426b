import { create } from 'zustand'

/** What cells are measured by: their samples, their fidelity, how much their samples differ, or their mean attribution to a class. */
export type Measure = 'samples' | 'fidelity' | 'spread' | `class ${number}`

export const classMeasure = (index: number): Measure => `class ${index}`
/** The class of a measure; undefined for the others. */
export const measuredClass = (measure: Measure): number | undefined =>
  measure.startsWith('class ') ? Number(measure.slice(6)) : undefined

/** Cells of a pane outside of it are dimmed. Both ends are within it. */
export interface CellRange {
  readonly measure: Measure
  readonly low: number
  readonly high: number
}

/** By pane id; not saved. */
export const useCellRanges = create<Readonly<Record<number, CellRange | undefined>>>(() => ({}))

export function setCellRange(pane: number, range: CellRange | undefined): void {
  useCellRanges.setState({ [pane]: range })
}
