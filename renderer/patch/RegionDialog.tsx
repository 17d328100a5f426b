import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react'
import type { Photograph } from '../../electron/contract/project.ts'
import type { Box } from '../../electron/contract/values.ts'
import type { Point } from '../atlas/cells.ts'
import { attempt } from '../state/notices.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { Credit } from '../ui/Credit.tsx'
import { Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import { fileName } from '../ui/text.ts'
import { placeNew } from './add-pictures.ts'
import { PhotographGrid } from './PhotographGrid.tsx'
import css from './photographs.module.css'

const MIDDLE: Box = { left: 0.3, top: 0.3, right: 0.7, bottom: 0.7 }
/** A smaller region is a click, not a drag. */
const MIN_SIDE = 0.01
const clamped = (value: number): number => Math.min(1, Math.max(0, value))

/** Cuts a patch from a photograph: a region drawn with the pointer, or moved and resized with keys. */
export function RegionDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [photograph, setPhotograph] = useState<Photograph | null>(null)
  const [box, setBox] = useState(MIDDLE)
  const cut = (): void => {
    if (photograph) void attempt(() => placeNew({ kind: 'region', image: photograph.id, box }))
    onClose()
  }
  return (
    <Dialog title={photograph ? 'Select a region' : 'Choose a photograph to cut a patch from'} wide onClose={onClose}>
      {photograph ? (
        <RegionEditor photograph={photograph} box={box} onBox={setBox} />
      ) : (
        <PhotographGrid onPick={setPhotograph} />
      )}
      <DialogFooter>
        {photograph && <Button onClick={() => setPhotograph(null)}>Another photograph</Button>}
        <Button onClick={onClose}>Cancel</Button>
        {photograph && (
          <Button look="primary" onClick={cut}>
            Cut
          </Button>
        )}
      </DialogFooter>
    </Dialog>
  )
}

interface RegionEditorProps {
  readonly photograph: Photograph
  readonly box: Box
  readonly onBox: (box: Box) => void
}

function RegionEditor({ photograph, box, onBox }: RegionEditorProps): ReactNode {
  const { key: project } = useProject()
  const from = useRef<Point>(undefined)
  const at = (event: PointerEvent<HTMLElement>): Point => {
    const frame = event.currentTarget.getBoundingClientRect()
    return {
      x: clamped((event.clientX - frame.left) / frame.width),
      y: clamped((event.clientY - frame.top) / frame.height),
    }
  }
  const draw = (event: PointerEvent<HTMLElement>): void => {
    const start = from.current
    if (start === undefined) return
    const to = at(event)
    const drawn = {
      left: Math.min(start.x, to.x),
      top: Math.min(start.y, to.y),
      right: Math.max(start.x, to.x),
      bottom: Math.max(start.y, to.y),
    }
    if (drawn.right - drawn.left > MIN_SIDE && drawn.bottom - drawn.top > MIN_SIDE) onBox(drawn)
  }
  const width = Math.round((box.right - box.left) * photograph.width)
  const height = Math.round((box.bottom - box.top) * photograph.height)
  return (
    <div className={css['cut']}>
      <div
        className={css['frame']}
        style={{
          aspectRatio: `${photograph.width} / ${photograph.height}`,
          width: `min(100%, ${(56 * photograph.width) / photograph.height}vh)`,
        }}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys
        tabIndex={0}
        aria-label="Region: arrow keys move it, with Shift they resize it"
        onPointerDown={event => {
          event.currentTarget.setPointerCapture(event.pointerId)
          from.current = at(event)
        }}
        onPointerMove={draw}
        onPointerUp={() => {
          from.current = undefined
        }}
        onKeyDown={event => onBox(regionAfterKey(event, box))}
      >
        <img
          alt={fileName(photograph.file)}
          draggable={false}
          src={pictureAddress({ kind: 'photo', project, image: photograph.id, box: null, size: 1024 })}
        />
        <div className={css['clip']}>
          <div
            className={css['region']}
            style={{
              left: `${box.left * 100}%`,
              top: `${box.top * 100}%`,
              width: `${(box.right - box.left) * 100}%`,
              height: `${(box.bottom - box.top) * 100}%`,
            }}
          />
        </div>
      </div>
      <p className={css['note']} role="status">
        {`${width} × ${height} of ${photograph.width} × ${photograph.height} pixels`}
      </p>
      <Credit credit={photograph.credit} />
    </div>
  )
}

/** Arrow keys move a region, with Shift they resize it. */
function regionAfterKey(event: KeyboardEvent, box: Box): Box {
  const step = 0.02
  const dx = event.key === 'ArrowLeft' ? -step : event.key === 'ArrowRight' ? step : 0
  const dy = event.key === 'ArrowUp' ? -step : event.key === 'ArrowDown' ? step : 0
  if (dx === 0 && dy === 0) return box
  event.preventDefault()
  if (event.shiftKey) {
    return {
      ...box,
      right: Math.min(1, Math.max(box.left + step, box.right + dx)),
      bottom: Math.min(1, Math.max(box.top + step, box.bottom + dy)),
    }
  }
  const x = Math.min(1 - box.right, Math.max(-box.left, dx))
  const y = Math.min(1 - box.bottom, Math.max(-box.top, dy))
  return { left: box.left + x, right: box.right + x, top: box.top + y, bottom: box.bottom + y }
}
