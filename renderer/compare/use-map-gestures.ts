import { type RefObject, useEffect } from 'react'
import type { CellIndex, Point } from '../atlas/cells.ts'
import { attachGestures } from '../atlas/gestures.ts'
import type { AtlasScene } from '../atlas/scene.ts'

interface MapTarget {
  readonly index: CellIndex | undefined
  /** Index of the cell drawn at a point of the unit square, or −1. */
  readonly find: (x: number, y: number) => number
  /** Index of the selected cell, or −1. */
  readonly selected: number
  /** The cell under the pointer (or −1) and where the pointer is, in CSS pixels of the map. */
  readonly onHover: (cell: number, at: Point | null) => void
  /** −1: select nothing. */
  readonly onPick: (cell: number) => void
}

/** Wheel, drag, keys and clicks over one map whose camera is its own. */
export function useMapGestures(
  stage: RefObject<HTMLElement | null>,
  scene: RefObject<AtlasScene | null>,
  { index, find, selected, onHover, onPick }: MapTarget,
): void {
  useEffect(() => {
    const current = scene.current
    if (!current || !stage.current) return
    const cellAt = (at: Point): number => {
      const { x, y } = current.camera.toWorld(at.x, at.y)
      return find(x, y)
    }
    return attachGestures(stage.current, {
      camera: current.camera,
      lassoing: () => false,
      moved: () => current.redraw(),
      hover: at => onHover(at ? cellAt(at) : -1, at),
      pick: at => onPick(cellAt(at)),
      // Only one cell can be selected here.
      lasso: () => {},
      clear: () => onPick(-1),
      walk: (di, dj) => {
        if (!index) return
        const { cells } = index
        if (selected < 0) return onPick(0)
        const next = nextCell(cells, selected, di, dj)
        if (next >= 0) onPick(next)
      },
    })
  }, [stage, scene, index, find, selected, onHover, onPick])
}

/** The nearest shown cell in a direction, across the gaps of a sparse map. */
export function nextCell(
  { i, j }: { readonly i: Uint16Array; readonly j: Uint16Array },
  from: number,
  di: number,
  dj: number,
): number {
  let best = -1
  let minimum = Number.POSITIVE_INFINITY
  for (let k = 0; k < i.length; k++) {
    const along = (i[k]! - i[from]!) * di + (j[k]! - j[from]!) * dj
    const across = Math.abs((i[k]! - i[from]!) * dj) + Math.abs((j[k]! - j[from]!) * di)
    // A sideways step costs more than one ahead, so that rows and columns are followed.
    const cost = along + 2.5 * across
    if (along > 0 && cost < minimum) {
      best = k
      minimum = cost
    }
  }
  return best
}
