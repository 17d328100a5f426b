import type { Camera } from './camera.ts'
import { type CellIndex, TILE } from './cells.ts'

/** The tiles with cells in view and in a margin around it, nearest to the centre of the pane first. */
export function tilesInView(index: CellIndex, camera: Camera, margin: number): number[] {
  const { grid } = index.cells
  const { tiles } = index
  const a = camera.toWorld(0, 0)
  const b = camera.toWorld(camera.width, camera.height)
  const tile = (v: number): number => Math.floor((v * grid) / TILE)
  const [left, right] = [Math.max(0, tile(a.x) - margin), Math.min(tiles - 1, tile(b.x) + margin)]
  const [top, bottom] = [Math.max(0, tile(a.y) - margin), Math.min(tiles - 1, tile(b.y) + margin)]
  const found: { tile: number; distance: number }[] = []
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      if (index.signature(y * tiles + x) === 0) continue
      const dx = ((x + 0.5) * TILE) / grid - camera.view.x
      const dy = ((y + 0.5) * TILE) / grid - camera.view.y
      found.push({ tile: y * tiles + x, distance: dx * dx + dy * dy })
    }
  }
  return found.sort((p, q) => p.distance - q.distance).map(f => f.tile)
}
