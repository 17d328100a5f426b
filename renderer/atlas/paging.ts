import type { Camera } from './camera.ts'
import { chooseRung, RUNGS } from './levels.ts'
import type { Level } from './scene-state.ts'
import type { SheetRequest, Sheets } from './sheets.ts'
import { tilesInView } from './view-tiles.ts'

/** How long a sheet fades in, ms. */
const SHEET_FADE = 160
/** Sheets this far around the view are fetched ahead of a movement. */
const AHEAD = 2

type Rung = 0 | 1 | 2

/** Decides which sheets a view needs, keeps them from being evicted, and tells the shader where they lie. */
export class Paging {
  readonly #sheets: Sheets
  readonly #keys = new Map<string, string[]>()
  #ordered: readonly unknown[] = []

  constructor(sheets: Sheets) {
    this.#sheets = sheets
  }

  /** Whether every sheet in view has come at some size, or will not come. */
  ready(level: Level, camera: Camera): boolean {
    return tilesInView(level.index, camera, 0).every(tile =>
      RUNGS.some((_, rung) => this.#sheets.settled(this.#key(level, tile, rung), rung)),
    )
  }

  /** The same at the size that draws icons without blur. */
  sharp(level: Level, camera: Camera, pixelRatio: number): boolean {
    const rung = chooseRung((camera.scale / level.index.cells.grid) * pixelRatio)
    return tilesInView(level.index, camera, 0)
      .slice(0, this.#sheets.tables[rung]!.capacity)
      .every(tile => this.#sheets.settled(this.#key(level, tile, rung), rung))
  }

  /** Sheets in view that have come at some size, and all in view. */
  count(level: Level, camera: Camera): { readonly ready: number; readonly inView: number } {
    const tiles = tilesInView(level.index, camera, 0)
    const has = (tile: number): boolean => RUNGS.some((_, rung) => this.#sheets.has(this.#key(level, tile, rung), rung))
    return { ready: tiles.filter(has).length, inView: tiles.length }
  }

  /**
   * Ask for small icons of what comes next, then sharp ones in view, then small ones all around.
   * Where view and sheets are as they were, the orders stand.
   */
  request(wanted: Level, shown: Level | undefined, camera: Camera, pixelRatio: number, frame: number): void {
    const levels = [...new Set([wanted, shown ?? wanted])]
    const inView = levels.map(level => tilesInView(level.index, camera, 0))
    const rung = chooseRung((camera.scale / wanted.index.cells.grid) * pixelRatio)
    const sharp = rung === 0 ? [] : inView[0]!.slice(0, this.#sheets.tables[rung]!.capacity)
    levels.forEach((level, k) => {
      for (const tile of inView[k]!) this.#sheets.tables[0]!.touch(this.#key(level, tile, 0), frame)
    })
    for (const tile of sharp) this.#sheets.tables[rung]!.touch(this.#key(wanted, tile, rung), frame)
    const order = [this.#sheets.revision, rung, ...levels, ...inView.flat()]
    if (order.length === this.#ordered.length && order.every((part, k) => part === this.#ordered[k])) return
    this.#ordered = order
    const requests: SheetRequest[] = []
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
    for (const tile of sharp) add(wanted, tile, rung)
    const room = this.#sheets.tables[0]!.capacity
    for (const tile of tilesInView(wanted.index, camera, AHEAD)) if (requests.length < room) add(wanted, tile, 0)
    this.#sheets.want(requests)
  }

  /**
   * Where the sheets of a level lie on the card.
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
        const slot = this.#sheets.tables[rung]!.find(this.#key(level, tile, rung, source))
        if (!slot) continue
        const faded = instant ? 1 : Math.min(1, Math.max(0.02, (now - slot.born) / SHEET_FADE))
        if (faded < 1) fading = true
        entries[tile * 4 + rung] = slot.layer + 0.99 * faded
      }
    }
    return { entries, fading }
  }

  /** The level's own source, or the one that stands in while a sheet of it has not come at any size. */
  #shownSource(level: Level, tile: number): string {
    if (level.standIn === undefined) return level.source
    const has = RUNGS.some((_, rung) => this.#sheets.has(this.#key(level, tile, rung), rung))
    return has ? level.source : level.standIn
  }

  /** Names of sheets, written once: a frame looks up hundreds. */
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
