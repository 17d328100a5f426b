import { type ReactNode, useEffect, useRef } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { Movements } from '../../electron/contract/patch.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { activePane, changePane, lookAt, show } from '../state/view.ts'
import panel from '../ui/panel.module.css'
import { count } from '../ui/text.ts'
import css from './moves.module.css'

/** A map this small needs no finer grid. */
const GRID = 20

interface MovesProps {
  readonly movements: readonly Movements[] | null
  readonly current: boolean
  readonly error: Error | null
  readonly maps: readonly number[]
}

/** Where the units under the patches were on the maps of their layers, and where they are now. */
export function Moves({ movements, current, error, maps }: MovesProps): ReactNode {
  const { atlases } = useProject()
  return (
    <section className={panel['section']} aria-label="Movement on the maps" data-current={current}>
      <h2 className={panel['label']}>On the maps, layer by layer</h2>
      {error ? (
        <p className={panel['note']} role="alert">
          {error.message}
        </p>
      ) : maps.length === 0 ? (
        <p className={panel['note']}>Build an atlas of this model to see where the activations under a patch move.</p>
      ) : !movements ? (
        <p className={panel['note']}>
          Lay a patch on the photograph: here stands where the activations under it went, from ○ to ●.
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
    const context = canvas.current?.getContext('2d')
    if (!context || !cells.data || grid === undefined) return
    const image = context.createImageData(grid, grid)
    for (let k = 0; k < cells.data.i.length; k++) {
      const at = (cells.data.i[k]! * grid + cells.data.j[k]!) * 4
      image.data.set(cells.data.colour.subarray(k * 3, k * 3 + 3), at)
      image.data[at + 3] = 255
    }
    context.putImageData(image, 0, 0)
  }, [cells.data, grid])
  const { moved, covered, units } = movements
  const stranger = moved.filter(m => m.after.unlikeAnything).length
  const go = (): void => {
    const pane = activePane().id
    changePane(pane, { atlas: atlas.id })
    lookAt(pane, { x: mean(moved.map(m => m.after.x)), y: mean(moved.map(m => m.after.y)), zoom: 4 })
    show('atlas')
  }
  return (
    <li>
      <button type="button" title="Show this place in the atlas" disabled={moved.length === 0} onClick={go}>
        <span className={css['map']}>
          <canvas ref={canvas} width={grid ?? 1} height={grid ?? 1} aria-hidden />
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
        <small title="Units whose centre lies under a patch">{`${covered} of ${count(units, 'unit')}`}</small>
        <small title="Mean of 1 − cosine between before and after">
          {`change ${mean(moved.map(m => m.change)).toFixed(2)}`}
        </small>
        {stranger > 0 && <small title="Their place on the map says little">{`${stranger} off the map`}</small>}
      </button>
    </li>
  )
}
