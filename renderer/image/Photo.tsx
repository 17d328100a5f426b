import { type ReactNode, useEffect, useState } from 'react'
import { PresetNameSchema } from '../../electron/contract/inversion.ts'
import type { ModelInfo, Photograph } from '../../electron/contract/project.ts'
import { ClassChooser } from '../compare/ClassChooser.tsx'
import { stemOf, valuesOf } from '../export/tables.ts'
import { inputRegionOf } from '../patch/use-lab.ts'
import { openDialog } from '../state/dialogs.ts'
import { useExportable } from '../state/exportable.ts'
import { useImage } from '../state/image.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { client, on, useCall } from '../state/queries.ts'
import { changeSettings, useSettings } from '../state/settings.ts'
import { useView } from '../state/view.ts'
import { Credit } from '../ui/Credit.tsx'
import { Button, Empty, Failure, Progress, Select } from '../ui/controls.tsx'
import page from '../ui/page.module.css'
import panel from '../ui/panel.module.css'
import { baseName, number } from '../ui/text.ts'
import { AttributionOverlay, AttributionScale } from './AttributionMap.tsx'
import { Grid, type Position } from './Grid.tsx'
import css from './image.module.css'
import { PositionPanel } from './PositionPanel.tsx'

interface PhotoProps {
  readonly image: Photograph
  readonly model: ModelInfo
}

/** A photograph beside its activation grid at a layer: one icon per position; over it the attribution to a class. */
export function Photo({ image, model }: PhotoProps): ReactNode {
  const { key: project, atlases, classes, className } = useProject()
  const preset = useSettings(state => state.imagePreset)
  const { layer: chosen, class: index, requested } = useImage()
  const active = useView(state => state.panes.find(p => p.id === state.active)?.atlas)
  const shown = atlases.find(a => a.id === active) ?? atlases[0]
  const names = model.layers.map(l => l.name)
  const layer = [chosen, shown?.layer].find(name => name != null && names.includes(name)) ?? names[0] ?? ''
  const units = model.layers.find(l => l.name === layer)
  const [at, setAt] = useState<Position | null>(null)
  const grid = useCall(
    'photograph.grid',
    requested ? { model: model.hash, image: image.id, layer, preset, seed: 0 } : null,
  )
  const map = useCall(
    'photograph.attribution',
    index === null ? null : { model: model.hash, image: image.id, layer, class: index },
  )
  useGridProgress(grid.data?.job ?? null)
  const name = stemOf(`${baseName(image.file)} ${layer}`)
  const figure = { kind: 'image', model: model.hash, image: image.id, layer, preset, seed: 0, class: index } as const
  useExportable({ name, figure, tables: index === null ? [] : [valuesOf(name, figure)] })
  const rendered = grid.data?.icons.filter(Boolean).length ?? 0
  const total = grid.data?.icons.length ?? 0
  const { box } = inputRegionOf(image, model)
  return (
    <>
      <div className={page['stage']}>
        <div className={page['tools']}>
          <Select
            label="Layer"
            value={layer}
            onChange={e => {
              useImage.setState({ layer: e.target.value })
              setAt(null)
            }}
          >
            {names.map(each => (
              <option key={each}>{each}</option>
            ))}
          </Select>
          <Select
            label="Preset of the icons"
            value={preset}
            onChange={e => changeSettings({ imagePreset: PresetNameSchema.parse(e.target.value) })}
          >
            {PresetNameSchema.options.map(each => (
              <option key={each}>{each}</option>
            ))}
          </Select>
          <div className={css['chooser']}>
            <ClassChooser
              label="Attribution to a class"
              placeholder="Attribution to…"
              classes={classes}
              value={index}
              onChange={next => useImage.setState({ class: next })}
            />
          </div>
          {index !== null && <Button onClick={() => useImage.setState({ class: null })}>Clear</Button>}
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
          <span className={page['spacer']} />
          <Button onClick={() => openDialog('export')}>Export</Button>
        </div>
        <div className={page['pair']}>
          <div className={css['column']}>
            <figure className={page['square']}>
              <img alt={image.file} src={pictureAddress({ kind: 'photo', project, image: image.id, box, size: 448 })} />
              {map.data && <AttributionOverlay map={map.data} />}
              {units && (
                <Grid
                  label="Positions on the photograph"
                  height={units.height}
                  width={units.width}
                  icons={[]}
                  at={at}
                  onChoose={setAt}
                />
              )}
            </figure>
            {index !== null &&
              (map.error ? (
                <p role="alert" className={css['scale']}>
                  {map.error.message}
                </p>
              ) : map.data ? (
                <AttributionScale values={map.data.values} name={className(index)} />
              ) : (
                <p role="status" className={css['scale']}>
                  Computing attributions…
                </p>
              ))}
          </div>
          <div className={css['column']}>
            <div className={page['square']}>
              {grid.error ? (
                <Failure error={grid.error} retry={() => void grid.refetch()} />
              ) : (
                grid.data && <Grid label="Activation grid" {...grid.data} at={at} onChoose={setAt} />
              )}
              {!requested && (
                <Empty title="Activation grid">
                  <p>{`One icon for each of the ${units ? `${units.height} × ${units.width} ` : ''}positions of ${layer}, with the preset ${preset}.`}</p>
                  <Button look="primary" onClick={() => useImage.setState({ requested: true })}>
                    Render the icons
                  </Button>
                </Empty>
              )}
            </div>
            {index !== null && <p className={css['scale']} aria-hidden />}
          </div>
        </div>
        <Credit credit={image.credit} />
      </div>
      <PositionPanel image={image} model={model} layer={layer} at={at} icon={iconAt(grid.data, at)} />
    </>
  )
}

/** Refreshes the grid while its job renders icons. */
function useGridProgress(job: number | null): void {
  useEffect(() => {
    if (job === null) return
    const refresh = (): void => void client.invalidateQueries({ queryKey: ['photograph.grid'] })
    const ends = [
      on('job.progress', p => p.job === job && refresh()),
      on('job.changed', p => p.id === job && refresh()),
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [job])
}

/** The icon of a position; null until it is rendered. */
const iconAt = (
  grid: { readonly width: number; readonly icons: readonly (string | null)[] } | undefined,
  at: Position | null,
): string | null => (grid && at ? (grid.icons[at.row * grid.width + at.column] ?? null) : null)
