import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import type { Composed, PatchRecord } from '../../electron/contract/patch.ts'
import type { ModelInfo, Photograph } from '../../electron/contract/project.ts'
import type { Point } from '../atlas/cells.ts'
import { attempt } from '../state/notices.ts'
import { photographOfFile, pictureIn, placeFile } from './add-pictures.ts'
import { Frame } from './Frame.tsx'
import { patchKey } from './keys.ts'
import { type EditedComposition, selectPatch } from './lab.ts'
import { Sketch } from './Sketch.tsx'
import css from './stage.module.css'
import { inputRegionOf } from './use-lab.ts'

interface StageProps {
  readonly edited: EditedComposition
  readonly photograph: Photograph
  readonly model: ModelInfo
  readonly patches: ReadonlyMap<number, PatchRecord>
  readonly selected: number | null
  readonly composed: Composed | null
  /** Whether `composed` is the edited composition, shown as classified. */
  readonly current: boolean
  readonly crisp: boolean
}

/** Lines that a dragged patch snaps to. */
export interface Guides {
  readonly x: number | null
  readonly y: number | null
}
const NO_GUIDES: Guides = { x: null, y: null }

/** The model's input square, with handles around the placed patches. */
export function Stage(props: StageProps): ReactNode {
  const { edited, photograph, model, patches, selected, composed, current, crisp } = props
  const square = useRef<HTMLDivElement>(null)
  const [guides, setGuides] = useState(NO_GUIDES)
  const [dropping, setDropping] = useState(false)
  const region = inputRegionOf(photograph, model)
  /** A point on the screen as a share of the square. */
  const pointAt: PointAt = at => {
    const box = square.current!.getBoundingClientRect()
    return { x: (at.clientX - box.left) / box.width, y: (at.clientY - box.top) / box.height }
  }
  const pressed = (event: KeyboardEvent): void => {
    // Before the first composition, the usual input size of a classifier.
    const side = composed?.pixels.width ?? 224
    const placed = edited.patches.find(l => l.id === selected)
    const record = placed && patches.get(placed.patch)
    if (placed && record && patchKey(event, placed, record, region, 1 / side)) {
      event.preventDefault()
      event.stopPropagation()
    }
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a drop target; buttons and keys do the same
    <div
      className={css['stage']}
      onDragOver={event => {
        if (![...event.dataTransfer.items].some(i => i.kind === 'file')) return
        event.preventDefault()
        setDropping(true)
      }}
      onDragLeave={event => event.currentTarget.contains(event.relatedTarget as Node | null) || setDropping(false)}
      onDrop={() => setDropping(false)}
      onPointerDown={event => {
        if (event.target === event.currentTarget) selectPatch(null)
      }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms */}
      <div
        ref={square}
        className={css['square']}
        role="group"
        aria-label="Photograph with its patches"
        data-state={current ? 'exact' : 'moving'}
        onKeyDown={pressed}
        onPointerDown={event => {
          if (event.target instanceof HTMLElement && event.target.closest('button') === null) selectPatch(null)
        }}
      >
        <div className={css['picture']}>
          {!current && <Sketch edited={edited} photograph={photograph} region={region} patches={patches} />}
          {composed && <Exact composed={composed} hidden={!current} crisp={crisp} />}
        </div>
        {edited.patches.map(placed => {
          const record = patches.get(placed.patch)
          return (
            record &&
            !placed.hidden && (
              <Frame
                key={placed.id}
                placed={placed}
                record={record}
                region={region}
                selected={placed.id === selected}
                pointAt={pointAt}
                onGuides={setGuides}
              />
            )
          )
        })}
        {guides.x !== null && <i className={css['guide']} data-along="x" style={{ left: `${guides.x * 100}%` }} />}
        {guides.y !== null && <i className={css['guide']} data-along="y" style={{ top: `${guides.y * 100}%` }} />}
        {dropping && <DropTargets pointAt={pointAt} />}
      </div>
    </div>
  )
}

/** The classified pixels. */
function Exact({ composed, hidden, crisp }: { composed: Composed; hidden: boolean; crisp: boolean }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { width, height, rgba } = composed.pixels
  useEffect(() => {
    const pixels = new ImageData(new Uint8ClampedArray(rgba), width, height)
    canvas.current?.getContext('2d')?.putImageData(pixels, 0, 0)
  }, [width, height, rgba])
  return (
    <canvas
      ref={canvas}
      width={width}
      height={height}
      role="img"
      aria-label="Classified image"
      data-crisp={crisp}
      style={hidden ? { visibility: 'hidden' } : undefined}
    />
  )
}

type PointAt = (at: { readonly clientX: number; readonly clientY: number }) => Point

/** Drop targets: all of the photograph places the picture as a patch where it is dropped; a strip at its foot takes it as the photograph. */
function DropTargets({ pointAt }: { readonly pointAt: PointAt }): ReactNode {
  const [over, setOver] = useState<'patch' | 'photograph' | null>(null)
  const [at, setAt] = useState<Point | null>(null)
  const target = (
    what: 'patch' | 'photograph',
    text: string,
    take: (file: File, at: Point) => Promise<void>,
  ): ReactNode => (
    // biome-ignore lint/a11y/noStaticElementInteractions: a drop target; buttons and keys do the same
    <div
      data-what={what}
      data-over={over === what}
      onDragEnter={() => setOver(what)}
      onDragOver={event => setAt(what === 'patch' ? pointAt(event) : null)}
      onDrop={event => {
        event.preventDefault()
        const file = pictureIn(event.dataTransfer)
        const point = pointAt(event)
        if (file) void attempt(() => take(file, point))
      }}
    >
      {at === null || what === 'photograph' ? <span>{text}</span> : null}
    </div>
  )
  return (
    <div className={css['drop']}>
      {target('patch', 'Drop to place it as a patch', placeFile)}
      {target('photograph', 'Use as photograph', file => photographOfFile(file))}
      {at && <i style={{ left: `${100 * at.x}%`, top: `${100 * at.y}%` }} />}
    </div>
  )
}
