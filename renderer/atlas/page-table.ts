import { TILE } from './cells.ts'
import { RUNGS } from './levels.ts'

/** Bytes of one texture layer of a rung: a tile of 16 × 16 icons, four bytes per texel; the smallest has mipmaps. */
export function layerBytes(rung: number): number {
  const side = TILE * RUNGS[rung]!
  return Math.round(side * side * 4 * (rung === 0 ? 4 / 3 : 1))
}

/**
 * How many tiles of each rung a texture budget holds. The smallest rung keeps a pane from being empty, so it comes
 * first, with up to 160 tiles (a grid of 160² has 100, and its coarser ones 35); the rest goes to the larger rungs, half
 * of it to the largest, which only covers what is in view.
 * @param budget bytes
 */
export function planPages(budget: number): readonly [number, number, number] {
  const small = Math.min(160, Math.floor((budget * 0.4) / layerBytes(0)))
  const rest = budget - small * layerBytes(0)
  const large = Math.min(24, Math.max(1, Math.floor((rest * 0.6) / layerBytes(2))))
  const medium = Math.min(100, Math.max(1, Math.floor((rest - large * layerBytes(2)) / layerBytes(1))))
  return [Math.max(1, small), medium, large]
}

interface Slot {
  readonly layer: number
  signature: number
  lastUsed: number
  /** When its content appeared, for the fade, ms. */
  uploaded: number
}

/** Which tile is in which layer of one texture array; the least recently used tile is evicted. */
export class PageTable {
  readonly capacity: number
  readonly #slots = new Map<string, Slot>()
  readonly #free: number[]

  constructor(capacity: number) {
    this.capacity = capacity
    this.#free = Array.from({ length: capacity }, (_, k) => capacity - 1 - k)
  }

  get size(): number {
    return this.#slots.size
  }

  find(key: string): Readonly<Slot> | undefined {
    return this.#slots.get(key)
  }

  touch(key: string, frame: number): Readonly<Slot> | undefined {
    const slot = this.#slots.get(key)
    if (slot) slot.lastUsed = frame
    return slot
  }

  /**
   * A layer for a tile: its own if it has one (content is replaced in place), a free one, or that of the least recently
   * used tile; undefined if all tiles were used in this frame.
   */
  allocate(
    key: string,
    signature: number,
    frame: number,
    now: number,
  ): { layer: number; evicted?: string } | undefined {
    const own = this.#slots.get(key)
    if (own) {
      own.signature = signature
      own.lastUsed = frame
      return { layer: own.layer }
    }
    const free = this.#free.pop()
    if (free !== undefined) {
      this.#slots.set(key, { layer: free, signature, lastUsed: frame, uploaded: now })
      return { layer: free }
    }
    let oldest: string | undefined
    let earliest = frame
    for (const [other, slot] of this.#slots) {
      if (slot.lastUsed < earliest) {
        earliest = slot.lastUsed
        oldest = other
      }
    }
    if (oldest === undefined) return undefined
    const { layer } = this.#slots.get(oldest)!
    this.#slots.delete(oldest)
    this.#slots.set(key, { layer, signature, lastUsed: frame, uploaded: now })
    return { layer, evicted: oldest }
  }

  clear(): void {
    for (const slot of this.#slots.values()) this.#free.push(slot.layer)
    this.#slots.clear()
  }
}
