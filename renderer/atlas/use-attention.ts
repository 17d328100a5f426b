import { useEffect } from 'react'
import { call } from '../state/queries.ts'
import { useView } from '../state/view.ts'
import type { Camera } from './camera.ts'
import type { Level } from './scene-state.ts'

/** A view that lasts this long is worth telling, ms. */
const REST = 300

/** Tells the engine what a pane looks at while icons are still to come: those cells are refined first. */
export function useAttention(
  camera: () => Camera | undefined,
  atlas: number | undefined,
  level: Level | undefined,
  unfinished: boolean,
): void {
  const moved = useView(state => state.cameras)
  // biome-ignore lint/correctness/useExhaustiveDependencies: every movement is told anew
  useEffect(() => {
    if (!unfinished || atlas === undefined || !level) return
    const timer = setTimeout(() => {
      const here = camera()
      if (!here) return
      const { grid } = level.index.cells
      const a = here.toWorld(0, 0)
      const b = here.toWorld(here.width, here.height)
      const line = (v: number): number => Math.min(grid - 1, Math.max(0, Math.floor(v * grid)))
      const region = { top: line(a.y), left: line(a.x), bottom: line(b.y), right: line(b.x) }
      // Attention is a wish: icons come in their own order where it could not be told.
      call('atlas.look', { atlas, grid, ...region }).catch(() => {})
    }, REST)
    return () => clearTimeout(timer)
  }, [moved, atlas, level, unfinished, camera])
}
