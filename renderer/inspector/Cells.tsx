import { type ReactNode, useMemo } from 'react'
import { labelText } from '../../electron/contract/cell-labels.ts'
import type { CellRef } from '../../electron/contract/values.ts'
import { useLabels } from '../atlas/cell-labels.ts'
import { CellIcon } from '../compare/CellIcon.tsx'
import { useCall } from '../state/queries.ts'
import panel from '../ui/panel.module.css'

interface CellsProps {
  /** Of one grid of one atlas. */
  readonly cells: readonly CellRef[]
  readonly onPick: (cell: CellRef) => void
  readonly limit: number
}

/** Icons of cells as buttons, cut from the tiles that the map has loaded. */
export function Cells({ cells, onPick, limit }: CellsProps): ReactNode {
  const first = cells[0]
  const { data } = useCall('atlas.cells', first ? { atlas: first.atlas, grid: first.grid } : null)
  const labels = useLabels(first?.atlas, first?.grid)
  const at = useMemo(() => new Map(data && Array.from(data.i, (i, k) => [`${i},${data.j[k]}`, k])), [data])
  return (
    <ul className={panel['cells']}>
      {cells.slice(0, limit).map(cell => {
        const key = `${cell.i},${cell.j}`
        const k = at.get(key)
        const label = k === undefined ? undefined : labels?.cells[k]
        const name = `row ${cell.i}, column ${cell.j}${label ? `: ${labelText(label)}` : ''}`
        return (
          <li key={key}>
            <button type="button" aria-label={name} title={name} onClick={() => onPick(cell)}>
              {data && k !== undefined && <CellIcon atlas={cell.atlas} grid={cell.grid} cells={data} cell={k} />}
            </button>
          </li>
        )
      })}
    </ul>
  )
}
