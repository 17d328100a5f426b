import { ArrowDown, ArrowUp, Copy, Eye, EyeOff, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import type { PatchRecord } from '../../electron/contract/patch.ts'
import type { Photograph } from '../../electron/contract/project.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { Button, IconButton } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { fileName } from '../ui/text.ts'
import {
  adjustPatch,
  duplicatePatch,
  type EditedComposition,
  type PlacedPatch,
  removePatch,
  restackPatch,
  selectPatch,
  settle,
} from './lab.ts'
import { PlacementForm } from './PlacementForm.tsx'
import css from './patch.module.css'

interface PlacedPatchesProps {
  readonly edited: EditedComposition
  readonly patches: ReadonlyMap<number, PatchRecord>
  readonly selected: number | null
  readonly photograph: Photograph | undefined
  readonly onChoose: () => void
}

/** The photograph, the placed patches from the top down, and the placement of the selected one. */
export function PlacedPatches({ edited, patches, selected, photograph, onChoose }: PlacedPatchesProps): ReactNode {
  const { key: project } = useProject()
  const placed = edited.patches.find(l => l.id === selected)
  return (
    <aside className={css['left']} aria-label="Photograph and patches">
      <section>
        <h2 className={panel['label']}>Photograph</h2>
        {edited.image === null ? (
          <Button onClick={onChoose}>Choose</Button>
        ) : (
          <div className={css['photo']}>
            <img alt="" src={pictureAddress({ kind: 'photo', project, image: edited.image, box: null, size: 128 })} />
            <div>
              <strong title={photograph?.file}>{photograph ? fileName(photograph.file) : '…'}</strong>
              <span>{photograph && `${photograph.width} × ${photograph.height}`}</span>
              <Button onClick={onChoose}>Change</Button>
            </div>
          </div>
        )}
      </section>
      <section>
        <h2 className={panel['label']}>Placed patches</h2>
        {edited.patches.length === 0 ? (
          <p className={panel['note']}>No patches placed. Choose one from the gallery.</p>
        ) : (
          <ol className={css['placed']}>
            {edited.patches.toReversed().map(l => (
              <Row key={l.id} placed={l} record={patches.get(l.patch)} project={project} selected={l.id === selected} />
            ))}
          </ol>
        )}
      </section>
      {placed && <PlacementForm placed={placed} />}
    </aside>
  )
}

interface RowProps {
  readonly placed: PlacedPatch
  readonly record: PatchRecord | undefined
  readonly project: string
  readonly selected: boolean
}

function Row({ placed, record, project, selected }: RowProps): ReactNode {
  const hidden = placed.hidden
  return (
    <li data-selected={selected} data-hidden={hidden}>
      <button type="button" className={css['patch']} aria-pressed={selected} onClick={() => selectPatch(placed.id)}>
        <img alt="" src={pictureAddress({ kind: 'patch', project, patch: placed.patch })} />
        <span title={record?.origin}>{record?.name ?? `patch ${placed.patch}`}</span>
      </button>
      <IconButton
        label={hidden ? 'Show' : 'Hide'}
        onClick={() => {
          adjustPatch(placed.id, { hidden: !hidden })
          settle()
        }}
      >
        {hidden ? <EyeOff size={14} aria-hidden /> : <Eye size={14} aria-hidden />}
      </IconButton>
      {selected && (
        <div className={css['actions']}>
          <IconButton label="Move up" onClick={() => restackPatch(placed.id, 1)}>
            <ArrowUp size={14} aria-hidden />
          </IconButton>
          <IconButton label="Move down" onClick={() => restackPatch(placed.id, -1)}>
            <ArrowDown size={14} aria-hidden />
          </IconButton>
          <IconButton label="Duplicate" onClick={() => duplicatePatch(placed.id)}>
            <Copy size={14} aria-hidden />
          </IconButton>
          <IconButton label="Remove" onClick={() => removePatch(placed.id)}>
            <Trash2 size={14} aria-hidden />
          </IconButton>
        </div>
      )}
    </li>
  )
}
