import { type PointerEvent, type ReactNode, useRef } from 'react'
import type { PatchRecord } from '../../electron/contract/patch.ts'
import { extentOf } from '../../electron/contract/placement.ts'
import type { Point } from '../atlas/cells.ts'
import { HANDLES, type Handle, type Placement, placeText, rotationTowards, scale, snap } from './geometry.ts'
import { adjustPatch, type PlacedPatch, selectPatch, settle } from './lab.ts'
import type { Guides } from './Stage.tsx'
import css from './stage.module.css'
import type { InputRegion } from './use-lab.ts'

/** A patch snaps to edges and the centre within this distance, CSS pixels. */
const SNAP = 7

interface FrameProps {
  readonly placed: PlacedPatch
  readonly record: PatchRecord
  readonly region: InputRegion
  readonly selected: boolean
  readonly pointAt: (at: { readonly clientX: number; readonly clientY: number }) => Point
  readonly onGuides: (guides: Guides) => void
}

/** The outline of a placed patch: drag it to move, its corners to scale, the handle above to rotate. */
export function Frame({ placed, record, region, selected, pointAt, onGuides }: FrameProps): ReactNode {
  const extent = extentOf(placed, record, region)
  const placement: Placement = { x: placed.x, y: placed.y, ...extent, rotation: placed.rotation }
  /** The placement at the start of a drag, and the dragged part. */
  const grab = useRef<{
    readonly by: 'body' | 'rotation' | Handle
    readonly from: Point
    readonly placement: Placement
    readonly size: number
  }>(undefined)

  const begin = (by: 'body' | 'rotation' | Handle) => (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return
    event.stopPropagation()
    event.currentTarget.setPointerCapture(event.pointerId)
    selectPatch(placed.id)
    grab.current = { by, from: pointAt(event), placement, size: placed.size }
  }
  const drag = (event: PointerEvent<HTMLElement>): void => {
    const held = grab.current
    if (held === undefined) return
    event.stopPropagation()
    const at = pointAt(event)
    if (held.by === 'rotation') {
      adjustPatch(placed.id, { rotation: rotationTowards(held.placement, at, event.shiftKey ? 15 : 0) })
    } else if (held.by === 'body') {
      const to = {
        ...held.placement,
        x: held.placement.x + at.x - held.from.x,
        y: held.placement.y + at.y - held.from.y,
      }
      const edge = event.currentTarget.parentElement!.clientWidth
      const found = event.altKey ? { ...to, lineX: null, lineY: null } : snap(to, SNAP / edge)
      adjustPatch(placed.id, { x: found.x, y: found.y })
      onGuides({ x: found.lineX, y: found.lineY })
    } else adjustPatch(placed.id, scale(held.placement, held.size, held.by, at, event.altKey))
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
      aria-label={`${record.name}, ${Math.round(placed.size * 100)} % of the side, ${placeText(placed)}`}
      style={{
        left: `${placed.x * 100}%`,
        top: `${placed.y * 100}%`,
        width: `${extent.width * 100}%`,
        height: `${extent.height * 100}%`,
        transform: `translate(-50%, -50%) rotate(${placed.rotation}deg)`,
      }}
      onFocus={() => selectPatch(placed.id)}
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
          <i className={css['rotationHandle']} onPointerDown={begin('rotation')} {...grip} />
        </>
      )}
    </button>
  )
}
