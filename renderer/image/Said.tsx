import type { ReactNode } from 'react'
import type { ModelInfo, Photograph } from '../../electron/contract/project.ts'
import type { ClassValue } from '../../electron/contract/values.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { changePane, lookAt, show, useView } from '../state/view.ts'
import { Bars, Button } from '../ui/controls.tsx'
import page from '../ui/page.module.css'
import panel from '../ui/panel.module.css'
import type { Position } from './Grid.tsx'
import { PlaceMap } from './PlaceMap.tsx'

/** How near the atlas is looked at around a position's place. */
const ZOOM = 6

interface SaidProps {
  readonly image: Photograph
  readonly model: ModelInfo
  readonly layer: string
  readonly at: Position | null
}

/** What the model says of a photograph, and what one position of it says: about classes, and where it falls in the atlas. */
export function Said({ image, model, layer, at }: SaidProps): ReactNode {
  const { atlases, className } = useProject()
  const active = useView(state => state.active)
  const atlas = atlases.find(a => a.layer === layer && a.model === model.hash)
  const predictions = useCall('image.predict', { model: model.hash, image: image.id, limit: 8 })
  const said = useCall(
    'image.position',
    at && { model: model.hash, image: image.id, layer, ...at, classes: 6, atlas: atlas?.id ?? null },
  )
  const place = said.data?.place
  const bars = (list: readonly ClassValue[]) =>
    list.map(c => ({ key: c.index, name: className(c.index), value: c.value }))
  const go = (): void => {
    if (!place || !atlas) return
    changePane(active, { atlas: atlas.id })
    lookAt(active, { x: place.x, y: place.y, zoom: ZOOM })
    show('atlas')
  }
  return (
    <aside className={page['rail']} aria-label="What it says">
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
            format={v => `${(v * 100).toFixed(1)} %`}
          />
        )
      )}
      <section className={panel['section']} aria-label="A position">
        <h3>{at ? `Row ${at.row}, column ${at.column} at ${layer}` : 'A position'}</h3>
        {!at && (
          <p className={panel['note']}>
            Choose a position of the grid to see what it says about classes and where in the atlas it falls.
          </p>
        )}
        {said.isFetching && <p className={panel['note']}>Asking the network</p>}
        {said.error && (
          <p role="alert" className={panel['note']}>
            {said.error.message}
          </p>
        )}
        {said.data && (
          <>
            <h4 className={panel['label']}>For, logits</h4>
            <Bars bars={bars(said.data.for)} colour="var(--for)" />
            <h4 className={panel['label']}>Against, logits</h4>
            <Bars bars={bars(said.data.against)} colour="var(--against)" />
          </>
        )}
        {at && said.data && !atlas && (
          <p className={panel['note']}>{`There is no atlas of ${layer} in which it could have a place.`}</p>
        )}
        {place && atlas && (
          <>
            <h4 className={panel['label']}>{`In the atlas of ${layer}`}</h4>
            <PlaceMap atlas={atlas} x={place.x} y={place.y} />
            <p className={panel['note']}>
              {place.unlikeAnything
                ? 'Unlike anything sampled: its place says little.'
                : `Distance to its nearest samples ${place.distance.toFixed(2)}, 1 − cosine.`}
            </p>
            <div className={panel['more']}>
              <Button onClick={go}>Show in the atlas</Button>
            </div>
          </>
        )}
      </section>
    </aside>
  )
}
