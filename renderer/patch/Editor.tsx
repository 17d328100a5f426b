import { Grid2x2, Redo2, Undo2 } from 'lucide-react'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import type { ModelInfo } from '../../electron/contract/project.ts'
import { attempt } from '../state/notices.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { Credit } from '../ui/Credit.tsx'
import { Button, Empty, Failure, IconButton } from '../ui/controls.tsx'
import { capitalised } from '../ui/text.ts'
import { ActivationShift } from './ActivationShift.tsx'
import { photographFromClipboard, photographOfFile, pictureIn, placeClipboard, placeFile } from './add-pictures.ts'
import { ExportButton } from './ExportButton.tsx'
import { Gallery } from './Gallery.tsx'
import { compositionOf, redo, undo, useLab } from './lab.ts'
import { PhotographDialog } from './PhotographDialog.tsx'
import { PlacedPatches } from './PlacedPatches.tsx'
import { Predictions } from './Predictions.tsx'
import css from './patch.module.css'
import { Stage } from './Stage.tsx'
import { useActivationShift, useComposed } from './use-composed.ts'
import { usePatches } from './use-lab.ts'

/** The editor: placed patches, the photograph, and the predictions. */
export function Editor({ model }: { readonly model: ModelInfo }): ReactNode {
  const { edited, selected, source, target, canUndo, canRedo } = useLab()
  const { atlases } = useProject()
  const [choosing, setChoosing] = useState(false)
  const [crisp, setCrisp] = useState(false)
  const patches = usePatches(edited.patches.map(l => l.patch))
  const photograph = useCall('photograph.get', edited.image === null ? null : { image: edited.image })
  const composition = useMemo(() => compositionOf(edited), [edited])
  const pinned = useMemo(() => [source, target].filter(index => index !== null), [source, target])
  const live = useComposed(model.hash, composition, pinned)
  const reply =
    live.reply?.input.composition.image === edited.image && live.reply.input.model === model.hash ? live.reply : null
  const maps = useMemo(() => {
    const ofModel = atlases.filter(a => a.model === model.hash)
    const latest = model.layers.flatMap(l => ofModel.findLast(a => a.layer === l.name) ?? [])
    return latest.map(a => a.id)
  }, [atlases, model])
  const shift = useActivationShift(model.hash, live.error === null ? composition : null, maps)
  usePaste(edited.image !== null)

  return (
    <div className={css['editor']}>
      <PlacedPatches
        edited={edited}
        patches={patches}
        selected={selected}
        photograph={photograph.data}
        onChoose={() => setChoosing(true)}
      />
      <div className={css['middle']}>
        <div className={css['tools']}>
          <IconButton label="Undo" disabled={!canUndo} onClick={undo}>
            <Undo2 size={16} aria-hidden />
          </IconButton>
          <IconButton label="Redo" disabled={!canRedo} onClick={redo}>
            <Redo2 size={16} aria-hidden />
          </IconButton>
          <IconButton label="Show pixels" pressed={crisp} onClick={() => setCrisp(!crisp)}>
            <Grid2x2 size={16} aria-hidden />
          </IconButton>
          <span className={css['spacer']} />
          <span className={css['soft']} role="status">
            {live.error
              ? ''
              : reply && live.current
                ? `${reply.value.pixels.width} × ${reply.value.pixels.height} pixels, as classified`
                : edited.image === null
                  ? ''
                  : 'Composing…'}
          </span>
          {composition && (
            <ExportButton model={model.hash} composition={composition} name={photograph.data?.file ?? ''} />
          )}
        </div>
        {edited.image === null ? (
          <NoPhotograph onChoose={() => setChoosing(true)} />
        ) : photograph.error ? (
          <Failure error={photograph.error} retry={() => void photograph.refetch()} />
        ) : photograph.data ? (
          <Stage
            edited={edited}
            photograph={photograph.data}
            model={model}
            patches={patches}
            selected={selected}
            composed={reply?.value ?? null}
            current={live.current}
            crisp={crisp}
          />
        ) : (
          <Empty title="Loading the photograph…" busy />
        )}
        <Credit credit={photograph.data?.credit ?? null} />
        {(live.error || (live.current && reply && reply.value.notes.length > 0)) && (
          <p className={css['note']} role={live.error ? 'alert' : 'status'} data-error={live.error !== null}>
            {live.error ? live.error.message : reply?.value.notes.map(sentence).join(' ')}
          </p>
        )}
        <Gallery />
      </div>
      <aside className={css['right']} aria-label="Predictions and activations">
        <Predictions composed={reply?.value ?? null} model={model} />
        <ActivationShift
          movements={shift.reply?.value ?? null}
          current={shift.current}
          error={shift.error}
          maps={maps}
        />
      </aside>
      {choosing && <PhotographDialog onClose={() => setChoosing(false)} />}
    </div>
  )
}

const sentence = (text: string): string => `${capitalised(text)}.`

/** A pasted picture becomes a patch or, without a photograph, the photograph. */
function usePaste(hasPhotograph: boolean): void {
  useEffect(() => {
    const pasted = (event: ClipboardEvent): void => {
      const { target } = event
      if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) return
      if (document.querySelector('dialog[open]') !== null) return
      const file = pictureIn(event.clipboardData)
      event.preventDefault()
      void attempt(() => {
        if (file === undefined) return hasPhotograph ? placeClipboard() : photographFromClipboard()
        return hasPhotograph ? placeFile(file) : photographOfFile(file)
      })
    }
    // Captured before the window's handler, which adds pasted pictures as photographs.
    addEventListener('paste', pasted, { capture: true })
    return () => removeEventListener('paste', pasted, { capture: true })
  }, [hasPhotograph])
}

function NoPhotograph({ onChoose }: { readonly onChoose: () => void }): ReactNode {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a drop target; buttons and keys do the same
    <div
      className={css['empty']}
      onDragOver={event => event.preventDefault()}
      onDrop={event => {
        event.preventDefault()
        const file = pictureIn(event.dataTransfer)
        if (file) void attempt(() => photographOfFile(file))
      }}
    >
      <Empty title="No photograph">
        <p>Choose a photograph of the project, or drop or paste one. Then place a patch from the gallery below.</p>
        <div className={css['row']}>
          <Button look="primary" onClick={onChoose}>
            Choose a photograph
          </Button>
          <Button onClick={() => void attempt(photographFromClipboard)}>Paste</Button>
        </div>
      </Empty>
    </div>
  )
}
