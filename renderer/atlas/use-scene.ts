import { type RefObject, useEffect, useRef } from 'react'
import { useSettings } from '../state/settings.ts'
import { CameraLink } from './camera.ts'
import { noteRenderer, setTrouble } from './graphics.ts'
import { AtlasScene, type SceneOptions } from './scene.ts'
import type { FrameReport, SceneState } from './scene-state.ts'
import type { LoadSheet } from './sheets.ts'

/** The scene of every pane that stands, by the pane's id. */
export const scenes = new Map<number, AtlasScene>()
export const link = new CameraLink()

export interface SceneElements {
  readonly stage: RefObject<HTMLDivElement | null>
  readonly canvas: RefObject<HTMLCanvasElement | null>
  readonly labels: RefObject<HTMLDivElement | null>
  readonly minimap: RefObject<HTMLDivElement | null>
  /** How sheets are fetched, where not from their addresses alone; the same function every time. */
  readonly load?: LoadSheet
  /** Something lies behind the canvas; the same every time. */
  readonly transparent?: boolean
}

/** A scene, or undefined where the window has no WebGL 2. */
function sceneOn(options: SceneOptions): AtlasScene | undefined {
  try {
    return new AtlasScene(options)
  } catch (error) {
    // Three.js answers the refusal of a context with an error like any other.
    if (options.canvas.getContext('webgl2') !== null) throw error
    return undefined
  }
}

/** The scene of one pane for as long as the pane stands, sized with it. */
export function useScene(
  { stage, canvas, labels, minimap, load, transparent }: SceneElements,
  id: number,
  panes: number,
  onFrame: (report: FrameReport) => void,
): RefObject<AtlasScene | null> {
  const scene = useRef<AtlasScene>(null)
  const told = useRef(onFrame)
  told.current = onFrame
  const bytes = (useSettings(state => state.textures) << 20) / panes
  const budget = useRef(bytes)
  useEffect(() => {
    if (!stage.current || !canvas.current || !labels.current || !minimap.current) return
    const { current: drawn } = canvas
    const made = sceneOn({
      canvas: drawn,
      labels: labels.current,
      minimap: minimap.current,
      budget: budget.current,
      onFrame: report => told.current(report),
      ...(load ? { load } : {}),
      ...(transparent ? { transparent } : {}),
    })
    if (made === undefined) {
      setTrouble(id, 'absent')
      return () => setTrouble(id, undefined)
    }
    noteRenderer(drawn)
    const lost = (): void => setTrouble(id, 'lost')
    const restored = (): void => setTrouble(id, undefined)
    drawn.addEventListener('webglcontextlost', lost)
    drawn.addEventListener('webglcontextrestored', restored)
    if (drawn.getContext('webgl2')?.isContextLost()) lost()
    scene.current = made
    scenes.set(id, made)
    const { current: element } = stage
    const measure = (): void => made.resize(element.clientWidth, element.clientHeight, Math.min(2, devicePixelRatio))
    const watcher = new ResizeObserver(measure)
    watcher.observe(element)
    measure()
    return () => {
      watcher.disconnect()
      drawn.removeEventListener('webglcontextlost', lost)
      drawn.removeEventListener('webglcontextrestored', restored)
      setTrouble(id, undefined)
      scene.current = null
      scenes.delete(id)
      made.dispose()
    }
  }, [stage, canvas, labels, minimap, load, transparent, id])
  useEffect(() => {
    if (budget.current === bytes) return
    budget.current = bytes
    scene.current?.setBudget(bytes)
  }, [bytes])
  return scene
}

/** Give a scene its state whenever that changes. */
export function useSceneState(scene: RefObject<AtlasScene | null>, state: SceneState): void {
  useEffect(() => scene.current?.update(state), [scene, state])
}
