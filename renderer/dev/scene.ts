/** Scenes without a window, for measurement: ?panes=3&grid=80. Results lie in `globalThis.measured`. */
import { mapLabels } from '../atlas/cell-labels.ts'
import { plainTexts } from '../atlas/cell-texts.ts'
import { CellIndex } from '../atlas/cells.ts'
import { PLAIN } from '../atlas/look.ts'
import { AtlasScene } from '../atlas/scene.ts'
import { EMPTY_SCENE, type FrameReport } from '../atlas/scene-state.ts'
import { syntheticCells, syntheticLabels } from './synthetic.ts'

const query = new URLSearchParams(location.search)
const panes = Number(query.get('panes') ?? 1)
const finest = Number(query.get('grid') ?? 160)
const forced = query.get('forced') === '1'
const grids = [10, 20, 40, 80, 160].filter(g => g <= finest)

interface Measured {
  readonly reports: FrameReport[][]
  readonly scenes: AtlasScene[]
  /** Pan in circles at a zoom. */
  pan(frames: number, zoom: number): Promise<void>
  /**
   * Fly in to a zoom and out again while tiles are still loading.
   * @returns of every frame the share of the pane's part of the atlas that shows nothing but the background
   */
  journey(frames: number, zoom: number): Promise<number[]>
  /** Take all levels away. @returns the share that shows nothing then: the journey's measure measured */
  emptied(): number
}
const reports: FrameReport[][] = []
const scenes: AtlasScene[] = []

for (let p = 0; p < panes; p++) {
  const pane = document.createElement('div')
  pane.className = 'pane'
  const canvas = document.createElement('canvas')
  const labels = document.createElement('div')
  labels.className = 'labels'
  const minimap = document.createElement('div')
  minimap.hidden = true
  pane.append(canvas, labels, minimap)
  document.body.append(pane)
  const mine: FrameReport[] = []
  reports.push(mine)
  const scene = new AtlasScene({
    canvas,
    labels,
    minimap,
    budget: (256 << 20) / panes,
    onFrame: r => void mine.push(r),
  })
  scenes.push(scene)
  scene.resize(pane.clientWidth, pane.clientHeight, 1)
  canvas.style.width = `${pane.clientWidth}px`
  canvas.style.height = `${pane.clientHeight}px`
  scene.update({
    levels: grids.map(grid => ({
      index: new CellIndex(syntheticCells(grid, { seed: p, samples: 1e6, full: true })),
      source: `made-up-${p}`,
      url: (x, y, size) => `/portolan/icons/${'0'.repeat(16)}/${p + 1}/${grid}/${y},${x}@${size}?r=1`,
    })),
    grid: forced ? finest : 'auto',
    density: Number.POSITIVE_INFINITY,
    smallest: 20,
    look: () => PLAIN,
    labels: true,
    texts: plainTexts(
      mapLabels(
        finest,
        syntheticLabels(syntheticCells(finest, { seed: p, samples: 1e6, full: true }), 1000, p),
        index => `class ${index}`,
      ),
      undefined,
      index => `class ${index}`,
    ),
    frames: [],
    reducedMotion: false,
  })
}

const nextFrame = (): Promise<number> => new Promise(resolve => requestAnimationFrame(resolve))
const measured: Measured = {
  reports,
  scenes,
  async pan(frames, zoom) {
    for (const scene of scenes) scene.camera.go({ x: 0.5, y: 0.5, zoom }, 'instant')
    for (const list of reports) list.length = 0
    for (let k = 0; k < frames; k++) {
      for (const scene of scenes) {
        scene.camera.pan(6 * Math.cos(k / 7), 6 * Math.sin(k / 7))
        scene.redraw()
      }
      await nextFrame()
    }
  },
  async journey(frames, zoom) {
    const empty: number[] = []
    const canvases = [...document.querySelectorAll('canvas')].filter(c => c.parentElement?.className === 'pane')
    for (let k = 0; k <= frames; k++) {
      const t = Math.sin((Math.PI * k) / frames)
      scenes.forEach((scene, p) => {
        scene.camera.go({ x: 0.5 + 0.3 * t, y: 0.5 - 0.2 * t, zoom: zoom ** t }, 'instant')
        scene.draw(performance.now())
        empty.push(emptiness(scene, canvases[p]!))
      })
      await nextFrame()
    }
    return empty
  },
  emptied() {
    const scene = scenes[0]!
    scene.update(EMPTY_SCENE)
    scene.draw(performance.now())
    return emptiness(scene, document.querySelector('canvas')!)
  },
}
/** Share of the pixels inside the unit square that have the background's colour. Must be read in the task that drew. */
function emptiness(scene: AtlasScene, canvas: HTMLCanvasElement): number {
  const gl = canvas.getContext('webgl2')!
  const { width, height } = canvas
  const pixels = new Uint8Array(width * height * 4)
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels)
  const a = scene.camera.toScreen(0, 0)
  const b = scene.camera.toScreen(1, 1)
  let [all, empty] = [0, 0]
  // Two pixels at the atlas's edge are where its rasterisation may end.
  for (let y = Math.max(0, Math.ceil(a.y) + 2); y < Math.min(height, b.y - 2); y += 2) {
    for (let x = Math.max(0, Math.ceil(a.x) + 2); x < Math.min(width, b.x - 2); x += 2) {
      const at = ((height - 1 - y) * width + x) * 4
      all++
      if (pixels[at] === 14 && pixels[at + 1] === 15 && pixels[at + 2] === 17) empty++
    }
  }
  return all === 0 ? 1 : empty / all
}

Object.assign(globalThis, { measured })
