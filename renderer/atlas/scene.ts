import { Camera as ThreeCamera, Scene as ThreeScene, WebGLRenderer } from 'three'
import { Camera } from './camera.ts'
import { type CellIndex, TILE } from './cells.ts'
import { type Frame, Frames } from './frames.ts'
import { GridMesh } from './grid-mesh.ts'
import { LabelLayer } from './label-layer.ts'
import { type Candidate, candidates } from './labels.ts'
import { Crossfade, chooseGrid, chooseRung, RUNGS } from './levels.ts'
import { type Look, PLAIN } from './look.ts'
import { Minimap } from './minimap.ts'
import { fetchSheet, type LoadSheet, type SheetRequest, Sheets } from './sheets.ts'

/** One grid of the atlas, ready to draw. */
export interface Level {
  readonly index: CellIndex
  /** Names the source of its sheets: atlas and icon or crop. Levels of another source are other levels. */
  readonly source: string
  readonly url: (tileX: number, tileY: number, size: number) => string
}

export interface SceneState {
  /** By grid, ascending. */
  readonly levels: readonly Level[]
  readonly grid: number | 'auto'
  /** Icon size by density: the larger, the more cells are drawn in full. Infinity draws all in full. */
  readonly density: number
  /** What attribution makes of a grid's icons. */
  readonly look: (grid: number) => Look
  readonly labels: boolean
  readonly className: (label: number) => string
  readonly frames: readonly Frame[]
  readonly reducedMotion: boolean
}

export interface SceneOptions {
  readonly canvas: HTMLCanvasElement
  readonly labels: HTMLElement
  readonly minimap: HTMLElement
  /** Bytes of texture memory. */
  readonly budget: number
  readonly load?: LoadSheet
  /** Told after every frame: what is shown, and what it cost. */
  readonly onFrame?: (frame: FrameReport) => void
}

export interface FrameReport {
  readonly grid: number | undefined
  /** JavaScript of this frame, ms. */
  readonly time: number
  readonly drawCalls: number
  readonly textureBytes: number
  readonly textureBudget: number
  /** Cells in view whose sheet has come at some size, and all cells in view. */
  readonly tilesReady: number
  readonly tilesInView: number
  readonly moving: boolean
}

const EMPTY: SceneState = {
  levels: [],
  grid: 'auto',
  density: Number.POSITIVE_INFINITY,
  look: () => PLAIN,
  labels: true,
  className: () => '',
  frames: [],
  reducedMotion: false,
}
/** #0e0f11: darker than the window's panels, so that the icons stand in front. */
export const GROUND = [14 / 255, 15 / 255, 17 / 255] as const
const SHEET_FADE = 160

/** A pane's drawing: knows no React, draws on demand, and can be measured without a window. */
export class AtlasScene {
  readonly camera = new Camera()
  readonly #options: SceneOptions
  readonly #renderer: WebGLRenderer
  readonly #scene = new ThreeScene()
  readonly #eye = new ThreeCamera()
  readonly #frames = new Frames()
  readonly #labels: LabelLayer
  readonly #minimap: Minimap
  readonly #fade = new Crossfade()
  readonly #meshes = new Map<CellIndex, GridMesh>()
  readonly #candidates = new WeakMap<CellIndex, { name: SceneState['className']; list: Candidate[] }>()
  #sheets: Sheets
  #state: SceneState = EMPTY
  #asked = 0
  #last = 0
  #count = 0
  #fading = false

