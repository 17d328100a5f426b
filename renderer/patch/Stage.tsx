import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import type { Composed, PatchRecord } from '../../electron/contract/patch.ts'
import type { ModelInfo, Photograph } from '../../electron/contract/project.ts'
import { attempt } from '../state/notices.ts'
import { Frame } from './Frame.tsx'
import type { Point } from './geometry.ts'
import { layerKey } from './keys.ts'
import { type Craft, selectLayer } from './lab.ts'
import { layFile, photographOfFile, pictureIn } from './pictures.ts'
import { Sketch } from './Sketch.tsx'
import css from './stage.module.css'
import { seenOf } from './use-lab.ts'

interface StageProps {
  readonly craft: Craft
  readonly photograph: Photograph
  readonly model: ModelInfo
  readonly patches: ReadonlyMap<number, PatchRecord>
  readonly selected: number | null
  readonly composed: Composed | null
  /** The composition is that of the craft: it is shown as it was classified. */
  readonly current: boolean
  readonly crisp: boolean
}

/** Lines that a patch was drawn to while it is dragged. */
export interface Guides {
  readonly x: number | null
  readonly y: number | null
}
const NO_GUIDES: Guides = { x: null, y: null }

/** The square that the network sees, with handles around the patches on it. */
export function Stage(props: StageProps): ReactNode {
  const { craft, photograph, model, patches, selected, composed, current, crisp } = props
  const square = useRef<HTMLDivElement>(null)
  const [guides, setGuides] = useState(NO_GUIDES)
  const [dropping, setDropping] = useState(false)
  const seen = seenOf(photograph, model)
  /** A place on the screen as a share of the square. */
  const pointAt = (at: { readonly clientX: number; readonly clientY: number }): Point => {
    const box = square.current!.getBoundingClientRect()
    return { x: (at.clientX - box.left) / box.width, y: (at.clientY - box.top) / box.height }
  }
  const pressed = (event: KeyboardEvent): void => {
    // Until the engine has answered once, the side that most classifiers take.
    const side = composed?.pixels.width ?? 224
    const layer = craft.layers.find(l => l.id === selected)
    const record = layer && patches.get(layer.patch)
    if (layer && record && layerKey(event, layer, record, seen, 1 / side)) {
      event.preventDefault()
      event.stopPropagation()
    }
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: takes what is dropped; the same is had by buttons and keys
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
        if (event.target === event.currentTarget) selectLayer(null)
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
          if (event.target instanceof HTMLElement && event.target.closest('button') === null) selectLayer(null)
        }}
      >
        <div className={css['picture']}>
          {!current && <Sketch craft={craft} photograph={photograph} seen={seen} patches={patches} />}
          {composed && <Exact composed={composed} hidden={!current} crisp={crisp} />}
        </div>
        {craft.layers.map(layer => {
          const record = patches.get(layer.patch)
          return (
            record &&
            !layer.hidden && (
              <Frame
                key={layer.id}
                layer={layer}
                record={record}
                seen={seen}
                selected={layer.id === selected}
                pointAt={pointAt}
                onGuides={setGuides}
              />
            )
          )
        })}
        {guides.x !== null && <i className={css['guide']} data-along="x" style={{ left: `${guides.x * 100}%` }} />}
        {guides.y !== null && <i className={css['guide']} data-along="y" style={{ top: `${guides.y * 100}%` }} />}
        {dropping && <Drop />}
      </div>
    </div>
  )
}

/** The very pixels that were classified. */
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
      aria-label="The picture as it was classified"
      data-crisp={crisp}
      style={hidden ? { visibility: 'hidden' } : undefined}
    />
  )
}

/** What a dropped picture shall be. */
function Drop(): ReactNode {
  const [over, setOver] = useState<'patch' | 'photograph' | null>(null)
  const half = (what: 'patch' | 'photograph', text: string, take: (file: File) => Promise<void>): ReactNode => (
    // biome-ignore lint/a11y/noStaticElementInteractions: takes what is dropped; the same is had by buttons and keys
    <div
      data-over={over === what}
      onDragEnter={() => setOver(what)}
      onDrop={event => {
        event.preventDefault()
        const file = pictureIn(event.dataTransfer)
        if (file) void attempt(() => take(file))
      }}
    >
      {text}
    </div>
  )
  return (
    <div className={css['drop']}>
      {half('patch', 'Lay it on as a patch', layFile)}
      {half('photograph', 'Take it as the photograph', photographOfFile)}
    </div>
  )
}
