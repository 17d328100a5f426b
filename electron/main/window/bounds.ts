import type { Bounds } from '../memory.ts'

const usual = { width: 1440, height: 900 }
/** How much of a remembered window must still lie on a screen, so that it can be caught with the mouse. */
const visible = 120
/** Each further window a little lower and to the right. */
const cascade = 32

/** Where a window opens: where the last one was closed, if that place still exists; else in the middle of the first screen. */
export const fitting = (remembered: Bounds | undefined, areas: readonly Bounds[], others: number): Bounds => {
  const first = areas[0] ?? { x: 0, y: 0, ...usual }
  const moved = remembered && { ...remembered, x: remembered.x + others * cascade, y: remembered.y + others * cascade }
  if (moved !== undefined && areas.some(area => overlaps(moved, area))) return moved
  const width = Math.min(remembered?.width ?? usual.width, first.width)
  const height = Math.min(remembered?.height ?? usual.height, first.height)
  return {
    x: first.x + Math.floor((first.width - width) / 2),
    y: first.y + Math.floor((first.height - height) / 2),
    width,
    height,
  }
}

const overlaps = (window: Bounds, area: Bounds): boolean =>
  Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x) >= visible &&
  window.y >= area.y &&
  area.y + area.height - window.y >= visible
