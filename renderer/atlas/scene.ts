import { Camera as ThreeCamera, Scene as ThreeScene, WebGLRenderer } from 'three'
import { Camera } from './camera.ts'
import type { MapTexts } from './cell-texts.ts'
import { TransitionProgress } from './cell-transition.ts'
import type { CellIndex } from './cells.ts'
import { contentBox } from './content-box.ts'
import { FootLabels, NEAR_ICON } from './foot-labels.ts'
import { Frames } from './frames.ts'
import { GridMesh } from './grid-mesh.ts'
import { LabelLayer } from './label-layer.ts'
import { type Candidate, candidates } from './labels.ts'
import { Crossfade, chooseGrid } from './levels.ts'
import { Minimap } from './minimap.ts'
import { Paging } from './paging.ts'
import { EMPTY_SCENE, type FrameReport, type Level, type SceneState } from './scene-state.ts'
import { fetchTile, type LoadTile, TileTextures } from './tile-textures.ts'

export interface SceneOptions {
  readonly canvas: HTMLCanvasElement
  readonly labels: HTMLElement
  readonly minimap: HTMLElement
  /** Bytes of texture memory. */
  readonly budget: number
  readonly load?: LoadTile
  /** The background between the cells, sRGB bytes. */
  readonly background?: readonly [number, number, number]
  /** The canvas has a background that shows between the cells. */
  readonly transparent?: boolean
  /** The scale that linked panes choose their grids for; undefined for a pane that is linked to no other. */
  readonly levelScale?: (camera: Camera) => number | undefined
  /** Called after every frame. */
  readonly onFrame?: (frame: FrameReport) => void
}

/** #0e0f11: darker than the window's panels, so that the icons stand out. */
const BACKGROUND = [14, 15, 17] as const
/** Side of an icon, CSS pixels, at which zooming in ends: twice the pixels that it has. */
const LARGEST_ICON = 160
/** Over points, so many times that: until those of one cell lie apart. */
const CLOSER = 8
/** How long an export waits for sharp icons, ms. */
const EXPORT_TIMEOUT = 10_000

const NO_LABELS: Candidate[] = []

/** The WebGL scene of a pane: independent of React, drawn on demand, measurable without a window. */
export class AtlasScene {
  readonly camera = new Camera()
  readonly #options: SceneOptions
  readonly #renderer: WebGLRenderer
  readonly #scene = new ThreeScene()
  readonly #eye = new ThreeCamera()
  readonly #frames = new Frames()
  readonly #labels: LabelLayer
  readonly #feet: FootLabels
  readonly #minimap: Minimap
  readonly #fade = new Crossfade()
  readonly #transition = new TransitionProgress()
  readonly #meshes = new Map<CellIndex, GridMesh>()
  readonly #candidates = new WeakMap<CellIndex, { texts: MapTexts; list: Candidate[] }>()
  #tiles: TileTextures
  #paging: Paging
  #state: SceneState = EMPTY_SCENE
  #frameRequest = 0
  #last = 0
  #count = 0
  /** Selection and pointer are no part of a figure. */
  #exporting = false
  #background: readonly [number, number, number]

