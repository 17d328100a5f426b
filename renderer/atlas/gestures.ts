import type { Camera } from './camera.ts'
import type { Point } from './cells.ts'

interface GestureTarget {
  readonly camera: Camera
  /** The camera has a new goal. */
  moved(movement: 'smooth' | 'instant'): void
  /** Pointer position in the pane, in CSS pixels; null when it has left. */
  hover(at: Point | null): void
  /** A click, or Enter for the middle of the view. */
  pick(at: Point, extend: boolean): void
  /** The lasso while it is drawn, and when it is finished. In CSS pixels. */
  lasso(line: readonly Point[], finished: boolean, extend: boolean): void
  /** Alt and an arrow: select the next cell, with Shift in addition to the selection. */
  walk(di: number, dj: number, extend: boolean): void
  /** Escape: clear the selection. */
  clear(): void
  /** Whether dragging draws a lasso even without Shift. */
  lassoing(): boolean
}

const STEP = 90
/** Beyond this distance a press is a drag, CSS pixels. */
const CLICK_DISTANCE = 4

/** Whether an event is for a legend or minimap over the pane. */
const onOverlay = ({ target }: Event): boolean => target instanceof Element && target.closest('[data-overlay]') !== null

/** Wheel, drag, pinch and keyboard over one pane. @returns removes the listeners */
export function attachGestures(element: HTMLElement, target: GestureTarget): () => void {
  const { camera } = target
  const pointers = new Map<number, Point>()
  let pressed: Point | undefined
  let dragged = false
  let line: Point[] | undefined
  const pointOf = (event: MouseEvent): Point => {
    const box = element.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }
  const listeners = new AbortController()
  const listen = <K extends keyof HTMLElementEventMap>(
    name: K,
    listener: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ): void => element.addEventListener(name, listener, { ...options, signal: listeners.signal })

  listen(
    'wheel',
    event => {
      if (onOverlay(event)) return
      event.preventDefault()
      const at = pointOf(event)
      // A line is about 16 px; a pinch on a touchpad arrives as a wheel with Ctrl and small steps.
      const delta = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1)
      camera.zoomAt(Math.exp(-delta * (event.ctrlKey ? 0.01 : 0.0022)), at.x, at.y)
      target.moved('smooth')
    },
    { passive: false },
  )
  listen('pointerdown', event => {
    if (event.button !== 0 || onOverlay(event)) return
    element.focus({ preventScroll: true })
    element.setPointerCapture(event.pointerId)
    const at = pointOf(event)
    pointers.set(event.pointerId, at)
    pressed = at
    dragged = false
    line = event.shiftKey || target.lassoing() ? [at] : undefined
  })
  listen('pointermove', event => {
    const at = pointOf(event)
    const before = pointers.get(event.pointerId)
    if (!before) return target.hover(at)
    if (pressed && Math.hypot(at.x - pressed.x, at.y - pressed.y) > CLICK_DISTANCE) dragged = true
    if (pointers.size === 2) {
      const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, p]) => p)
      const factor = Math.hypot(at.x - other!.x, at.y - other!.y) / Math.hypot(before.x - other!.x, before.y - other!.y)
      if (Number.isFinite(factor) && factor > 0) {
        camera.zoomAt(factor, (at.x + other!.x) / 2, (at.y + other!.y) / 2, 'instant')
        camera.pan((at.x - before.x) / 2, (at.y - before.y) / 2)
      }
      target.moved('instant')
    } else if (line) {
      line.push(at)
      if (dragged) target.lasso(line, false, event.shiftKey)
    } else if (dragged) {
      camera.pan(at.x - before.x, at.y - before.y)
      target.moved('instant')
    }
    pointers.set(event.pointerId, at)
  })
  const released = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId) || pointers.size > 0) return
    if (event.type === 'pointercancel') target.lasso([], false, false)
    else if (!dragged) target.pick(pointOf(event), event.shiftKey)
    else if (line) target.lasso(line, true, event.shiftKey)
    line = undefined
    pressed = undefined
  }
  listen('pointerup', released)
  listen('pointercancel', released)
  listen('pointerleave', () => target.hover(null))
  listen('dblclick', event => {
    if (onOverlay(event)) return
    const at = pointOf(event)
    camera.zoomAt(event.shiftKey ? 0.5 : 2, at.x, at.y)
    target.moved('smooth')
  })
  listen('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.target !== element) return
    const arrows: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [1, 0],
      ArrowRight: [-1, 0],
      ArrowUp: [0, 1],
      ArrowDown: [0, -1],
    }
    const arrow = arrows[event.key]
    const middle = { x: camera.width / 2, y: camera.height / 2 }
    if (arrow && event.altKey) target.walk(-arrow[1], -arrow[0], event.shiftKey)
    else if (arrow) camera.pan(arrow[0] * STEP, arrow[1] * STEP, 'smooth')
    else if (event.key === '+' || event.key === '=') camera.zoomAt(1.5, middle.x, middle.y)
    else if (event.key === '-' || event.key === '_') camera.zoomAt(1 / 1.5, middle.x, middle.y)
    else if (event.key === '0' || event.key === 'Home') camera.go({ x: 0.5, y: 0.5, zoom: 1 })
    else if (event.key === 'Enter' || event.key === ' ') target.pick(middle, event.shiftKey)
    else if (event.key === 'Escape') target.clear()
    else return
    event.preventDefault()
    target.moved('smooth')
  })
  return () => listeners.abort()
}
