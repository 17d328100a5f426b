import { useEffect } from 'react'
import { call } from '../state/queries.ts'
import { useView } from '../state/view.ts'
import type { Camera } from './camera.ts'
import type { Level } from './scene-state.ts'

/** The view is reported after it has rested this long, ms. */
const REST = 300

/** Reports the visible region of a pane to the engine while icons are pending: its cells are refined first. */
export function useVisibleRegion(
  camera: () => Camera | undefined,
  atlas: number | undefined,
  level: Level | undefined,
  unfinished: boolean,
): void {
  const moved = useView(state => state.cameras)
  // biome-ignore lint/correctness/useExhaustiveDependencies: every movement is reported
  useEffect(() => {
    if (!unfinished || atlas === undefined || !level) return
    const timer = setTimeout(() => {
      const current = camera()
      if (!current) return
      const { grid } = level.index.cells
      const a = current.toWorld(0, 0)
      const b = current.toWorld(current.width, current.height)
      const index = (v: number): number => Math.min(grid - 1, Math.max(0, Math.floor(v * grid)))
      const region = { top: index(a.y), left: index(a.x), bottom: index(b.y), right: index(b.x) }
      // A failed report only changes the order of the icons.
      call('atlas.look', { atlas, grid, ...region }).catch(() => {})
    }, REST)
    return () => clearTimeout(timer)
  }, [moved, atlas, level, unfinished, camera])
}
