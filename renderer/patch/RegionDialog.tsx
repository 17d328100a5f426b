import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react'
import type { Photograph } from '../../electron/contract/project.ts'
import type { Box } from '../../electron/contract/values.ts'
import { attempt } from '../state/notices.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { Credit } from '../ui/Credit.tsx'
import { Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import type { Point } from './geometry.ts'
import { PhotographGrid } from './PhotographGrid.tsx'
import css from './photographs.module.css'
import { layNew } from './pictures.ts'

const MIDDLE: Box = { left: 0.3, top: 0.3, right: 0.7, bottom: 0.7 }
/** A region narrower than this was a click, not a drag. */
const LEAST = 0.01
const unit = (value: number): number => Math.min(1, Math.max(0, value))

/** Cuts a patch from a photograph: a region drawn on it, or moved and sized by keys. */
export function RegionDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [photograph, setPhotograph] = useState<Photograph | null>(null)
  const [box, setBox] = useState(MIDDLE)
  const cut = (): void => {
    if (photograph) void attempt(() => layNew({ kind: 'region', image: photograph.id, box }))
    onClose()
  }
  return (
    <Dialog title={photograph ? 'Draw a region' : 'Cut a patch from which photograph?'} wide onClose={onClose}>
      {photograph ? (
        <Sheet photograph={photograph} box={box} onBox={setBox} />
      ) : (
        <PhotographGrid onPick={setPhotograph} />
      )}
      <DialogFooter>
        {photograph && <Button onClick={() => setPhotograph(null)}>Another photograph</Button>}
        <Button onClick={onClose}>Cancel</Button>
        {photograph && (
          <Button look="primary" onClick={cut}>
            Cut it out
          </Button>
        )}
      </DialogFooter>
    </Dialog>
  )
}

interface SheetProps {
  readonly photograph: Photograph
  readonly box: Box
  readonly onBox: (box: Box) => void
}

function Sheet({ photograph, box, onBox }: SheetProps): ReactNode {
  const { key: project } = useProject()
  const from = useRef<Point>(undefined)
  const at = (event: PointerEvent<HTMLElement>): Point => {
    const sheet = event.currentTarget.getBoundingClientRect()
    return { x: unit((event.clientX - sheet.left) / sheet.width), y: unit((event.clientY - sheet.top) / sheet.height) }
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
    if (drawn.right - drawn.left > LEAST && drawn.bottom - drawn.top > LEAST) onBox(drawn)
  }
  const width = Math.round((box.right - box.left) * photograph.width)
  const height = Math.round((box.bottom - box.top) * photograph.height)
  return (
    <div className={css['cut']}>
      <div
        className={css['sheet']}
        style={{
          aspectRatio: `${photograph.width} / ${photograph.height}`,
          width: `min(100%, ${(56 * photograph.width) / photograph.height}vh)`,
        }}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys
        tabIndex={0}
        aria-label="Region: arrows move it, with Shift they size it"
        onPointerDown={event => {
          event.currentTarget.setPointerCapture(event.pointerId)
          from.current = at(event)
        }}
        onPointerMove={draw}
        onPointerUp={() => {
          from.current = undefined
        }}
        onKeyDown={event => onBox(steered(event, box))}
      >
        <img
          alt={photograph.file.replace(/^.*[\\/]/, '')}
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
        {`${width} × ${height} of its ${photograph.width} × ${photograph.height} pixels`}
      </p>
      <Credit credit={photograph.credit} />
    </div>
  )
}

/** Arrows move a region, with Shift they size it. */
function steered(event: KeyboardEvent, box: Box): Box {
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
