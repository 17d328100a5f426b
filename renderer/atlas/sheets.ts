import { DataArrayTexture, LinearFilter, LinearMipmapLinearFilter, Texture, Vector3, type WebGLRenderer } from 'three'
import { TILE } from './cells.ts'
import { RUNGS } from './levels.ts'
import { layerBytes, PageTable, planPages } from './pages.ts'

export interface SheetRequest {
  /** Names the sheet whatever its content: source, grid, tile, rung. */
  readonly key: string
  readonly rung: 0 | 1 | 2
  /** Changes when the content does. */
  readonly signature: number
  readonly url: string
}

/** Fetches one sheet, decoded, off the main thread where the platform can. */
export type LoadSheet = (url: string, signal: AbortSignal) => Promise<ImageBitmap>

export const fetchSheet: LoadSheet = async (url, signal) => {
  const reply = await fetch(url, { signal })
  if (!reply.ok) throw new Error(`${url}: ${reply.status}`)
  return createImageBitmap(await reply.blob(), { premultiplyAlpha: 'none', colorSpaceConversion: 'none' })
}

interface Arrived {
  readonly request: SheetRequest
  readonly levels: readonly ImageBitmap[]
}

/** Requests under way at once: enough to hide the latency, few enough that what is in view now comes next. */
const AT_ONCE = 6
/** Time for uploads within one frame, in ms; at least one sheet goes up whatever it costs. */
const UPLOAD_TIME = 2.5
const PATIENCE = 3

/** Sheets of icons on the graphics card: three texture arrays, filled on demand within a budget. */
export class Sheets {
  readonly textures: readonly DataArrayTexture[]
  readonly tables: readonly PageTable[]
  readonly bytes: number
  readonly #renderer: WebGLRenderer
  readonly #load: LoadSheet
  readonly #changed: () => void
  readonly #underway = new Map<string, AbortController>()
  readonly #failures = new Map<string, number>()
  /** Grows whenever what is on the card, or what will not come, changes. */
  revision = 0
  #wanted: readonly SheetRequest[] = []
  #arrived: Arrived[] = []
  #disposed = false

  constructor(renderer: WebGLRenderer, budget: number, load: LoadSheet, changed: () => void) {
    this.#renderer = renderer
    this.#load = load
    this.#changed = changed
    const plan = planPages(budget)
    this.tables = plan.map(capacity => new PageTable(capacity))
    this.bytes = plan.reduce((sum, capacity, rung) => sum + capacity * layerBytes(rung), 0)
    this.textures = plan.map((capacity, rung) => emptyArray(TILE * RUNGS[rung]!, capacity, rung === 0))
  }

  /** Bytes of the layers that hold a sheet now. */
  get bytesUsed(): number {
    return this.tables.reduce((sum, table, rung) => sum + table.size * layerBytes(rung), 0)
  }

  /** Whether sheets have come that are not on the card yet. */
  get waiting(): boolean {
    return this.#arrived.length > 0
  }

  get busy(): boolean {
    return this.#underway.size > 0 || this.#arrived.length > 0
  }

  has(key: string, rung: number): boolean {
    return this.tables[rung]!.find(key) !== undefined
  }

  /** Whether a sheet came, or will not come. */
  settled(key: string, rung: number): boolean {
    return this.has(key, rung) || (this.#failures.get(key) ?? 0) >= PATIENCE
  }

  /** What is needed now, the most urgent first; what no longer is, is given up. */
  want(requests: readonly SheetRequest[]): void {
    this.#wanted = requests.filter(r => {
      const slot = this.tables[r.rung]!.find(r.key)
      return (slot === undefined || slot.signature !== r.signature) && (this.#failures.get(r.key) ?? 0) < PATIENCE
    })
    const keys = new Set(this.#wanted.map(r => r.key))
    for (const [key, controller] of this.#underway) {
      if (keys.has(key)) continue
      controller.abort()
      this.#underway.delete(key)
    }
    this.#pump()
  }

  /** Bring arrived sheets onto the card. @returns whether anything changed */
  upload(frame: number, now: number): boolean {
    if (this.#arrived.length === 0) return false
    const until = performance.now() + UPLOAD_TIME
    let any = false
    while (this.#arrived.length > 0 && (!any || performance.now() < until)) {
      const { request, levels } = this.#arrived.shift()!
      const place = this.tables[request.rung]!.place(request.key, request.signature, frame, now)
      if (place) {
        const texture = this.textures[request.rung]!
        levels.forEach((bitmap, level) => {
          const source = new Texture(bitmap)
          this.#renderer.copyTextureToTexture(source, texture, null, new Vector3(0, 0, place.layer), 0, level)
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
    for (const controller of this.#underway.values()) controller.abort()
    for (const { levels } of this.#arrived) for (const bitmap of levels) bitmap.close()
    for (const texture of this.textures) texture.dispose()
  }

  #pump(): void {
    for (const request of this.#wanted) {
      if (this.#underway.size >= AT_ONCE) return
      const pending = this.#arrived.some(a => a.request.key === request.key)
      if (!pending && !this.#underway.has(request.key)) void this.#fetch(request)
    }
  }

  async #fetch(request: SheetRequest): Promise<void> {
    const controller = new AbortController()
    this.#underway.set(request.key, controller)
    try {
      const whole = await this.#load(request.url, controller.signal)
      const levels = request.rung === 0 ? [whole, ...(await smaller(whole))] : [whole]
      if (this.#disposed || controller.signal.aborted) for (const bitmap of levels) bitmap.close()
      else this.#arrived.push({ request, levels })
    } catch {
      // A sheet that failed is tried again the next time it is wanted; after three failures the cells keep their colour.
      this.revision++
      if (!controller.signal.aborted) this.#failures.set(request.key, (this.#failures.get(request.key) ?? 0) + 1)
    }
    if (this.#underway.get(request.key) === controller) this.#underway.delete(request.key)
    if (this.#disposed) return
    this.#wanted = this.#wanted.filter(r => r.key !== request.key)
    this.#pump()
    this.#changed()
  }
}

/** Mipmaps of a sheet of small icons, down to 4 px an icon: each halving keeps icons apart. */
async function smaller(bitmap: ImageBitmap): Promise<ImageBitmap[]> {
  const half = (divisor: number): Promise<ImageBitmap> =>
    createImageBitmap(bitmap, {
      resizeWidth: bitmap.width / divisor,
      resizeHeight: bitmap.height / divisor,
      resizeQuality: 'medium',
    })
  return Promise.all([half(2), half(4)])
}

function emptyArray(side: number, layers: number, mipmaps: boolean): DataArrayTexture {
  const texture = new DataArrayTexture(null, side, side, layers)
  texture.magFilter = LinearFilter
  texture.minFilter = mipmaps ? LinearMipmapLinearFilter : LinearFilter
  // Memory for the mipmaps, which come with each sheet: generating them would touch every layer again.
  texture.generateMipmaps = mipmaps
  texture.mipmapsAutoUpdate = false
  texture.flipY = false
  // Nothing to upload: layers are filled one by one as sheets arrive.
  texture.source.dataReady = false
  texture.needsUpdate = true
  return texture
}
