import { Grid2x2, Redo2, Undo2 } from 'lucide-react'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import type { ModelInfo } from '../../electron/contract/project.ts'
import { attempt } from '../state/notices.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { Credit } from '../ui/Credit.tsx'
import { Button, Empty, Failure, IconButton } from '../ui/controls.tsx'
import { Answers } from './Answers.tsx'
import { ExportButton } from './ExportButton.tsx'
import { Gallery } from './Gallery.tsx'
import { Layers } from './Layers.tsx'
import { compositionOf, redo, undo, useLab } from './lab.ts'
import { Moves } from './Moves.tsx'
import { PhotographDialog } from './PhotographDialog.tsx'
import css from './patch.module.css'
import { layClipboard, layFile, photographFromClipboard, photographOfFile, pictureIn } from './pictures.ts'
import { Stage } from './Stage.tsx'
import { useComposed, useMoved } from './use-composed.ts'
import { usePatches } from './use-lab.ts'

/** Crafting by hand: what is on the photograph, the photograph itself, and what the network says. */
export function Editor({ model }: { readonly model: ModelInfo }): ReactNode {
  const { craft, selected, source, target, canUndo, canRedo } = useLab()
  const { atlases } = useProject()
  const [choosing, setChoosing] = useState(false)
  const [crisp, setCrisp] = useState(false)
  const patches = usePatches(craft.layers.map(l => l.patch))
  const photograph = useCall('image.get', craft.image === null ? null : { image: craft.image })
  const composition = useMemo(() => compositionOf(craft), [craft])
  const pinned = useMemo(() => [source, target].filter(index => index !== null), [source, target])
  const live = useComposed(model.hash, composition, pinned)
  const answer = live.told?.to.composition.image === craft.image && live.told.to.model === model.hash ? live.told : null
  const maps = useMemo(() => {
    const ofModel = atlases.filter(a => a.model === model.hash)
    const youngest = model.layers.flatMap(l => ofModel.findLast(a => a.layer === l.name) ?? [])
    return youngest.map(a => a.id)
  }, [atlases, model])
  const moved = useMoved(model.hash, live.error === null ? composition : null, maps)
  usePasting(craft.image !== null)

  return (
    <div className={css['editor']}>
      <Layers
        craft={craft}
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
          <IconButton label="Show single pixels" pressed={crisp} onClick={() => setCrisp(!crisp)}>
            <Grid2x2 size={16} aria-hidden />
          </IconButton>
          <span className={css['spacer']} />
          <span className={css['soft']} role="status">
            {live.error
              ? ''
              : answer && live.current
                ? `${answer.value.pixels.width} × ${answer.value.pixels.height} pixels, as classified`
                : craft.image === null
                  ? ''
                  : 'Composing'}
          </span>
          {composition && (
            <ExportButton model={model.hash} composition={composition} name={photograph.data?.file ?? ''} />
          )}
        </div>
        {craft.image === null ? (
          <Begin onChoose={() => setChoosing(true)} />
        ) : photograph.error ? (
          <Failure error={photograph.error} retry={() => void photograph.refetch()} />
        ) : photograph.data ? (
          <Stage
            craft={craft}
            photograph={photograph.data}
            model={model}
            patches={patches}
            selected={selected}
            composed={answer?.value ?? null}
            current={live.current}
            crisp={crisp}
          />
        ) : (
          <Empty title="Reading the photograph" busy />
        )}
        <Credit credit={photograph.data?.credit ?? null} />
        {(live.error || (live.current && answer && answer.value.notes.length > 0)) && (
          <p className={css['note']} role={live.error ? 'alert' : 'status'} data-error={live.error !== null}>
            {live.error ? live.error.message : answer?.value.notes.map(sentence).join(' ')}
          </p>
        )}
        <Gallery />
      </div>
      <aside className={css['right']} aria-label="What the network says">
        <Answers composed={answer?.value ?? null} model={model} />
        <Moves movements={moved.told?.value ?? null} current={moved.current} error={moved.error} maps={maps} />
      </aside>
      {choosing && <PhotographDialog onClose={() => setChoosing(false)} />}
    </div>
  )
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** A picture pasted anywhere in the editor is a patch; without a photograph yet, the photograph. */
function usePasting(onPhotograph: boolean): void {
  useEffect(() => {
    const pasted = (event: ClipboardEvent): void => {
      const { target } = event
      if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) return
      if (document.querySelector('dialog[open]') !== null) return
      const file = pictureIn(event.clipboardData)
      event.preventDefault()
      void attempt(() => {
        if (file === undefined) return onPhotograph ? layClipboard() : photographFromClipboard()
        return onPhotograph ? layFile(file) : photographOfFile(file)
      })
    }
    // Before the window itself, which takes pictures for photographs to be looked at.
    addEventListener('paste', pasted, { capture: true })
    return () => removeEventListener('paste', pasted, { capture: true })
  }, [onPhotograph])
}

function Begin({ onChoose }: { readonly onChoose: () => void }): ReactNode {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: takes what is dropped; the same is had by buttons and keys
    <div
      className={css['begin']}
      onDragOver={event => event.preventDefault()}
      onDrop={event => {
        event.preventDefault()
        const file = pictureIn(event.dataTransfer)
        if (file) void attempt(() => photographOfFile(file))
      }}
    >
      <Empty title="Which photograph?">
        <p>Choose one of the project, drop one here, or paste one. Then lay a patch on it from the gallery below.</p>
        <div className={css['row']}>
          <Button look="primary" onClick={onChoose}>
            Choose a photograph
          </Button>
          <Button onClick={() => void attempt(photographFromClipboard)}>Paste one</Button>
        </div>
      </Empty>
    </div>
  )
}
