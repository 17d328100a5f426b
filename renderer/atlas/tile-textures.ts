import { DataArrayTexture, LinearFilter, LinearMipmapLinearFilter, Texture, Vector3, type WebGLRenderer } from 'three'
import { readPicture } from '../state/pictures.ts'
import { TILE } from './cells.ts'
import { RUNGS } from './levels.ts'
import { layerBytes, PageTable, planPages } from './page-table.ts'

export interface TileRequest {
  /** Identifies the tile: source, grid, tile, rung. */
  readonly key: string
  readonly rung: 0 | 1 | 2
  /** Changes when the content does. */
  readonly signature: number
  readonly url: string
}

/** Loads and decodes one tile, off the main thread if possible. */
export type LoadTile = (url: string, signal: AbortSignal) => Promise<ImageBitmap>

export const fetchTile: LoadTile = async (url, signal) => {
  return createImageBitmap(await readPicture(url, signal), { premultiplyAlpha: 'none', colorSpaceConversion: 'none' })
}

interface LoadedTile {
  readonly request: TileRequest
  readonly levels: readonly ImageBitmap[]
}

/** Concurrent requests: enough to hide latency, few enough that tiles in view come next. */
const MAX_REQUESTS = 6
/** Upload time per frame, ms; at least one tile is uploaded. */
const UPLOAD_TIME = 2.5
/** A tile is given up after this many failures. */
const MAX_FAILURES = 3

/** Tiles of icons in GPU memory: three texture arrays, filled on demand within a budget. */
export class TileTextures {
  readonly textures: readonly DataArrayTexture[]
  readonly tables: readonly PageTable[]
  readonly bytes: number
  readonly #renderer: WebGLRenderer
  readonly #load: LoadTile
  readonly #changed: () => void
  readonly #requests = new Map<string, AbortController>()
  readonly #failures = new Map<string, number>()
  /** Incremented when a tile is uploaded or fails. */
  revision = 0
  #requested: readonly TileRequest[] = []
  #loaded: LoadedTile[] = []
  #disposed = false

  constructor(renderer: WebGLRenderer, budget: number, load: LoadTile, changed: () => void) {
    this.#renderer = renderer
    this.#load = load
    this.#changed = changed
    const plan = planPages(budget)
    this.tables = plan.map(capacity => new PageTable(capacity))
    this.bytes = plan.reduce((sum, capacity, rung) => sum + capacity * layerBytes(rung), 0)
    this.textures = plan.map((capacity, rung) => emptyArray(TILE * RUNGS[rung]!, capacity, rung === 0))
  }

  /** Bytes of the layers in use. */
  get bytesUsed(): number {
    return this.tables.reduce((sum, table, rung) => sum + table.size * layerBytes(rung), 0)
  }

  /** Whether loaded tiles wait for their upload. */
  get waiting(): boolean {
    return this.#loaded.length > 0
  }

  get busy(): boolean {
    return this.#requests.size > 0 || this.#loaded.length > 0
  }

  has(key: string, rung: number): boolean {
    return this.tables[rung]!.find(key) !== undefined
  }

  /** Whether a tile has loaded, or has failed. */
  settled(key: string, rung: number): boolean {
    return this.has(key, rung) || (this.#failures.get(key) ?? 0) >= MAX_FAILURES
  }

  /** The tiles needed now, most urgent first; other requests are aborted. */
  request(requests: readonly TileRequest[]): void {
    this.#requested = requests.filter(r => {
      const slot = this.tables[r.rung]!.find(r.key)
      return (slot === undefined || slot.signature !== r.signature) && (this.#failures.get(r.key) ?? 0) < MAX_FAILURES
    })
    const keys = new Set(this.#requested.map(r => r.key))
    for (const [key, controller] of this.#requests) {
      if (keys.has(key)) continue
      controller.abort()
      this.#requests.delete(key)
    }
    this.#pump()
  }

  /** Uploads loaded tiles. @returns whether anything changed */
  upload(frame: number, now: number): boolean {
    if (this.#loaded.length === 0) return false
    const until = performance.now() + UPLOAD_TIME
    let any = false
    while (this.#loaded.length > 0 && (!any || performance.now() < until)) {
      const { request, levels } = this.#loaded.shift()!
      const slot = this.tables[request.rung]!.allocate(request.key, request.signature, frame, now)
      if (slot) {
        const texture = this.textures[request.rung]!
        levels.forEach((bitmap, level) => {
          const source = new Texture(bitmap)
          this.#renderer.copyTextureToTexture(source, texture, null, new Vector3(0, 0, slot.layer), 0, level)
        })
        any = true
        this.revision++
      }
      for (const bitmap of levels) bitmap.close()
    }
    return any
  }

  dispose(): void {
    this.#disposed = true
    for (const controller of this.#requests.values()) controller.abort()
    for (const { levels } of this.#loaded) for (const bitmap of levels) bitmap.close()
    for (const texture of this.textures) texture.dispose()
  }

  #pump(): void {
    for (const request of this.#requested) {
      if (this.#requests.size >= MAX_REQUESTS) return
      const pending = this.#loaded.some(a => a.request.key === request.key)
      if (!pending && !this.#requests.has(request.key)) void this.#fetch(request)
    }
  }

  async #fetch(request: TileRequest): Promise<void> {
    const controller = new AbortController()
    this.#requests.set(request.key, controller)
    try {
      const whole = await this.#load(request.url, controller.signal)
      const levels = request.rung === 0 ? [whole, ...(await mipmaps(whole))] : [whole]
      if (this.#disposed || controller.signal.aborted) for (const bitmap of levels) bitmap.close()
      else this.#loaded.push({ request, levels })
    } catch {
      // A failed tile is retried when it is requested again; after three failures the cells keep their mean colour.
      this.revision++
      if (!controller.signal.aborted) this.#failures.set(request.key, (this.#failures.get(request.key) ?? 0) + 1)
    }
    if (this.#requests.get(request.key) === controller) this.#requests.delete(request.key)
    if (this.#disposed) return
    this.#requested = this.#requested.filter(r => r.key !== request.key)
    this.#pump()
    this.#changed()
  }
}

/** Mipmaps of a tile of small icons, down to 4 px per icon: halving keeps icons separate. */
async function mipmaps(bitmap: ImageBitmap): Promise<ImageBitmap[]> {
  const half = (divisor: number): Promise<ImageBitmap> =>
    createImageBitmap(bitmap, {
      resizeWidth: bitmap.width / divisor,
      resizeHeight: bitmap.height / divisor,
      resizeQuality: 'medium',
    })
  return Promise.all([half(2), half(4)])
}

function emptyArray(side: number, layers: number, withMipmaps: boolean): DataArrayTexture {
  const texture = new DataArrayTexture(null, side, side, layers)
  texture.magFilter = LinearFilter
  texture.minFilter = withMipmaps ? LinearMipmapLinearFilter : LinearFilter
  // Allocates the mipmaps, which are uploaded with each tile: generating them would process every layer again.
  texture.generateMipmaps = withMipmaps
  texture.mipmapsAutoUpdate = false
  texture.flipY = false
  // Nothing to upload yet: layers are filled one by one.
  texture.source.dataReady = false
  texture.needsUpdate = true
  return texture
}
