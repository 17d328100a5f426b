import { type ReactNode, useEffect, useRef } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { Movements } from '../../electron/contract/patch.ts'
import { drawThumbnail } from '../atlas/minimap.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { activePane, changePane, lookAt, show } from '../state/view.ts'
import panel from '../ui/panel.module.css'
import { count } from '../ui/text.ts'
import css from './activation-shift.module.css'

/** The grid of the thumbnails. */
const GRID = 20

interface ActivationShiftProps {
  readonly movements: readonly Movements[] | null
  readonly current: boolean
  readonly error: Error | null
  readonly maps: readonly number[]
}

/** The positions in the atlases of the units under the patches, without and with the patches. */
export function ActivationShift({ movements, current, error, maps }: ActivationShiftProps): ReactNode {
  const { atlases } = useProject()
  return (
    <section className={panel['section']} aria-label="Activation shift" data-current={current}>
      <h2 className={panel['label']}>Activation shift by layer</h2>
      {error ? (
        <p className={panel['note']} role="alert">
          {error.message}
        </p>
      ) : maps.length === 0 ? (
        <p className={panel['note']}>Build an atlas of this model to see how the activations under a patch shift.</p>
      ) : !movements ? (
        <p className={panel['note']}>
          Place a patch to see how the activations under it shift in the atlases, from ○ to ●.
        </p>
      ) : (
        <ul className={css['maps']} style={current ? undefined : { opacity: 0.6 }}>
          {movements.map(one => {
            const atlas = atlases.find(a => a.id === one.atlas)
            return atlas && <LayerMap key={one.atlas} atlas={atlas} movements={one} />
          })}
        </ul>
      )}
    </section>
  )
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length)

function LayerMap({ atlas, movements }: { readonly atlas: AtlasSummary; readonly movements: Movements }): ReactNode {
  const grid = (atlas.grids.find(g => g.grid >= GRID) ?? atlas.grids.at(-1))?.grid
  const cells = useCall('atlas.cells', grid === undefined ? null : { atlas: atlas.id, grid })
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    if (canvas.current && cells.data && grid !== undefined) drawThumbnail(canvas.current, { ...cells.data, grid })
  }, [cells.data, grid])
  const { moved, covered, units } = movements
  const outliers = moved.filter(m => m.after.unlikeAnything).length
  const go = (): void => {
    const pane = activePane().id
    changePane(pane, { atlas: atlas.id })
    lookAt(pane, { x: mean(moved.map(m => m.after.x)), y: mean(moved.map(m => m.after.y)), zoom: 4 })
    show('atlas')
  }
  return (
    <li>
      <button type="button" title="Show in atlas" disabled={moved.length === 0} onClick={go}>
        <span className={css['map']}>
          <canvas ref={canvas} aria-hidden />
          <svg viewBox="0 0 100 100" aria-hidden="true">
            {moved.map(({ row, column, before, after }) => (
              <g key={`${row},${column}`}>
                <line x1={100 * before.x} y1={100 * before.y} x2={100 * after.x} y2={100 * after.y} />
                <circle cx={100 * before.x} cy={100 * before.y} r={1.8} data-when="before" />
                <circle cx={100 * after.x} cy={100 * after.y} r={1.8} data-when="after" />
              </g>
            ))}
          </svg>
        </span>
        <strong>{movements.layer}</strong>
        <small title="Units with their centre under a patch">{`${covered} of ${count(units, 'unit')}`}</small>
        <small title="Mean cosine distance between the activations without and with the patch">
          {`change ${mean(moved.map(m => m.change)).toFixed(2)}`}
        </small>
        {outliers > 0 && (
          <small title="Far from all samples: their position is unreliable">{count(outliers, 'outlier')}</small>
        )}
      </button>
    </li>
  )
}
