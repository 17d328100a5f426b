import type { Bounds } from '../app-state.ts'

const DEFAULT_SIZE = { width: 1440, height: 900 }
/** The part of a window that must be on a screen, so that it can be dragged, px. */
const MIN_VISIBLE = 120
/** Offset of each further window, px. */
const CASCADE = 32

/** The bounds of a new window: those of the last closed one if still on a screen, else centred on the first screen. */
export function fitting(saved: Bounds | undefined, areas: readonly Bounds[], others: number): Bounds {
  const first = areas[0] ?? { x: 0, y: 0, ...DEFAULT_SIZE }
  const moved = saved && { ...saved, x: saved.x + others * CASCADE, y: saved.y + others * CASCADE }
  if (moved !== undefined && areas.some(area => overlaps(moved, area))) return moved
  const width = Math.min(saved?.width ?? DEFAULT_SIZE.width, first.width)
  const height = Math.min(saved?.height ?? DEFAULT_SIZE.height, first.height)
  return {
    x: first.x + Math.floor((first.width - width) / 2),
    y: first.y + Math.floor((first.height - height) / 2),
    width,
    height,
  }
}

const overlaps = (window: Bounds, area: Bounds): boolean =>
  Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x) >= MIN_VISIBLE &&
  window.y >= area.y &&
  area.y + area.height - window.y >= MIN_VISIBLE
