import type { Camera } from './camera.ts'
import type { Cells } from './cells.ts'

/** The part of a pane that holds cells, CSS pixels; all of it while there are none. */
export function contentBox(camera: Pick<Camera, 'width' | 'height' | 'toScreen'>, cells: Cells | undefined) {
  const { width, height } = camera
  if (cells === undefined || cells.i.length === 0) return { left: 0, top: 0, right: width, bottom: height }
  const { grid } = cells
  let [top, left, bottom, right] = [grid, grid, 0, 0]
  for (let k = 0; k < cells.i.length; k++) {
    top = Math.min(top, cells.i[k]!)
    left = Math.min(left, cells.j[k]!)
    bottom = Math.max(bottom, cells.i[k]! + 1)
    right = Math.max(right, cells.j[k]! + 1)
  }
  const [from, to] = [camera.toScreen(left / grid, top / grid), camera.toScreen(right / grid, bottom / grid)]
  return {
    left: Math.max(0, Math.floor(from.x)),
    top: Math.max(0, Math.floor(from.y)),
    right: Math.min(width, Math.ceil(to.x)),
    bottom: Math.min(height, Math.ceil(to.y)),
  }
}
