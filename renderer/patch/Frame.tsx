import { type PointerEvent, type ReactNode, useRef } from 'react'
import { extentOf, type PatchRecord } from '../../electron/contract/patch.ts'
import { HANDLES, type Handle, type Lying, type Point, placeText, rotationTowards, scale, snap } from './geometry.ts'
import { type Laid, reshape, selectLayer, settle } from './lab.ts'
import type { Guides } from './Stage.tsx'
import css from './stage.module.css'
import type { Seen } from './use-lab.ts'

/** Within so many screen pixels a patch is drawn to an edge or the middle. */
const SNAP = 7

interface FrameProps {
  readonly layer: Laid
  readonly record: PatchRecord
  readonly seen: Seen
  readonly selected: boolean
  readonly pointAt: (at: { readonly clientX: number; readonly clientY: number }) => Point
  readonly onGuides: (guides: Guides) => void
}

/** The outline of one patch, to be dragged; its corners scale it and the knob above turns it. */
export function Frame({ layer, record, seen, selected, pointAt, onGuides }: FrameProps): ReactNode {
  const extent = extentOf(layer, record, seen)
  const lying: Lying = { x: layer.x, y: layer.y, ...extent, rotation: layer.rotation }
  /** How the patch lay when it was grabbed, and by what. */
  const grab = useRef<{
    readonly by: 'body' | 'turn' | Handle
    readonly from: Point
    readonly lying: Lying
    readonly size: number
  }>(undefined)

  const begin = (by: 'body' | 'turn' | Handle) => (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return
    event.stopPropagation()
    event.currentTarget.setPointerCapture(event.pointerId)
    selectLayer(layer.id)
    grab.current = { by, from: pointAt(event), lying, size: layer.size }
  }
  const drag = (event: PointerEvent<HTMLElement>): void => {
    const held = grab.current
    if (held === undefined) return
    event.stopPropagation()
    const at = pointAt(event)
    if (held.by === 'turn') {
      reshape(layer.id, { rotation: rotationTowards(held.lying, at, event.shiftKey ? 15 : 0) })
    } else if (held.by === 'body') {
      const to = { ...held.lying, x: held.lying.x + at.x - held.from.x, y: held.lying.y + at.y - held.from.y }
      const edge = event.currentTarget.parentElement!.clientWidth
      const found = event.altKey ? { ...to, lineX: null, lineY: null } : snap(to, SNAP / edge)
      reshape(layer.id, { x: found.x, y: found.y })
      onGuides({ x: found.lineX, y: found.lineY })
    } else reshape(layer.id, scale(held.lying, held.size, held.by, at, event.altKey))
  }
  const end = (): void => {
    if (grab.current === undefined) return
    grab.current = undefined
    onGuides({ x: null, y: null })
    settle()
  }
  const grip = { onPointerMove: drag, onPointerUp: end, onPointerCancel: end }
  return (
    <button
      type="button"
      className={css['frame']}
      aria-pressed={selected}
      aria-label={`${record.name}, ${Math.round(layer.size * 100)} % of the edge, ${placeText(layer)}`}
      style={{
        left: `${layer.x * 100}%`,
        top: `${layer.y * 100}%`,
        width: `${extent.width * 100}%`,
        height: `${extent.height * 100}%`,
        transform: `translate(-50%, -50%) rotate(${layer.rotation}deg)`,
      }}
      onFocus={() => selectLayer(layer.id)}
      onKeyUp={settle}
      onBlur={settle}
      onPointerDown={begin('body')}
      {...grip}
    >
      {selected && (
        <>
          {HANDLES.map(handle => (
            <i
              key={`${handle.x},${handle.y}`}
              className={css['handle']}
              style={{ left: `${50 + 50 * handle.x}%`, top: `${50 + 50 * handle.y}%` }}
              data-slope={handle.x * handle.y}
              onPointerDown={begin(handle)}
              {...grip}
            />
          ))}
          <i className={css['knob']} onPointerDown={begin('turn')} {...grip} />
        </>
      )}
    </button>
  )
}
