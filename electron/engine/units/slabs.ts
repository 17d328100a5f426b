/** Bytes of the smallest and the largest slab; what is larger is allocated, and left to the garbage collector. */
const SMALLEST = 2 ** 16
const LARGEST = 2 ** 22
/** Bytes of free slabs that are kept. */
const KEPT = 2 ** 26

/**
 * Memory of photographs that were sent, for those that are read next. Without it each unit is several megabytes of garbage, and
 * the garbage collector, which runs for every few units then, takes a quarter of the time that a build needs for a sample.
 */
export class Slabs {
  /** By size, a power of two. */
  readonly #free = new Map<number, ArrayBuffer[]>()
  /** Weak: what nobody gives back is garbage when nobody has it. */
  readonly #lent = new WeakSet<ArrayBuffer>()
  #kept = 0

  /** @returns memory with any content, of exactly so many bytes */
  take(bytes: number): Buffer {
    if (bytes > LARGEST) return Buffer.allocUnsafeSlow(bytes)
    const size = Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(bytes)))
    const found = this.#free.get(size)?.pop()
    if (found) this.#kept -= size
    const slab = found ?? new ArrayBuffer(size)
    this.#lent.add(slab)
    return Buffer.from(slab, 0, bytes)
  }

  /** Takes memory back, which nobody may read or write any more; memory of others is ignored. */
  give({ buffer }: Uint8Array): void {
    if (!(buffer instanceof ArrayBuffer) || !this.#lent.delete(buffer) || this.#kept + buffer.byteLength > KEPT) return
    this.#kept += buffer.byteLength
    const same = this.#free.get(buffer.byteLength)
    if (same) same.push(buffer)
    else this.#free.set(buffer.byteLength, [buffer])
  }
}
