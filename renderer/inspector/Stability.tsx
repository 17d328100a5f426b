import type { ReactNode } from 'react'
import type { AtlasSummary, CellDetail } from '../../electron/contract/atlas.ts'
import { cellStabilityText, stabilityNote } from '../../electron/contract/stability.ts'
import { MeasureStability } from '../atlas/MeasureStability.tsx'
import { useProject } from '../state/project.ts'
import { changeFilter, useView } from '../state/view.ts'
import { Button } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'

interface StabilityProps {
  readonly detail: CellDetail
  /** In which pane the cell is selected. */
  readonly pane: number
  readonly atlas: AtlasSummary
}

/** How far the samples of the cell stay together on maps of other seeds. */
export function Stability({ detail, pane, atlas }: StabilityProps): ReactNode {
  const shaded = useView(state => state.panes.find(({ id }) => id === pane)?.filter.stability ?? false)
  const { stability } = atlas
  const { published } = useProject()
  if (published !== null && stability === null) return null
  return (
    <section className={panel['section']} aria-label="Stability">
      <h3>Stability on the map</h3>
      {stability === null || detail.stability === null ? (
        <>
          <p className={panel['note']}>
            Not measured: whether the samples of this cell would lie together with another seed of the layout.
          </p>
          <div className={panel['more']}>
            <MeasureStability atlas={atlas} />
          </div>
        </>
      ) : (
        <>
          <p>{cellStabilityText(detail.stability, stability)}</p>
          <p className={panel['note']}>{stabilityNote(stability)}</p>
          <div className={panel['more']}>
            <Button aria-pressed={shaded} onClick={() => changeFilter(pane, { stability: !shaded })}>
              {shaded ? 'End the shade by stability' : 'Shade the map by stability'}
            </Button>
          </div>
        </>
      )}
    </section>
  )
}
