import { Camera as ThreeCamera, Scene as ThreeScene, WebGLRenderer } from 'three'
import { Camera } from './camera.ts'
import type { CellIndex } from './cells.ts'
import { Flight } from './flight.ts'
import { Frames } from './frames.ts'
import { GridMesh } from './grid-mesh.ts'
import { LabelLayer } from './label-layer.ts'
import { type Candidate, candidates } from './labels.ts'
import { Crossfade, chooseGrid } from './levels.ts'
import { Minimap } from './minimap.ts'
import { Paging } from './paging.ts'
import { type FrameReport, type Level, NOTHING, type SceneState } from './scene-state.ts'
import { fetchSheet, type LoadSheet, Sheets } from './sheets.ts'

export interface SceneOptions {
  readonly canvas: HTMLCanvasElement
  readonly labels: HTMLElement
  readonly minimap: HTMLElement
  /** Bytes of texture memory. */
  readonly budget: number
  readonly load?: LoadSheet
  /** Something lies behind the canvas that is to be seen between the cells. */
  readonly transparent?: boolean
  /** Told after every frame. */
  readonly onFrame?: (frame: FrameReport) => void
}

/** #0e0f11: darker than the window's panels, so that the icons stand in front. */
export const GROUND = [14 / 255, 15 / 255, 17 / 255] as const
/** How long a picture for a file waits for sharp icons, ms. */
const PATIENCE = 10_000

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
  readonly #flight = new Flight()
  readonly #meshes = new Map<CellIndex, GridMesh>()
  readonly #candidates = new WeakMap<CellIndex, { name: SceneState['className']; list: Candidate[] }>()
  #sheets: Sheets
  #paging: Paging
  #state: SceneState = NOTHING
  #asked = 0
  #last = 0
  #count = 0

  constructor(options: SceneOptions) {
    this.#options = options
    this.#renderer = new WebGLRenderer({
      canvas: options.canvas,
      antialias: false,
      alpha: options.transparent ?? false,
      depth: false,
    })
    this.#renderer.setClearColor(0x0e0f11, options.transparent ? 0 : 1)
    this.#renderer.info.autoReset = true
    this.#sheets = this.#newSheets(options.budget)
    this.#paging = new Paging(this.#sheets)
    this.#scene.add(this.#frames.mesh)
    this.#scene.matrixWorldAutoUpdate = false
    this.#labels = new LabelLayer(options.labels)
    this.#minimap = new Minimap(options.minimap)
    options.canvas.addEventListener('webglcontextrestored', this.#restored)
  }

  get grid(): number | undefined {
    return this.#fade.shown
  }

  /** Labels as they stand, for a picture that has text of its own. */
  get placedLabels(): LabelLayer['placed'] {
    return this.#state.labels ? this.#labels.placed : []
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
    this.#flight.want(state.detour, state.reducedMotion)
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
    const flying = this.#flight.step(elapsed)
    const wanted = this.#wantedLevel()
    if (wanted) {
      this.#sheets.upload(this.#count, now)
      const ready = wanted.index.cells.grid === this.#fade.shown || this.#paging.ready(wanted, this.camera)
      this.#fade.want(wanted.index.cells.grid, ready, this.#state.reducedMotion)
    }
    const shown = this.#level(this.#fade.shown)
    if (wanted) this.#paging.request(wanted, shown, this.camera, this.#renderer.getPixelRatio(), this.#count)
    const arriving = this.#render(shown, this.#level(this.#fade.leaving), now)
    if (shown) this.#overlay(shown)
    const active = moving || fading || flying || arriving || this.#fade.leaving !== undefined || this.#sheets.waiting
    this.#last = active ? now : 0
    if (active || (wanted && wanted !== shown && this.#sheets.busy)) this.redraw()
    this.#report(shown, begun, active)
  }

  /**
   * The map without labels at a multiple of the screen's resolution, once its icons are sharp.
   * @throws Error when they do not come
   */
  async picture(multiple: number): Promise<ImageBitmap> {
    const { width, height } = this.camera
    const before = this.#renderer.getPixelRatio()
    const end = performance.now() + PATIENCE
    try {
      this.#renderer.setPixelRatio(multiple)
      this.#renderer.setSize(width, height, false)
      for (;;) {
        const now = performance.now()
        this.draw(now)
        const shown = this.#level(this.#fade.shown)
        const still = this.#last === 0 && (!shown || this.#paging.sharp(shown, this.camera, multiple))
        if (still) return await createImageBitmap(this.#options.canvas)
        if (now > end) throw new Error('the icons of this view did not arrive within ten seconds; try again')
        await new Promise(resolve => setTimeout(resolve, 30))
      }
    } finally {
      this.resize(width, height, before)
    }
  }

  /** Another budget: sheets come again from the cache, mean colours stand in for a moment. */
  setBudget(bytes: number): void {
    this.#sheets.dispose()
    this.#sheets = this.#newSheets(bytes)
    this.#paging = new Paging(this.#sheets)
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
    this.#fade.forget(grid => !levels.some(l => l.index.cells.grid === grid))
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

  #level(grid: number | undefined): Level | undefined {
    return this.#state.levels.find(l => l.index.cells.grid === grid)
  }

  #wantedLevel(): Level | undefined {
    const { levels, grid, smallest } = this.#state
    if (grid !== 'auto') return this.#level(grid) ?? levels[0]
    const grids = levels.map(l => l.index.cells.grid)
    return this.#level(chooseGrid(grids, this.camera.scale, this.#fade.shown, smallest))
  }

  /** @returns whether icons are still fading in */
  #render(shown: Level | undefined, leaving: Level | undefined, now: number): boolean {
    const { opacity } = this.#fade
    const { view, scale, width, height } = this.camera
    const [scaleX, scaleY] = [(2 * scale) / width, (-2 * scale) / height]
    let arriving = false
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
      mesh.setPlaces(this.#state.detour?.places(grid), this.#flight.placed)
      const { entries, fading } = this.#paging.entries(level, now, this.#state.reducedMotion)
      arriving ||= fading
      mesh.setSheets(entries)
      const cellPixels = (scale / grid) * this.#renderer.getPixelRatio()
      mesh.setFrame({ x: view.x, y: view.y, scaleX, scaleY, opacity: alpha, cellPixels })
    }
    // Frames stand where the cells are to be: on the way there is nothing to frame.
    this.#frames.mesh.visible = this.#state.frames.length > 0 && !this.#flight.flying
    this.#frames.setFrame(view.x, view.y, scaleX, scaleY, 1 / scale)
    this.#renderer.render(this.#scene, this.#eye)
    return arriving
  }

  /** What lies over the canvas as HTML. */
  #overlay(shown: Level): void {
    const named = this.#state.labels && this.#flight.atHome
    this.#labels.element.hidden = !named
    if (named) {
      this.#labels.show(this.#labelsOf(shown))
      this.#labels.draw(this.camera)
    }
    this.#minimap.show(shown.index.cells)
    this.#minimap.draw(this.camera)
  }

  #report(shown: Level | undefined, begun: number, moving: boolean): void {
    const { onFrame } = this.#options
    if (!onFrame) return
    const time = performance.now() - begun
    const tiles = shown ? this.#paging.count(shown, this.camera) : { ready: 0, inView: 0 }
    onFrame({
      grid: this.#fade.shown,
      time,
      drawCalls: this.#renderer.info.render.calls,
      textureBytes: this.#sheets.bytesUsed,
      textureBudget: this.#sheets.bytes,
      tilesReady: tiles.ready,
      tilesInView: tiles.inView,
      moving,
    })
  }

  #labelsOf(level: Level): Candidate[] {
    const known = this.#candidates.get(level.index)
    if (known && known.name === this.#state.className) return known.list
    const list = candidates(level.index, this.#state.className)
    this.#candidates.set(level.index, { name: this.#state.className, list })
    return list
  }
}
