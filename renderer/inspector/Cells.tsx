import { type ReactNode, useMemo } from 'react'
import type { CellRef } from '../../electron/contract/values.ts'
import { sheetStyle, useSheetLevel } from '../atlas/use-levels.ts'
import { select } from '../state/view.ts'
import panel from '../ui/panel.module.css'

const ICON = 36

interface CellsProps {
  readonly cells: readonly CellRef[]
  readonly className: (index: number) => string
  readonly onPick: (cell: CellRef) => void
  readonly most: number
}

/** Icons of some cells of one grid as buttons, cut from the sheets that the map has already. */
export function Cells({ cells, className, onPick, most }: CellsProps): ReactNode {
  const first = cells[0]
  const level = useSheetLevel(first?.atlas, first?.grid)
  const shown = useMemo(() => cells.slice(0, most), [cells, most])
  return (
    <ul className={panel['cells']}>
      {shown.map(cell => {
        const k = level ? level.index.at(cell.i, cell.j) : -1
        const label = k < 0 ? -1 : level!.index.cells.label[k]!
        const name = `row ${cell.i}, column ${cell.j}${label < 0 ? '' : `: ${className(label)}`}`
        return (
          <li key={`${cell.i},${cell.j}`}>
            <button
              type="button"
              aria-label={name}
              title={name}
              style={level ? sheetStyle(level, cell, ICON) : undefined}
              onClick={() => onPick(cell)}
            />
          </li>
        )
      })}
    </ul>
  )
}

/** Selecting one cell of a pane, as a click would. */
export const pickCell = (pane: number) => (cell: CellRef) => select({ pane, cells: [cell] })
