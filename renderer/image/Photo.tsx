import { type ReactNode, useEffect, useState } from 'react'
import type { ModelInfo, Photograph } from '../../electron/contract/project.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { client, on, useCall } from '../state/queries.ts'
import { useSettings } from '../state/settings.ts'
import { useView } from '../state/view.ts'
import { Credit } from '../ui/Credit.tsx'
import { Button, Empty, Failure, Progress, Select } from '../ui/controls.tsx'
import page from '../ui/page.module.css'
import panel from '../ui/panel.module.css'
import { number } from '../ui/text.ts'
import { Grid, type Position } from './Grid.tsx'
import { PositionPanel } from './PositionPanel.tsx'

interface PhotoProps {
  readonly image: Photograph
  readonly model: ModelInfo
  /** The user chose it. For one that just comes first, hundreds of icons are not rendered unasked. */
  readonly chosen: boolean
}

/** A photograph beside its activation grid at a layer: one icon per position. */
export function Photo({ image, model, chosen }: PhotoProps): ReactNode {
  const { key: project, atlases } = useProject()
  const preset = useSettings(state => state.imagePreset)
  const active = useView(state => state.panes.find(p => p.id === state.active)?.atlas)
  const shown = atlases.find(a => a.id === active) ?? atlases[0]
  const [layer, setLayer] = useState(shown?.layer ?? model.layers[0]?.name ?? '')
  const [at, setAt] = useState<Position | null>(null)
  const [requested, setRequested] = useState(chosen)
  const grid = useCall(
    'photograph.grid',
    requested ? { model: model.hash, image: image.id, layer, preset, seed: 0 } : null,
  )
  const units = model.layers.find(l => l.name === layer)
  const job = grid.data?.job
  useEffect(() => {
    if (!job) return
    const refresh = (): void => void client.invalidateQueries({ queryKey: ['photograph.grid'] })
    const ends = [
      on('job.progress', p => p.job === job && refresh()),
      on('job.changed', p => p.id === job && refresh()),
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [job])
  const rendered = grid.data?.icons.filter(Boolean).length ?? 0
  const total = grid.data?.icons.length ?? 0
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
          <span className={panel['note']} role="status">
            {grid.data
              ? `${grid.data.height} × ${grid.data.width} positions, ${number(rendered)} of ${number(total)} icons rendered`
              : grid.error || !requested
                ? ''
                : 'Computing activations…'}
          </span>
          {grid.data && rendered < total && (
            <div className={page['rendering']}>
              <Progress done={rendered} total={total} label="Icons rendered" />
            </div>
          )}
        </div>
        <div className={page['pair']}>
          <figure className={page['square']}>
            <img
              alt={image.file}
              src={pictureAddress({ kind: 'photo', project, image: image.id, box: null, size: 448 })}
            />
            {at && grid.data && (
              <i
                style={{
                  left: `${(100 * at.column) / grid.data.width}%`,
                  top: `${(100 * at.row) / grid.data.height}%`,
                  width: `${100 / grid.data.width}%`,
                  height: `${100 / grid.data.height}%`,
                }}
              />
            )}
          </figure>
          <div className={page['square']}>
            {grid.error ? (
              <Failure error={grid.error} retry={() => void grid.refetch()} />
            ) : (
              grid.data && <Grid {...grid.data} at={at} onChoose={setAt} />
            )}
            {!requested && (
              <Empty title="Activation grid">
                <p>{`One icon for each of the ${units ? `${units.height} × ${units.width} ` : ''}positions of ${layer}, with the preset ${preset} (Settings).`}</p>
                <Button look="primary" onClick={() => setRequested(true)}>
                  Render the icons
                </Button>
              </Empty>
            )}
          </div>
        </div>
        <Credit credit={image.credit} />
      </div>
      <PositionPanel image={image} model={model} layer={layer} at={at} icon={iconAt(grid.data, at)} />
    </>
  )
}

/** The icon of a position; null until it is rendered. */
const iconAt = (
  grid: { readonly width: number; readonly icons: readonly (string | null)[] } | undefined,
  at: Position | null,
): string | null => (grid && at ? (grid.icons[at.row * grid.width + at.column] ?? null) : null)
