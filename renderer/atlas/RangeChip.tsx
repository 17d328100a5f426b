import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { type CellRange, measuredClass, setCellRange } from '../state/cell-range.ts'
import { useProject } from '../state/project.ts'
import { decimal, number } from '../ui/text.ts'
import { measured, type Spread, within } from './cell-measures.ts'
import type { Cells } from './cells.ts'
import type { Look } from './look.ts'
import css from './pane.module.css'

interface RangeChipProps {
  readonly pane: number
  readonly range: CellRange
  readonly cells: Cells
  readonly look: (grid: number) => Look
  readonly classes: readonly number[]
  readonly spread: Spread | undefined
}

/** The range that dims cells of the map, and how many are left. */
export function RangeChip({ pane, range, cells, look, classes, spread }: RangeChipProps): ReactNode {
  const { className } = useProject()
  const values = measured(range.measure, cells, look(cells.grid), classes, spread)
  const index = measuredClass(range.measure)
  const inside = values && Array.from(values).filter(value => within(value, range)).length
  return (
    <div className={css['chip']} data-overlay>
      {`${index === undefined ? range.measure : className(index)} ${decimal(range.low)} to ${decimal(range.high)}: `}
      {inside === undefined
        ? index === undefined
          ? 'loading'
          : 'add the class to the filter'
        : `${number(inside)} of ${number(values!.length)} cells`}
      <button type="button" aria-label="Show all cells" onClick={() => setCellRange(pane, undefined)}>
        <X size={14} aria-hidden />
      </button>
    </div>
  )
}
