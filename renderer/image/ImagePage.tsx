import { type ReactNode, useDeferredValue, useEffect, useState } from 'react'
import type { ModelInfo, Photograph } from '../../electron/contract/project.ts'
import { useImage } from '../state/image.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { client, on, useCall } from '../state/queries.ts'
import { change, changePane, show, useView } from '../state/view.ts'
import { Bars, Button, Empty, Failure, Select } from '../ui/controls.tsx'
import page from '../ui/page.module.css'
import panel from '../ui/panel.module.css'
import { count } from '../ui/text.ts'
import ui from '../ui/ui.module.css'

/** One photograph as the network sees it: predictions, and its activation grid at a layer. */
export function ImagePage(): ReactNode {
  const { key: project, model } = useProject()
  const [text, setText] = useState('')
  const sought = useDeferredValue(text)
  const list = useCall('image.list', { text: sought, offset: 0, limit: 120 })
  const chosen = useImage(state => state.image)
  const image = chosen ?? list.data?.photographs[0] ?? null
  if (list.error) return <Failure error={list.error} retry={() => void list.refetch()} />
  if (!model)
    return (
      <Empty title="No model yet">
        <p>Add a model to see what it makes of a photograph.</p>
      </Empty>
    )
  return (
    <div className={page['split']}>
      <nav className={page['rail']} aria-label="Photographs">
        <input
          className={ui['input']}
          type="search"
          placeholder="File name"
          aria-label="Search photographs"
          value={text}
          onChange={e => setText(e.target.value)}
        />
        <p className={panel['note']} style={{ marginTop: 8 }}>
          {list.data ? `${list.data.photographs.length} of ${count(list.data.total, 'photograph')}` : 'Reading'}
        </p>
        <div className={page['thumbs']}>
          {list.data?.photographs.map(p => (
            <button
              key={p.id}
              type="button"
              aria-pressed={p.id === image?.id}
              title={p.file}
              onClick={() => useImage.setState({ image: p })}
            >
              <img
                loading="lazy"
                alt={p.file}
                src={pictureAddress({ kind: 'photo', project, image: p.id, box: null, size: 128 })}
              />
            </button>
          ))}
        </div>
      </nav>
      {image ? (
        <Photo key={image.id} image={image} model={model} />
      ) : (
        <Empty title={list.data ? 'No photographs' : 'Reading'} busy={!list.data} />
      )}
    </div>
  )
}

function Photo({ image, model }: { readonly image: Photograph; readonly model: ModelInfo }): ReactNode {
  const { key: project, atlases, className } = useProject()
  const [layer, setLayer] = useState(atlases[0]?.layer ?? model.layers[0]?.name ?? '')
  const [at, setAt] = useState<{ row: number; column: number } | null>(null)
  const active = useView(state => state.active)
  const atlas = atlases.find(a => a.layer === layer)
  const predictions = useCall('image.predict', { model: model.hash, image: image.id, limit: 8 })
  const grid = useCall('image.grid', { model: model.hash, image: image.id, layer, preset: 'preview', seed: 0 })
  const said = useCall(
    'image.position',
    at && { model: model.hash, image: image.id, layer, ...at, classes: 8, atlas: atlas?.id ?? null },
  )
  const job = grid.data?.job
  useEffect(
    () =>
      job
        ? on('job.progress', p => p.job === job && void client.invalidateQueries({ queryKey: ['image.grid'] }))
        : undefined,
    [job],
  )
  const place = said.data?.place
  const go = (): void => {
    if (!place || !atlas) return
    changePane(active, { atlas: atlas.id })
    change({ cameras: { ...useView.getState().cameras, [active]: { x: place.x, y: place.y, zoom: 6 } } })
    show('atlas')
  }
  return (
    <>
      <div className={page['stage']}>
        <div className={page['tools']}>
          <Select
            label="Layer"
            value={layer}
            onChange={e => {
              setLayer(e.target.value)
              setAt(null)
            }}
          >
            {model.layers.map(l => (
              <option key={l.name}>{l.name}</option>
            ))}
          </Select>
          <span className={panel['note']}>
            {grid.data
              ? `${grid.data.height} × ${grid.data.width} positions, ${grid.data.icons.filter(Boolean).length} icons made`
              : ''}
          </span>
        </div>
        <div className={page['pair']}>
          <figure className={page['square']}>
            <img
              alt={image.file}
              src={pictureAddress({ kind: 'photo', project, image: image.id, box: null, size: 448 })}
            />
          </figure>
          <div className={page['square']}>
            {grid.error ? (
              <Failure error={grid.error} retry={() => void grid.refetch()} />
            ) : (
              grid.data && (
                <div
                  className={page['cells']}
                  style={{ gridTemplate: `repeat(${grid.data.height}, 1fr) / repeat(${grid.data.width}, 1fr)` }}
                >
                  {grid.data.icons.map((icon, k) => {
                    const row = Math.floor(k / grid.data.width)
                    const column = k % grid.data.width
                    return (
                      <button
                        key={`${row},${column}`}
                        type="button"
                        aria-label={`Row ${row}, column ${column}`}
                        aria-pressed={at?.row === row && at.column === column}
                        onClick={() => setAt({ row, column })}
                      >
                        {icon && <img alt="" src={pictureAddress({ kind: 'icon', project, key: icon })} />}
                      </button>
                    )
                  })}
                </div>
              )
            )}
          </div>
        </div>
      </div>
      <aside className={page['rail']} aria-label="What it says">
        <h3 className={panel['label']}>Predictions</h3>
        {predictions.error ? (
          <p role="alert">{predictions.error.message}</p>
        ) : (
          predictions.data && (
            <Bars
              bars={predictions.data.probabilities.map(p => ({
                key: p.index,
                name: className(p.index),
                value: p.value,
              }))}
              colour="var(--accent)"
              format={v => `${(v * 100).toFixed(1)} %`}
            />
          )
        )}
        <section className={panel['section']}>
          <h3>{at ? `Position ${at.row}, ${at.column} at ${layer}, logits` : 'A position'}</h3>
          {!at && (
            <p className={panel['note']}>
              Choose a position of the grid to see what it says about classes and where in the atlas it falls.
            </p>
          )}
          {said.data && (
            <Bars
              bars={said.data.for.map(c => ({ key: c.index, name: className(c.index), value: c.value }))}
              colour="var(--for)"
            />
          )}
          {said.data && <div style={{ height: 12 }} />}
          {said.data && (
            <Bars
              bars={said.data.against.map(c => ({ key: c.index, name: className(c.index), value: c.value }))}
              colour="var(--against)"
            />
          )}
          {place && (
            <div className={panel['actions']} style={{ marginTop: 12 }}>
              <Button onClick={go}>Show in the atlas</Button>
              {place.unlikeAnything && <p className={panel['note']}>Unlike anything sampled: its place says little.</p>}
            </div>
          )}
        </section>
      </aside>
    </>
  )
}
