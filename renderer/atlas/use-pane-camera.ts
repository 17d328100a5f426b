import { type RefObject, useEffect } from 'react'
import { cameraOf, useView } from '../state/view.ts'
import type { AtlasScene } from './scene.ts'
import { link } from './use-scene.ts'

/** Makes a pane look where the view says, and move with the others while cameras are linked. */
export function usePaneCamera(scene: RefObject<AtlasScene | null>, id: number): void {
  const linked = useView(state => state.linked)
  useEffect(() => {
    const here = scene.current
    if (!here) return
    here.camera.go(cameraOf(id), 'instant')
    here.redraw()
    // Menus and links set where a pane looks; what came from the pane itself is its goal already.
    return useView.subscribe((now, before) => {
      const view = now.cameras[id]
      if (!view || view === before.cameras[id]) return
      const { goal } = here.camera
      if (view.x === goal.x && view.y === goal.y && view.zoom === goal.zoom) return
      here.camera.go(view)
      link.follow(here.camera, 'smooth')
      here.redraw()
    })
  }, [scene, id])
  useEffect(
    () => (linked && scene.current ? link.join(scene.current.camera, scene.current.redraw) : undefined),
    [scene, linked],
  )
}
