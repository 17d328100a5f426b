import { type RefObject, useEffect, useRef } from 'react'
import { CameraLink } from './camera.ts'
import { AtlasScene, type FrameReport, type SceneState } from './scene.ts'

/** Texture memory of the whole window; the panes share it. */
export const TEXTURE_BUDGET = 256 << 20
export const link = new CameraLink()

export interface SceneElements {
  readonly stage: RefObject<HTMLDivElement | null>
  readonly canvas: RefObject<HTMLCanvasElement | null>
  readonly labels: RefObject<HTMLDivElement | null>
  readonly minimap: RefObject<HTMLDivElement | null>
}

/** The scene of one pane for as long as the pane stands, sized with it. */
export function useScene(
  { stage, canvas, labels, minimap }: SceneElements,
  panes: number,
  onFrame: (report: FrameReport) => void,
): RefObject<AtlasScene | null> {
  const scene = useRef<AtlasScene>(null)
  const told = useRef(onFrame)
  told.current = onFrame
  const budget = useRef(TEXTURE_BUDGET / panes)
  useEffect(() => {
    if (!stage.current || !canvas.current || !labels.current || !minimap.current) return
    const made = new AtlasScene({
      canvas: canvas.current,
      labels: labels.current,
      minimap: minimap.current,
      budget: budget.current,
      onFrame: report => told.current(report),
    })
    scene.current = made
    const { current: element } = stage
    const measure = (): void => made.resize(element.clientWidth, element.clientHeight, Math.min(2, devicePixelRatio))
    const watcher = new ResizeObserver(measure)
    watcher.observe(element)
    measure()
    return () => {
      watcher.disconnect()
      scene.current = null
      made.dispose()
    }
  }, [stage, canvas, labels, minimap])
  useEffect(() => {
    if (budget.current === TEXTURE_BUDGET / panes) return
    budget.current = TEXTURE_BUDGET / panes
    scene.current?.setBudget(budget.current)
  }, [panes])
  return scene
}

/** Give a scene its state whenever that changes. */
export function useSceneState(scene: RefObject<AtlasScene | null>, state: SceneState): void {
  useEffect(() => scene.current?.update(state), [scene, state])
}
