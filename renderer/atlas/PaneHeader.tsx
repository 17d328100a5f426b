import { Columns2, Dices, Images, Lasso, Maximize2, Minimize2, X } from 'lucide-react'
import type { ReactNode } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { useProject } from '../state/project.ts'
import {
  activate,
  change,
  changeFilter,
  changePane,
  closePane,
  MAX_PANES,
  type PaneState,
  useView,
} from '../state/view.ts'
import { IconButton, Select } from '../ui/controls.tsx'
import ui from '../ui/ui.module.css'
import { addNextPane } from './add-pane.ts'
import { LayerTabs } from './LayerTabs.tsx'
import css from './pane.module.css'

interface PaneHeaderProps {
  readonly pane: PaneState
  readonly atlas: AtlasSummary | undefined
  readonly atlases: readonly AtlasSummary[]
  /** The grid that is shown now. */
  readonly grid: number | undefined
}

/** The header of a pane: layer, grid, icon size and pane buttons. */
export function PaneHeader({ pane, atlas, atlases, grid }: PaneHeaderProps): ReactNode {
  const { panes, maximised, lasso } = useView()
  const { published } = useProject()
  const crops = pane.pictures === 'crops'
  return (
    <header className={css['head']}>
      <LayerTabs pane={pane} atlas={atlas} atlases={atlases} />
      <Select
        label="Grid"
        value={pane.grid}
        onChange={e => changePane(pane.id, { grid: e.target.value === 'auto' ? 'auto' : Number(e.target.value) })}
      >
        <option value="auto">{grid ? `Grid ${grid}, auto` : 'Grid: auto'}</option>
        {atlas?.grids.map(g => (
          <option key={g.grid} value={g.grid}>{`${g.grid} × ${g.grid}`}</option>
        ))}
      </Select>
      <Select
        label="Icon size"
        data-density
        value={pane.density}
        onChange={e => changePane(pane.id, { density: Number(e.target.value) })}
      >
        <option value={0.5}>Scale strongly with density</option>
        <option value={2}>Scale with density</option>
        <option value={1e9}>Full size</option>
      </Select>
      {atlas && atlas.outdated !== null && (
        <span className={ui['badge']} title={`This atlas ${atlas.outdated}: rebuild it for the current model.`}>
          Outdated
        </span>
      )}
      <span className={css['spacer']} />
      <div className={css['buttons']}>
        {published === null && (
          <IconButton
            label={crops ? 'Show icons' : 'Show the nearest photographs instead of icons'}
            pressed={crops}
            onClick={() => changePane(pane.id, { pictures: crops ? 'icons' : 'crops' })}
          >
            <Images size={16} aria-hidden />
          </IconButton>
        )}
        {(published === null || atlas?.stability) && (
          <IconButton
            label="Shade by stability: fade what another seed would lay out elsewhere"
            data-spare
            pressed={pane.filter.stability}
            onClick={() => changeFilter(pane.id, { stability: !pane.filter.stability })}
          >
            <Dices size={16} aria-hidden />
          </IconButton>
        )}
        {published === null && (
          <IconButton
            label="Lasso selection"
            data-spare
            pressed={lasso}
            onClick={() => {
              activate(pane.id)
              change({ lasso: !lasso })
            }}
          >
            <Lasso size={16} aria-hidden />
          </IconButton>
        )}
        {panes.length < MAX_PANES && (
          <IconButton
            label="Add a pane"
            data-spare
            onClick={() => {
              activate(pane.id)
              addNextPane()
            }}
          >
            <Columns2 size={16} aria-hidden />
          </IconButton>
        )}
        {panes.length > 1 && (
          <>
            <IconButton
              label={maximised === pane.id ? 'Show all panes' : 'Maximise pane'}
              onClick={() => change({ maximised: maximised === pane.id ? null : pane.id })}
            >
              {maximised === pane.id ? <Minimize2 size={16} aria-hidden /> : <Maximize2 size={16} aria-hidden />}
            </IconButton>
            <IconButton label="Close pane" onClick={() => closePane(pane.id)}>
              <X size={16} aria-hidden />
            </IconButton>
          </>
        )}
      </div>
    </header>
  )
}
