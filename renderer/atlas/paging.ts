import type { Camera } from './camera.ts'
import { chooseRung, RUNGS } from './levels.ts'
import type { Level } from './scene-state.ts'
import type { TileRequest, TileTextures } from './tile-textures.ts'
import { tilesInView } from './view-tiles.ts'

/** Fade-in time of a tile, ms. */
const TILE_FADE = 160
/** Tiles this far around the view are preloaded. */
const PRELOAD_MARGIN = 2

type Rung = 0 | 1 | 2

/** Decides which tiles a view needs, keeps them from being evicted, and gives the shader their texture layers. */
export class Paging {
  readonly #textures: TileTextures
  readonly #keys = new Map<string, string[]>()
  #lastOrder: readonly unknown[] = []

  constructor(textures: TileTextures) {
    this.#textures = textures
  }

  /** Whether every tile in view has loaded at some size, or has failed. */
  ready(level: Level, camera: Camera): boolean {
    return tilesInView(level.index, camera, 0).every(tile =>
      RUNGS.some((_, rung) => this.#textures.settled(this.#key(level, tile, rung), rung)),
    )
  }

  /** The same at the size that draws icons without blur. */
  sharp(level: Level, camera: Camera, pixelRatio: number): boolean {
    const rung = chooseRung((camera.scale / level.index.cells.grid) * pixelRatio)
    return tilesInView(level.index, camera, 0)
      .slice(0, this.#textures.tables[rung]!.capacity)
      .every(tile => this.#textures.settled(this.#key(level, tile, rung), rung))
  }

  /** The number of tiles in view that have loaded at some size, and of all tiles in view. */
  count(level: Level, camera: Camera): { readonly ready: number; readonly inView: number } {
    const tiles = tilesInView(level.index, camera, 0)
    const has = (tile: number): boolean =>
      RUNGS.some((_, rung) => this.#textures.has(this.#key(level, tile, rung), rung))
    return { ready: tiles.filter(has).length, inView: tiles.length }
  }

  /**
   * Requests small icons of the next level, then sharp ones in view, then small ones around the view. Does nothing while
   * view and tiles are unchanged.
   */
  request(target: Level, shown: Level | undefined, camera: Camera, pixelRatio: number, frame: number): void {
    const levels = [...new Set([target, shown ?? target])]
    const inView = levels.map(level => tilesInView(level.index, camera, 0))
    const rung = chooseRung((camera.scale / target.index.cells.grid) * pixelRatio)
    const sharp = rung === 0 ? [] : inView[0]!.slice(0, this.#textures.tables[rung]!.capacity)
    levels.forEach((level, k) => {
      for (const tile of inView[k]!) this.#textures.tables[0]!.touch(this.#key(level, tile, 0), frame)
    })
    for (const tile of sharp) this.#textures.tables[rung]!.touch(this.#key(target, tile, rung), frame)
    const order = [this.#textures.revision, rung, ...levels, ...inView.flat()]
    if (order.length === this.#lastOrder.length && order.every((part, k) => part === this.#lastOrder[k])) return
    this.#lastOrder = order
    const requests: TileRequest[] = []
    const add = (level: Level, tile: number, at: Rung): void => {
      const { tiles } = level.index
      requests.push({
        key: this.#key(level, tile, at),
        rung: at,
        signature: level.index.signature(tile),
        url: level.url(tile % tiles, Math.floor(tile / tiles), RUNGS[at]),
      })
    }
    levels.forEach((level, k) => {
      for (const tile of inView[k]!) add(level, tile, 0)
    })
    for (const tile of sharp) add(target, tile, rung)
    const room = this.#textures.tables[0]!.capacity
    for (const tile of tilesInView(target.index, camera, PRELOAD_MARGIN))
      if (requests.length < room) add(target, tile, 0)
    this.#textures.request(requests)
  }

  /**
   * The texture layers of a level's tiles.
   * @returns entries [tiles² × 4]: per rung −1, or layer plus how far it has faded in; and whether any still fades
   */
  entries(level: Level, now: number, instant: boolean): { readonly entries: Float32Array; readonly fading: boolean } {
    const count = level.index.tiles ** 2
    const entries = new Float32Array(count * 4).fill(-1)
    let fading = false
    for (let tile = 0; tile < count; tile++) {
      if (level.index.signature(tile) === 0) continue
      const source = this.#shownSource(level, tile)
      for (let rung = 0; rung < RUNGS.length; rung++) {
        const slot = this.#textures.tables[rung]!.find(this.#key(level, tile, rung, source))
        if (!slot) continue
        const faded = instant ? 1 : Math.min(1, Math.max(0.02, (now - slot.uploaded) / TILE_FADE))
        if (faded < 1) fading = true
        entries[tile * 4 + rung] = slot.layer + 0.99 * faded
      }
    }
    return { entries, fading }
  }

  /** The level's own source, or its placeholder until the tile has loaded at any size. */
  #shownSource(level: Level, tile: number): string {
    if (level.placeholder === undefined) return level.source
    const has = RUNGS.some((_, rung) => this.#textures.has(this.#key(level, tile, rung), rung))
    return has ? level.source : level.placeholder
  }

  /** Keys of tiles, cached: a frame looks up hundreds. */
  #key(level: Level, tile: number, rung: number, source = level.source): string {
    const name = `${source}/${level.index.cells.grid}`
    let keys = this.#keys.get(name)
    if (!keys) {
      keys = []
      this.#keys.set(name, keys)
    }
    const at = tile * RUNGS.length + rung
    keys[at] ??= `${name}/${tile}@${rung}`
    return keys[at]
  }
}
