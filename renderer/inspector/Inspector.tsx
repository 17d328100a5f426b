import { X } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { change, select, useView } from '../state/view.ts'
import { Empty, Failure, IconButton, Segments } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { count } from '../ui/text.ts'
import { Detail } from './Detail.tsx'
import { Selection } from './Selection.tsx'

/** The selected cell: icon, fidelity, attributions, photographs, channels and provenance; of several cells, their sum. */
export function Inspector({
  atlases,
  onClose = () => change({ inspectorOpen: false }),
}: {
  readonly atlases: readonly AtlasSummary[]
  readonly onClose?: () => void
}): ReactNode {
  const { published } = useProject()
  const selection = useView(state => state.selection)
  const cells = selection?.cells ?? []
  const cell = cells[0] ?? null
  // Chosen for the present selection; the next one is summed up again.
  const [oneOf, setOneOf] = useState(0)
  const several = cells.length > 1 && oneOf !== cells.length
  const detail = useCall('cell.detail', cell && !several ? { ...cell, classes: 10, nearest: 12 } : null)
  const layer = atlases.find(a => a.id === cell?.atlas)?.layer ?? ''
  return (
    <aside className={panel['panel']} aria-label="Inspector">
      <header className={panel['head']}>
        <h2>
          {cell === null
            ? 'Inspector'
            : several
              ? `${layer} · ${count(cells.length, 'cell')}`
              : `${layer} · row ${cell.i}, column ${cell.j}`}
        </h2>
        <IconButton label="Close inspector" onClick={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </header>
      {cells.length > 1 && (
        <div className={panel['selected']}>
          <div className={panel['between']}>
            <p className={panel['note']}>{`${count(cells.length, 'cell')} selected`}</p>
            <Segments
              label="Inspect"
              value={several ? 'all' : 'one'}
              options={[
                ['all', 'All together'],
                ['one', 'One cell'],
              ]}
              onChange={value => setOneOf(value === 'one' ? cells.length : 0)}
            />
          </div>
        </div>
      )}
      {!cell || !selection ? (
        <Empty title="Select a cell">
          <p>
            {published === null
              ? 'Click an icon, or drag with Shift to lasso several. Alt and an arrow key select the next cell.'
              : 'Choose an icon of the map. Alt and an arrow key select the next cell.'}
          </p>
        </Empty>
      ) : several ? (
        <Selection
          cells={cells}
          onPick={picked => {
            select({
              pane: selection.pane,
              cells: [picked, ...cells.filter(c => c.i !== picked.i || c.j !== picked.j)],
            })
            setOneOf(cells.length)
          }}
        />
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
