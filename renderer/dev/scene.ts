/** Scenes without a window, for measurement: ?panes=3&grid=80. Results lie in `globalThis.measured`. */
import { CellIndex } from '../atlas/cells.ts'
import { PLAIN } from '../atlas/look.ts'
import { AtlasScene, type FrameReport } from '../atlas/scene.ts'
import { syntheticCells } from './synthetic.ts'

const query = new URLSearchParams(location.search)
const panes = Number(query.get('panes') ?? 1)
const finest = Number(query.get('grid') ?? 160)
const forced = query.get('forced') === '1'
const grids = [10, 20, 40, 80, 160].filter(g => g <= finest)

interface Measured {
  readonly reports: FrameReport[][]
  readonly scenes: AtlasScene[]
  pan(frames: number, zoom: number): Promise<void>
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
      index: new CellIndex(syntheticCells(grid, { seed: p, samples: 1e6, classes: 1000, full: true })),
      source: `made-up-${p}`,
      url: (x, y, size) => `/portolan/icons/${'0'.repeat(16)}/${p + 1}/${grid}/${y},${x}@${size}?r=1`,
    })),
    grid: forced ? finest : 'auto',
    density: Number.POSITIVE_INFINITY,
    look: () => PLAIN,
    labels: true,
    className: label => `class ${label}`,
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
}
Object.assign(globalThis, { measured })
