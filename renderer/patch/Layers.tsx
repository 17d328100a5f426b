import { ArrowDown, ArrowUp, Copy, Eye, EyeOff, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import type { PatchRecord } from '../../electron/contract/patch.ts'
import type { Photograph } from '../../electron/contract/project.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { Button, IconButton } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { LayerForm } from './LayerForm.tsx'
import { type Craft, duplicate, type Laid, lift, reshape, restack, selectLayer, settle } from './lab.ts'
import css from './patch.module.css'

interface LayersProps {
  readonly craft: Craft
  readonly patches: ReadonlyMap<number, PatchRecord>
  readonly selected: number | null
  readonly photograph: Photograph | undefined
  readonly onChoose: () => void
}

const nameOf = (file: string): string => file.replace(/^.*[\\/]/, '')

/** The photograph, the patches on it from the top down, and how the selected one is laid. */
export function Layers({ craft, patches, selected, photograph, onChoose }: LayersProps): ReactNode {
  const { key: project } = useProject()
  const layer = craft.layers.find(l => l.id === selected)
  return (
    <aside className={css['left']} aria-label="Photograph and patches">
      <section>
        <h2 className={panel['label']}>Photograph</h2>
        {craft.image === null ? (
          <Button onClick={onChoose}>Choose</Button>
        ) : (
          <div className={css['photo']}>
            <img alt="" src={pictureAddress({ kind: 'photo', project, image: craft.image, box: null, size: 128 })} />
            <div>
              <strong title={photograph?.file}>{photograph ? nameOf(photograph.file) : '…'}</strong>
              <span>{photograph && `${photograph.width} × ${photograph.height}`}</span>
              <Button onClick={onChoose}>Change</Button>
            </div>
          </div>
        )}
      </section>
      <section>
        <h2 className={panel['label']}>Patches on it</h2>
        {craft.layers.length === 0 ? (
          <p className={panel['note']}>None yet. Choose one from the gallery.</p>
        ) : (
          <ol className={css['layers']}>
            {craft.layers.toReversed().map(l => (
              <Row key={l.id} layer={l} record={patches.get(l.patch)} project={project} selected={l.id === selected} />
            ))}
          </ol>
        )}
      </section>
      {layer && <LayerForm layer={layer} />}
    </aside>
  )
}

interface RowProps {
  readonly layer: Laid
  readonly record: PatchRecord | undefined
  readonly project: string
  readonly selected: boolean
}

function Row({ layer, record, project, selected }: RowProps): ReactNode {
  const hidden = layer.hidden
  return (
    <li data-selected={selected} data-hidden={hidden}>
      <button type="button" className={css['layer']} aria-pressed={selected} onClick={() => selectLayer(layer.id)}>
        <img alt="" src={pictureAddress({ kind: 'patch', project, patch: layer.patch })} />
        <span title={record?.origin}>{record?.name ?? `patch ${layer.patch}`}</span>
      </button>
      <IconButton
        label={hidden ? 'Show' : 'Hide'}
        onClick={() => {
          reshape(layer.id, { hidden: !hidden })
          settle()
        }}
      >
        {hidden ? <EyeOff size={14} aria-hidden /> : <Eye size={14} aria-hidden />}
      </IconButton>
      {selected && (
        <div className={css['actions']}>
          <IconButton label="One layer up" onClick={() => restack(layer.id, 1)}>
            <ArrowUp size={14} aria-hidden />
          </IconButton>
          <IconButton label="One layer down" onClick={() => restack(layer.id, -1)}>
            <ArrowDown size={14} aria-hidden />
          </IconButton>
          <IconButton label="Lay it on once more" onClick={() => duplicate(layer.id)}>
            <Copy size={14} aria-hidden />
          </IconButton>
          <IconButton label="Take it off" onClick={() => lift(layer.id)}>
            <Trash2 size={14} aria-hidden />
          </IconButton>
        </div>
      )}
    </li>
  )
}