  constructor(options: SceneOptions) {
    this.#options = options
    this.#renderer = new WebGLRenderer({
      canvas: options.canvas,
      antialias: false,
      alpha: options.transparent ?? false,
      depth: false,
    })
    this.#background = options.background ?? BACKGROUND
    this.#clear()
    this.#renderer.info.autoReset = true
    this.#tiles = this.#newTiles(options.budget)
    this.#paging = new Paging(this.#tiles)
    this.#scene.add(this.#frames.mesh)
    this.#scene.matrixWorldAutoUpdate = false
    this.#labels = new LabelLayer(options.labels)
    this.#feet = new FootLabels(options.labels)
    this.#minimap = new Minimap(options.minimap)
    options.canvas.addEventListener('webglcontextrestored', this.#restored)
  }

  get grid(): number | undefined {
    return this.#fade.shown
  }

  /** The placed labels, for exports that draw text themselves. */
  get placedLabels(): LabelLayer['placed'] {
    return this.#state.labels ? this.#labels.placed : []
  }

  resize(width: number, height: number, pixelRatio: number): void {
    this.camera.resize(width, height)
    this.#renderer.setPixelRatio(pixelRatio)
    this.#renderer.setSize(width, height, false)
    // A resized canvas is empty: draw before the browser shows it.
    this.draw(performance.now())
  }

  update(state: SceneState): void {
    if (state.levels !== this.#state.levels) this.#replaceLevels(state.levels)
    const finest = Math.max(...state.levels.map(level => level.index.cells.grid))
    const largest = state.closer ? CLOSER * LARGEST_ICON : LARGEST_ICON
    this.camera.largestScale = state.levels.length === 0 ? Number.POSITIVE_INFINITY : largest * finest
    if (state.frames !== this.#state.frames) this.#frames.set(state.frames)
    this.camera.instant = state.reducedMotion
    this.#transition.set(state.transition, state.reducedMotion)
    this.#state = state
    this.redraw()
  }

  /** Requests a frame; repeated requests are merged. */
  readonly redraw = (): void => {
    if (this.#frameRequest === 0) this.#frameRequest = requestAnimationFrame(this.#tick)
  }

  readonly #tick = (now: number): void => {
    this.#frameRequest = 0
    this.draw(now)
  }

  /** Draws now, and requests the next frame while anything moves. */
  draw(now: number): void {
    const started = performance.now()
    const elapsed = Math.min(64, this.#last === 0 ? 16 : now - this.#last)
    this.#count++
    const moving = this.camera.step(elapsed)
    const fading = this.#fade.step(elapsed)
    const transitioning = this.#transition.step(elapsed)
    const target = this.#targetLevel()
    if (target) {
      this.#tiles.upload(this.#count, now)
      const ready = target.index.cells.grid === this.#fade.shown || this.#paging.ready(target, this.camera)
      this.#fade.set(target.index.cells.grid, ready, this.#state.reducedMotion)
    }
    const shown = this.#level(this.#fade.shown)
    if (target) this.#paging.request(target, shown, this.camera, this.#renderer.getPixelRatio(), this.#count)
    const arriving = this.#render(shown, this.#level(this.#fade.leaving), now)
    if (shown) this.#overlay(shown)
    const active =
      moving || fading || transitioning || arriving || this.#fade.leaving !== undefined || this.#tiles.waiting
    this.#last = active ? now : 0
    if (active || (target && target !== shown && this.#tiles.busy)) this.redraw()
    this.#report(shown, started, active)
  }

  /** The part of the pane, in CSS pixels, that holds cells. */
  get content(): ReturnType<typeof contentBox> {
    return contentBox(this.camera, this.#level(this.#fade.shown)?.index.cells)
  }

  #clear(): void {
    const [red, green, blue] = this.#background
    this.#renderer.setClearColor((red << 16) | (green << 8) | blue, this.#options.transparent ? 0 : 1)
  }

  /** The cells are made again for another background, into which those without attribution fade. */
  #changeBackground(background: readonly [number, number, number]): void {
    if (background === this.#background) return
    this.#background = background
    this.#clear()
    for (const mesh of this.#meshes.values()) this.#drop(mesh)
    this.#meshes.clear()
  }

  /**
   * The map without labels and frames at a multiple of the screen's resolution, once its icons are sharp.
   * @param background between the cells, if not that of the window
   * @throws Error if they do not load in time
   */
  async picture(multiple: number, background = this.#background): Promise<ImageBitmap> {
    const { width, height } = this.camera
    const before = this.#renderer.getPixelRatio()
    const own = this.#background
    const end = performance.now() + EXPORT_TIMEOUT
    this.#exporting = true
    try {
      this.#changeBackground(background)
      this.#renderer.setPixelRatio(multiple)
      this.#renderer.setSize(width, height, false)
      for (;;) {
        const now = performance.now()
        this.draw(now)
        const shown = this.#level(this.#fade.shown)
        const settled = this.#last === 0 && (!shown || this.#paging.sharp(shown, this.camera, multiple))
        if (settled) return await createImageBitmap(this.#options.canvas)
        if (now > end) throw new Error('the icons of this view did not load within ten seconds; try again')
        await new Promise(resolve => setTimeout(resolve, 30))
      }
    } finally {
      this.#exporting = false
      this.#changeBackground(own)
      this.resize(width, height, before)
    }
  }

  /** Sets another budget: tiles are reloaded from the cache; mean colours are shown meanwhile. */
  setBudget(bytes: number): void {
    this.#tiles.dispose()
    this.#tiles = this.#newTiles(bytes)
    this.#paging = new Paging(this.#tiles)
    for (const mesh of this.#meshes.values()) this.#drop(mesh)
    this.#meshes.clear()
    this.redraw()
  }

  dispose(): void {
    cancelAnimationFrame(this.#frameRequest)
    this.#options.canvas.removeEventListener('webglcontextrestored', this.#restored)
    for (const mesh of this.#meshes.values()) this.#drop(mesh)
    this.#meshes.clear()
    this.#tiles.dispose()
    this.#frames.dispose()
    this.#labels.dispose()
    this.#minimap.dispose()
    this.#renderer.dispose()
  }

  readonly #restored = (): void => this.setBudget(this.#options.budget)

  #newTiles(budget: number): TileTextures {
    const tiles = new TileTextures(this.#renderer, budget, this.#options.load ?? fetchTile, this.redraw)
    for (const texture of tiles.textures) this.#renderer.initTexture(texture)
    return tiles
  }

  #replaceLevels(levels: readonly Level[]): void {
    const retained = new Set(levels.map(l => l.index))
    for (const [index, mesh] of this.#meshes) {
      if (retained.has(index)) continue
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
      mesh = new GridMesh(level.index, this.#tiles.textures, this.#background)
      this.#meshes.set(level.index, mesh)
      this.#scene.add(mesh.mesh)
    }
    return mesh
  }

  #level(grid: number | undefined): Level | undefined {
    return this.#state.levels.find(l => l.index.cells.grid === grid)
  }

  #targetLevel(): Level | undefined {
    const { levels, grid, smallest } = this.#state
    if (grid !== 'auto') return this.#level(grid) ?? levels[0]
    const grids = levels.map(l => l.index.cells.grid)
    const shared = this.#options.levelScale?.(this.camera)
    if (shared !== undefined) return this.#level(chooseGrid(grids, shared, undefined, smallest))
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
      mesh.setPositions(this.#state.transition?.positions(grid), this.#transition.position)
      const { entries, fading } = this.#paging.entries(level, now, this.#state.reducedMotion)
      arriving ||= fading
      mesh.setTiles(entries)
      const cellPixels = (scale / grid) * this.#renderer.getPixelRatio()
      mesh.setFrame({ x: view.x, y: view.y, scaleX, scaleY, opacity: alpha, cellPixels })
    }
    // Frames are at the final positions: hidden during a transition.
    this.#frames.mesh.visible = this.#state.frames.length > 0 && !this.#transition.running && !this.#exporting
    this.#frames.setFrame(view.x, view.y, scaleX, scaleY, 1 / scale)
    this.#renderer.render(this.#scene, this.#eye)
    return arriving
  }

  /** Updates the HTML over the canvas. */
  #overlay(shown: Level): void {
    const labelled = this.#state.labels && this.#transition.atHome
    this.#labels.element.hidden = !labelled
    if (labelled) this.#label(shown)
    this.#minimap.show(shown.index.cells)
    this.#minimap.draw(this.camera)
  }

  #report(shown: Level | undefined, started: number, moving: boolean): void {
    const { onFrame } = this.#options
    if (!onFrame) return
    const time = performance.now() - started
    const tiles = shown ? this.#paging.count(shown, this.camera) : { ready: 0, inView: 0 }
    onFrame({
      grid: this.#fade.shown,
      time,
      drawCalls: this.#renderer.info.render.calls,
      textureBytes: this.#tiles.bytesUsed,
      textureBudget: this.#tiles.bytes,
      tilesReady: tiles.ready,
      tilesInView: tiles.inView,
      moving,
    })
  }

  /** Far away few and large labels; close up the classes of every icon at its foot. */
  #label(shown: Level): void {
    const { texts, density } = this.#state
    const { grid } = shown.index.cells
    const current = texts?.grid === grid ? texts : undefined
    const near = this.camera.scale / grid >= NEAR_ICON
    this.#labels.show(current === undefined || near ? NO_LABELS : this.#candidatesOf(shown, current))
    this.#labels.draw(this.camera)
    if (current !== undefined && near) this.#feet.draw(this.camera, shown.index, current, density)
    else this.#feet.clear()
  }

  #candidatesOf({ index }: Level, texts: MapTexts): Candidate[] {
    const known = this.#candidates.get(index)
    if (known?.texts === texts) return known.list
    const list = candidates(index, texts)
    this.#candidates.set(index, { texts, list })
    return list
  }
}
