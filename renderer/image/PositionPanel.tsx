import { type ReactNode, useEffect, useRef } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { ModelInfo, Photograph } from '../../electron/contract/project.ts'
import type { ClassValue } from '../../electron/contract/values.ts'
import { drawThumbnail } from '../atlas/minimap.ts'
import { percentText } from '../patch/class-change.ts'
import { useImage } from '../state/image.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { changePane, lookAt, show, useView } from '../state/view.ts'
import { Bars, Button } from '../ui/controls.tsx'
import page from '../ui/page.module.css'
import panel from '../ui/panel.module.css'
import type { Position } from './Grid.tsx'

/** Zoom of the atlas around a position. */
const ZOOM = 6

const HINT = 'Show the attribution to this class over the photograph'
const pick = (index: number): void => useImage.setState({ class: index })

interface PositionPanelProps {
  readonly image: Photograph
  readonly model: ModelInfo
  readonly layer: string
  readonly at: Position | null
  /** Key of the position's icon; null until it is rendered. */
  readonly icon: string | null
}

/** The predictions for a photograph; of one position, its attributions and its location in the atlas. */
export function PositionPanel({ image, model, layer, at, icon }: PositionPanelProps): ReactNode {
  const { key, atlases, className } = useProject()
  const active = useView(state => state.active)
  const atlas = atlases.find(a => a.layer === layer && a.model === model.hash)
  const predictions = useCall('photograph.predict', { model: model.hash, image: image.id, limit: 8 })
  const position = useCall(
    'photograph.position',
    at && { model: model.hash, image: image.id, layer, ...at, classes: 6, atlas: atlas?.id ?? null },
  )
  const place = position.data?.place
  const bars = (list: readonly ClassValue[]) =>
    list.map(c => ({ key: c.index, name: className(c.index), value: c.value }))
  const go = (): void => {
    if (!place || !atlas) return
    changePane(active, { atlas: atlas.id })
    lookAt(active, { x: place.x, y: place.y, zoom: ZOOM })
    show('atlas')
  }
  return (
    <aside className={page['rail']} aria-label="Predictions and attribution">
      <h3 className={panel['label']}>Predictions</h3>
      {predictions.error ? (
        <p role="alert" className={panel['note']}>
          {predictions.error.message}
        </p>
      ) : (
        predictions.data && (
          <Bars
            bars={bars(predictions.data.probabilities)}
            colour="var(--accent)"
            format={percentText}
            onPick={pick}
            hint={HINT}
          />
        )
      )}
      <section className={panel['section']} aria-label="Position">
        <h3>{at ? `Row ${at.row}, column ${at.column} at ${layer}` : 'Position'}</h3>
        {!at && (
          <p className={panel['note']}>
            Select a position of the grid to see its attributions and its location in the atlas.
          </p>
        )}
        {at && icon && (
          <img
            className={page['icon']}
            alt={`Icon of row ${at.row}, column ${at.column}`}
            src={pictureAddress({ kind: 'icon', project: key, key: icon })}
          />
        )}
        {position.isFetching && <p className={panel['note']}>Running the model…</p>}
        {position.error && (
          <p role="alert" className={panel['note']}>
            {position.error.message}
          </p>
        )}
        {position.data && (
          <>
            <h4 className={panel['label']}>Positive attribution, logits</h4>
            <Bars bars={bars(position.data.for)} colour="var(--for)" onPick={pick} hint={HINT} />
            <h4 className={panel['label']}>Negative attribution, logits</h4>
            <Bars bars={bars(position.data.against)} colour="var(--against)" onPick={pick} hint={HINT} />
          </>
        )}
        {at && position.data && !atlas && <p className={panel['note']}>{`There is no atlas of ${layer} yet.`}</p>}
        {place && atlas && (
          <>
            <h4 className={panel['label']}>{`Location in the atlas of ${layer}`}</h4>
            <AtlasThumbnail atlas={atlas} x={place.x} y={place.y} />
            <p className={panel['note']}>
              {place.unlikeAnything
                ? 'Far from all samples: its location is unreliable.'
                : `Cosine distance to the nearest samples: ${place.distance.toFixed(2)}`}
            </p>
            <div className={panel['more']}>
              <Button onClick={go}>Show in atlas</Button>
            </div>
          </>
        )}
      </section>
    </aside>
  )
}

/** A thumbnail of an atlas with a marked position. */
function AtlasThumbnail({
  atlas,
  x,
  y,
}: {
  readonly atlas: AtlasSummary
  readonly x: number
  readonly y: number
}): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null)
  const grid = atlas.grids.find(g => g.grid >= 20)?.grid ?? atlas.grids.at(-1)?.grid
  const { data } = useCall('atlas.cells', grid === undefined ? null : { atlas: atlas.id, grid })
  useEffect(() => {
    if (canvas.current && data && grid !== undefined) drawThumbnail(canvas.current, { ...data, grid })
  }, [data, grid])
  return (
    <div
      className={page['place']}
      role="img"
      aria-label={`${Math.round(100 * x)} % from the left, ${Math.round(100 * y)} % from the top`}
    >
      <canvas ref={canvas} />
      <i style={{ left: `${100 * x}%`, top: `${100 * y}%` }} />
    </div>
  )
}
