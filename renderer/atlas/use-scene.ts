import { type RefObject, useEffect, useRef } from 'react'
import { BACKGROUNDS, useSettings, useTheme } from '../state/settings.ts'
import { CameraLink } from './camera.ts'
import { noteRenderer, setFailure } from './graphics.ts'
import { AtlasScene, type SceneOptions } from './scene.ts'
import type { FrameReport, SceneState } from './scene-state.ts'
import type { LoadTile } from './tile-textures.ts'

/** The scenes of all mounted panes, by pane id. */
export const scenes = new Map<number, AtlasScene>()
export const link = new CameraLink()

interface SceneElements {
  readonly stage: RefObject<HTMLDivElement | null>
  readonly canvas: RefObject<HTMLCanvasElement | null>
  readonly labels: RefObject<HTMLDivElement | null>
  readonly minimap: RefObject<HTMLDivElement | null>
  /** Loads tiles, if not by their addresses alone; must be the same function every time. */
  readonly load?: LoadTile
  /** The canvas has a background; must be the same every time. */
  readonly transparent?: boolean
}

/** A scene, or undefined without WebGL 2. */
function createScene(options: SceneOptions): AtlasScene | undefined {
  try {
    return new AtlasScene(options)
  } catch (error) {
    // Three.js throws a plain Error if it gets no context.
    if (options.canvas.getContext('webgl2') !== null) throw error
    return undefined
  }
}

/** The scene of a pane while it is mounted, resized with it. */
export function useScene(
  { stage, canvas, labels, minimap, load, transparent }: SceneElements,
  id: number,
  panes: number,
  onFrame: (report: FrameReport) => void,
): RefObject<AtlasScene | null> {
  const scene = useRef<AtlasScene>(null)
  const onFrameRef = useRef(onFrame)
  onFrameRef.current = onFrame
  const bytes = (useSettings(state => state.textures) << 20) / panes
  const budget = useRef(bytes)
  useEffect(() => {
    if (!stage.current || !canvas.current || !labels.current || !minimap.current) return
    const { current: drawn } = canvas
    const created = createScene({
      canvas: drawn,
      labels: labels.current,
      minimap: minimap.current,
      budget: budget.current,
      // Maps are mounted again in another theme.
      background: BACKGROUNDS[useTheme.getState().theme],
      onFrame: report => onFrameRef.current(report),
      levelScale: camera => link.levelScale(camera),
      ...(load ? { load } : {}),
      ...(transparent ? { transparent } : {}),
    })
    if (created === undefined) {
      setFailure(id, 'absent')
      return () => setFailure(id, undefined)
    }
    noteRenderer(drawn)
    const lost = (): void => setFailure(id, 'lost')
    const restored = (): void => setFailure(id, undefined)
    drawn.addEventListener('webglcontextlost', lost)
    drawn.addEventListener('webglcontextrestored', restored)
    if (drawn.getContext('webgl2')?.isContextLost()) lost()
    scene.current = created
    scenes.set(id, created)
    const { current: element } = stage
    const measure = (): void => created.resize(element.clientWidth, element.clientHeight, Math.min(2, devicePixelRatio))
    const watcher = new ResizeObserver(measure)
    watcher.observe(element)
    measure()
    return () => {
      watcher.disconnect()
      drawn.removeEventListener('webglcontextlost', lost)
      drawn.removeEventListener('webglcontextrestored', restored)
      setFailure(id, undefined)
      scene.current = null
      scenes.delete(id)
      created.dispose()
    }
  }, [stage, canvas, labels, minimap, load, transparent, id])
  useEffect(() => {
    if (budget.current === bytes) return
    budget.current = bytes
    scene.current?.setBudget(bytes)
  }, [bytes])
  return scene
}

/** Updates a scene whenever its state changes. */
export function useSceneState(scene: RefObject<AtlasScene | null>, state: SceneState): void {
  useEffect(() => scene.current?.update(state), [scene, state])
}
