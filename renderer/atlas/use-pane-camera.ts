import { type RefObject, useEffect } from 'react'
import { cameraOf, useView } from '../state/view.ts'
import type { AtlasScene } from './scene.ts'
import { link } from './use-scene.ts'

/** Synchronises a pane's camera with the view state, and with the other panes while cameras are linked. */
export function usePaneCamera(scene: RefObject<AtlasScene | null>, id: number): void {
  const linked = useView(state => state.linked)
  useEffect(() => {
    const current = scene.current
    if (!current) return
    current.camera.go(cameraOf(id), 'instant')
    current.redraw()
    // Menus and links set the camera; a change that came from the pane itself is its goal already.
    return useView.subscribe((now, before) => {
      const view = now.cameras[id]
      if (!view || view === before.cameras[id]) return
      const { goal } = current.camera
      if (view.x === goal.x && view.y === goal.y && view.zoom === goal.zoom) return
      current.camera.go(view)
      link.follow(current.camera, 'smooth')
      current.redraw()
    })
  }, [scene, id])
  useEffect(
    () => (linked && scene.current ? link.join(scene.current.camera, scene.current.redraw) : undefined),
    [scene, linked],
  )
}
