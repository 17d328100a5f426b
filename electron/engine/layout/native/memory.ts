import { UserError } from '../../../contract/errors.ts'

const PAGE = 65_536
/** What a 32-bit address reaches, less a page: the largest number of pages that the compiler accepts. */
const MAX_PAGES = 65_535
/** Of each thread: the kernel keeps little on it. */
export const STACK = PAGE

/** Bytes that a kernel can use beside the stacks of its threads. */
export const MAX_BYTES = (MAX_PAGES - 64) * PAGE

/**
 * The memory of the kernel, shared by its threads: a stack for each thread, then arrays one after the other. Arrays are
 * freed together, with the memory.
 */
export class KernelMemory {
  readonly memory: WebAssembly.Memory
  #free: number

  /** @param bytes of all arrays, each rounded up to 16 bytes. @throws UserError when the machine does not have them */
  constructor(bytes: number, threads: number) {
    // The first page stays empty, so that no array is at address 0.
    this.#free = PAGE + threads * STACK
    const pages = Math.ceil((this.#free + bytes) / PAGE)
    try {
      this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new UserError(
        `a layout needs ${Math.ceil(bytes / 2 ** 20)} MB of memory, which this machine does not have free; use fewer samples or neighbours`,
      )
    }
  }

  /** Reserves bytes, zero at first, at an address divisible by 16. */
  reserve(bytes: number): number {
    const address = this.#free
    this.#free = address + rounded(bytes)
    if (this.#free > this.memory.buffer.byteLength)
      throw new RangeError(`${bytes} bytes at ${address} are beyond the kernel's memory`)
    return address
  }

  uint32(length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, this.reserve(4 * length), length)
  }

  float32(length: number): Float32Array {
    return new Float32Array(this.memory.buffer, this.reserve(4 * length), length)
  }
}

/** Bytes that an array takes in the kernel's memory. */
export const rounded = (bytes: number): number => Math.ceil(bytes / 16) * 16
