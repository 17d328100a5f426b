import type { FigurePane } from '../../electron/contract/figure.ts'
import type { AtlasScene } from '../atlas/scene.ts'

interface Whole {
  readonly pane: FigurePane
  readonly scene: Pick<AtlasScene, 'content'>
}

/** A pane of the figure, and the corner of its map in that of the window. */
type Part<Shown> = Shown & { readonly from: { readonly x: number; readonly y: number } }

/** Around the cells, and between panes side by side, CSS pixels. */
const MARGIN = 8
/** Room for a legend of a few classes with their values. */
const NARROWEST = 220

/**
 * Cuts maps to their cells and moves them together. Panes in one row keep a common top and height, so that linked maps stay
 * aligned; panes in several rows, and those with an axis, stay whole.
 */
export function cropped<Shown extends Whole>(panes: readonly Shown[], crop: boolean): readonly Part<Shown>[] {
  const row = new Set(panes.map(({ pane }) => pane.top)).size === 1 && panes.every(({ pane }) => pane.axis === null)
  if (!crop || !row) return panes.map(one => ({ ...one, from: { x: 0, y: 0 } }))
  const boxes = panes.map(({ scene }) => scene.content)
  const legend = Math.max(0, ...panes.map(({ pane }) => pane.legend.length)) * 18
  const top = Math.max(0, Math.min(...boxes.map(box => box.top)) - MARGIN - legend)
  const bottom = Math.max(...boxes.map(box => box.bottom)) + MARGIN
  let left = 0
  return panes.map((one, k): Part<Shown> => {
    const { pane } = one
    const box = boxes[k]!
    const x = Math.max(0, Math.min(box.left - MARGIN, pane.width - NARROWEST))
    const width = Math.min(pane.width, Math.max(NARROWEST, box.right + MARGIN)) - x
    const y = Math.min(top, pane.height - 1)
    const labels = pane.labels
      .map(label => ({ ...label, x: label.x - x, y: label.y - y }))
      .filter(label => label.x + label.width > 0 && label.x < width)
    const at = left
    left += width + MARGIN
    return {
      ...one,
      pane: { ...pane, left: at, top: 0, width, height: Math.min(pane.height, bottom) - y, labels },
      from: { x, y },
    }
  })
}