  constructor(options: SceneOptions) {
    this.#options = options
    this.#renderer = new WebGLRenderer({ canvas: options.canvas, antialias: false, alpha: false, depth: false })
    this.#renderer.setClearColor(0x0e0f11, 1)
    this.#renderer.info.autoReset = true
    this.#sheets = this.#newSheets(options.budget)
    this.#scene.add(this.#frames.mesh)
    this.#scene.matrixWorldAutoUpdate = false
    this.#labels = new LabelLayer(options.labels)
    this.#minimap = new Minimap(options.minimap)
    options.canvas.addEventListener('webglcontextrestored', this.#restored)
  }

  get grid(): number | undefined {
    return this.#fade.shown
  }

  resize(width: number, height: number, pixelRatio: number): void {
    this.camera.resize(width, height)
    this.#renderer.setPixelRatio(pixelRatio)
    this.#renderer.setSize(width, height, false)
    // A resized canvas is empty until drawn: draw before the browser shows it.
    this.draw(performance.now())
  }

  update(state: SceneState): void {
    if (state.levels !== this.#state.levels) this.#replaceLevels(state.levels)
    if (state.frames !== this.#state.frames) this.#frames.set(state.frames)
    this.camera.instant = state.reducedMotion
    this.#state = state
    this.redraw()
  }

  /** Ask for a frame; many asks make one. */
  readonly redraw = (): void => {
    if (this.#asked === 0) this.#asked = requestAnimationFrame(this.#tick)
  }

  readonly #tick = (now: number): void => {
    this.#asked = 0
    this.draw(now)
  }

  /** Draw now. Asks for the next frame itself while anything moves. */
  draw(now: number): void {
    const begun = performance.now()
    const elapsed = Math.min(64, this.#last === 0 ? 16 : now - this.#last)
    this.#count++
    const moving = this.camera.step(elapsed)
    const fading = this.#fade.step(elapsed)
    this.#fading = false
    const { levels } = this.#state
    const wanted = this.#wantedLevel()
    if (wanted) {
      this.#sheets.upload(this.#count, now)
      const ready = this.#ready(wanted)
      this.#fade.want(wanted.index.cells.grid, ready, this.#state.reducedMotion)
    }
    const shown = levels.find(l => l.index.cells.grid === this.#fade.shown)
    const leaving = levels.find(l => l.index.cells.grid === this.#fade.leaving)
    this.#request(wanted, shown)
    this.#draw(shown, leaving, now)
    if (shown) {
      this.#labels.element.hidden = !this.#state.labels
      this.#labels.show(this.#labelsOf(shown))
      if (this.#state.labels) this.#labels.draw(this.camera)
      this.#minimap.show(shown.index.cells)
      this.#minimap.draw(this.camera)
    }
    const active = moving || fading || this.#fading || this.#fade.leaving !== undefined || this.#sheets.waiting
    this.#last = active ? now : 0
    if (active || (wanted && wanted !== shown && this.#sheets.busy)) this.redraw()
    const inView = shown ? this.#tilesInView(shown, 0) : []
    this.#options.onFrame?.({
      grid: this.#fade.shown,
      time: performance.now() - begun,
      drawCalls: this.#renderer.info.render.calls,
      textureBytes: this.#sheets.bytesUsed,
      textureBudget: this.#sheets.bytes,
      tilesReady: shown ? inView.filter(t => RUNGS.some((_, r) => this.#sheets.has(key(shown, t, r), r))).length : 0,
      tilesInView: inView.length,
      moving: active,
    })
  }

  /** The picture as it stands, at a multiple of the screen's resolution. */
  async picture(): Promise<Blob> {
    this.draw(performance.now())
    return new Promise((resolve, reject) =>
      this.#options.canvas.toBlob(
        blob => (blob ? resolve(blob) : reject(new Error('the picture is empty'))),
        'image/png',
      ),
    )
  }

  /** Another budget: sheets come again from the cache, mean colours stand in for a moment. */
  setBudget(bytes: number): void {
    this.#sheets.dispose()
    this.#sheets = this.#newSheets(bytes)
    for (const mesh of this.#meshes.values()) this.#drop(mesh)
    this.#meshes.clear()
    this.redraw()
  }

  dispose(): void {
    cancelAnimationFrame(this.#asked)
    this.#options.canvas.removeEventListener('webglcontextrestored', this.#restored)
    for (const mesh of this.#meshes.values()) this.#drop(mesh)
    this.#meshes.clear()
    this.#sheets.dispose()
    this.#frames.dispose()
    this.#labels.dispose()
    this.#minimap.dispose()
    this.#renderer.dispose()
  }

  readonly #restored = (): void => this.setBudget(this.#options.budget)

  #newSheets(budget: number): Sheets {
    const sheets = new Sheets(this.#renderer, budget, this.#options.load ?? fetchSheet, this.redraw)
    for (const texture of sheets.textures) this.#renderer.initTexture(texture)
    return sheets
  }

  #replaceLevels(levels: readonly Level[]): void {
    const kept = new Set(levels.map(l => l.index))
    for (const [index, mesh] of this.#meshes) {
      if (kept.has(index)) continue
      this.#drop(mesh)
      this.#meshes.delete(index)
    }
    const grids = new Set(levels.map(l => l.index.cells.grid))
    if (this.#fade.shown !== undefined && !grids.has(this.#fade.shown)) this.#fade.shown = undefined
    if (this.#fade.leaving !== undefined && !grids.has(this.#fade.leaving)) this.#fade.leaving = undefined
  }

  #drop(mesh: GridMesh): void {
    this.#scene.remove(mesh.mesh)
    mesh.dispose()
  }

  #mesh(level: Level): GridMesh {
    let mesh = this.#meshes.get(level.index)
    if (!mesh) {
      mesh = new GridMesh(level.index, this.#sheets.textures, GROUND)
      this.#meshes.set(level.index, mesh)
      this.#scene.add(mesh.mesh)
    }
    return mesh
  }

  #wantedLevel(): Level | undefined {
    const { levels, grid } = this.#state
    if (grid !== 'auto') return levels.find(l => l.index.cells.grid === grid) ?? levels[0]
    const grids = levels.map(l => l.index.cells.grid)
    const chosen = chooseGrid(grids, this.camera.scale, this.#fade.shown)
    return levels.find(l => l.index.cells.grid === chosen)
  }

  /** Sheets in view that hold cells, nearest to the middle of the pane first. */
  #tilesInView(level: Level, margin: number): number[] {
    const { grid } = level.index.cells
    const { tiles } = level.index
    const a = this.camera.toWorld(0, 0)
    const b = this.camera.toWorld(this.camera.width, this.camera.height)
    const tile = (v: number): number => Math.floor((v * grid) / TILE)
    const [left, right] = [Math.max(0, tile(a.x) - margin), Math.min(tiles - 1, tile(b.x) + margin)]
    const [top, bottom] = [Math.max(0, tile(a.y) - margin), Math.min(tiles - 1, tile(b.y) + margin)]
    const found: { tile: number; distance: number }[] = []
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        if (level.index.signature(y * tiles + x) === 0) continue
        const dx = ((x + 0.5) * TILE) / grid - this.camera.view.x
        const dy = ((y + 0.5) * TILE) / grid - this.camera.view.y
        found.push({ tile: y * tiles + x, distance: dx * dx + dy * dy })
      }
    }
    return found.sort((p, q) => p.distance - q.distance).map(f => f.tile)
  }

  #ready(level: Level): boolean {
    return this.#tilesInView(level, 0).every(tile => RUNGS.some((_, r) => this.#sheets.settled(key(level, tile, r), r)))
  }

  /** Small icons of what comes next, then sharp ones in view, then small ones all around. */
  #request(wanted: Level | undefined, shown: Level | undefined): void {
    if (!wanted) return
    const requests: SheetRequest[] = []
    const add = (level: Level, tile: number, rung: 0 | 1 | 2): void => {
      const { tiles } = level.index
      const url = level.url(tile % tiles, Math.floor(tile / tiles), RUNGS[rung])
      requests.push({ key: key(level, tile, rung), rung, signature: level.index.signature(tile), url })
    }
    for (const level of new Set([wanted, shown ?? wanted])) {
      const inView = this.#tilesInView(level, 0)
      for (const tile of inView) {
        add(level, tile, 0)
        this.#sheets.tables[0]!.touch(key(level, tile, 0), this.#count)
      }
    }
    const rung = chooseRung((this.camera.scale / wanted.index.cells.grid) * this.#renderer.getPixelRatio())
    if (rung > 0) {
      for (const tile of this.#tilesInView(wanted, 0).slice(0, this.#sheets.tables[rung]!.capacity)) {
        add(wanted, tile, rung)
        this.#sheets.tables[rung]!.touch(key(wanted, tile, rung), this.#count)
      }
    }
    const room = this.#sheets.tables[0]!.capacity
    for (const tile of this.#tilesInView(wanted, 2)) if (requests.length < room) add(wanted, tile, 0)
    this.#sheets.want(requests)
  }

  #draw(shown: Level | undefined, leaving: Level | undefined, now: number): void {
    const { opacity } = this.#fade
    const { camera } = this
    const scaleX = (2 * camera.scale) / camera.width
    const scaleY = (-2 * camera.scale) / camera.height
    for (const mesh of this.#meshes.values()) mesh.mesh.visible = false
    for (const [level, alpha, order] of [
      [leaving, opacity.leaving, 0],
      [shown, opacity.shown, 1],
    ] as const) {
      if (!level || (alpha === 0 && level !== shown)) continue
      const mesh = this.#mesh(level)
      const { grid } = level.index.cells
      mesh.mesh.visible = true
      mesh.mesh.renderOrder = order
      mesh.update(this.#state.density, this.#state.look(grid))
      mesh.setSheets(this.#entries(level, now))
      const cellPixels = (camera.scale / grid) * this.#renderer.getPixelRatio()
      mesh.setFrame({ x: camera.view.x, y: camera.view.y, scaleX, scaleY, opacity: alpha, cellPixels })
    }
    this.#frames.setFrame(camera.view.x, camera.view.y, scaleX, scaleY, 1 / camera.scale)
    this.#renderer.render(this.#scene, this.#eye)
  }

  #entries(level: Level, now: number): Float32Array {
    const { tiles } = level.index
    const entries = new Float32Array(tiles * tiles * 4).fill(-1)
    for (let tile = 0; tile < tiles * tiles; tile++) {
      for (let rung = 0; rung < RUNGS.length; rung++) {
        const slot = this.#sheets.tables[rung]!.find(key(level, tile, rung))
        if (!slot) continue
        const faded = this.#state.reducedMotion ? 1 : Math.min(1, Math.max(0.02, (now - slot.born) / SHEET_FADE))
        if (faded < 1) this.#fading = true
        entries[tile * 4 + rung] = slot.layer + 0.99 * faded
      }
    }
    return entries
  }

  #labelsOf(level: Level): Candidate[] {
    const known = this.#candidates.get(level.index)
    if (known && known.name === this.#state.className) return known.list
    const list = candidates(level.index, this.#state.className)
    this.#candidates.set(level.index, { name: this.#state.className, list })
    return list
  }
}

const key = (level: Level, tile: number, rung: number): string =>
  `${level.source}/${level.index.cells.grid}/${tile}@${rung}`
