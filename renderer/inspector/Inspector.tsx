import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { useCall } from '../state/queries.ts'
import { change, select, useView } from '../state/view.ts'
import { Button, Empty, Failure, IconButton } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { count, number } from '../ui/text.ts'
import { Cells } from './Cells.tsx'
import { Detail } from './Detail.tsx'

const MAX_SHOWN = 32

/** The selected cell: icon, fidelity, attributions, photographs, channels and provenance. */
export function Inspector({ atlases }: { readonly atlases: readonly AtlasSummary[] }): ReactNode {
  const selection = useView(state => state.selection)
  const cells = selection?.cells ?? []
  const cell = cells[0] ?? null
  const detail = useCall('cell.detail', cell && { ...cell, classes: 10, nearest: 12 })
  return (
    <aside className={panel['panel']} aria-label="Inspector">
      <header className={panel['head']}>
        <h2>
          {cell
            ? `${atlases.find(a => a.id === cell.atlas)?.layer ?? ''} · row ${cell.i}, column ${cell.j}`
            : 'Inspector'}
        </h2>
        <IconButton label="Close inspector" onClick={() => change({ inspectorOpen: false })}>
          <X size={16} aria-hidden />
        </IconButton>
      </header>
      {selection && cells.length > 1 && (
        <div className={panel['selected']}>
          <div className={panel['between']}>
            <p className={panel['note']}>
              {`${count(cells.length, 'cell')} selected${cells.length > MAX_SHOWN ? `, first ${number(MAX_SHOWN)} shown` : ''}`}
            </p>
            <Button onClick={() => select(null)}>Clear selection</Button>
          </div>
          <Cells
            cells={cells}
            limit={MAX_SHOWN}
            onPick={picked =>
              select({
                pane: selection.pane,
                cells: [picked, ...cells.filter(c => c.i !== picked.i || c.j !== picked.j)],
              })
            }
          />
        </div>
      )}
      {!cell || !selection ? (
        <Empty title="Select a cell">
          <p>Click an icon, or drag with Shift to lasso several. Alt and an arrow key select the next cell.</p>
        </Empty>
      ) : detail.error ? (
        <Failure error={detail.error} retry={() => void detail.refetch()} />
      ) : detail.data ? (
        <Detail
          key={`${cell.atlas}/${cell.grid}/${cell.i},${cell.j}`}
          detail={detail.data}
          pane={selection.pane}
          atlas={atlases.find(a => a.id === cell.atlas)}
        />
      ) : (
        <Empty title="Loading cell…" busy />
      )}
    </aside>
  )
}
