import { UserError } from '../../../contract/errors.ts'

const PAGE = 65_536
/** What a 32-bit address reaches, less a page: the largest number of pages that the compiler accepts. */
const MAX_PAGES = 65_535
/** Of each thread: the kernel keeps little on it. */
export const STACK = PAGE

/** Bytes that a kernel can use beside the stacks of its threads. */
export const MAX_BYTES = (MAX_PAGES - 64) * PAGE

const megabytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20)

/** @throws UserError when a kernel cannot have so many bytes on any machine */
export const checkBytes = (bytes: number): void => {
  if (bytes > MAX_BYTES)
    throw new UserError(
      `a layout would need ${megabytes(bytes)} MB of memory, and the limit is ${Math.floor(MAX_BYTES / 2 ** 20)}; use fewer samples or neighbours`,
    )
}

/** A kernel's memory on its way to another thread. */
export interface SharedMemory {
  readonly memory: WebAssembly.Memory
  readonly threads: number
  readonly free: number
}

/**
 * The memory of the kernel, shared by its threads: a stack for each thread, then arrays one after the other. Arrays are
 * freed together, with the memory.
 */
export class KernelMemory {
  readonly memory: WebAssembly.Memory
  readonly threads: number
  #free: number

  private constructor(memory: WebAssembly.Memory, threads: number, free: number) {
    this.memory = memory
    this.threads = threads
    this.#free = free
  }

  /** @param bytes of all arrays, each rounded up to 16 bytes. @throws UserError when the machine does not have them */
  static create(bytes: number, threads: number): KernelMemory {
    // The first page stays empty, so that no array is at address 0.
    const free = PAGE + threads * STACK
    const pages = Math.ceil((free + bytes) / PAGE)
    checkBytes(bytes)
    try {
      return new KernelMemory(new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }), threads, free)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new UserError(
        `a layout needs ${megabytes(bytes)} MB of memory, which this machine does not have free; use fewer samples or neighbours`,
      )
    }
  }

  /** The same memory in another thread. */
  static shared({ memory, threads, free }: SharedMemory): KernelMemory {
    return new KernelMemory(memory, threads, free)
  }

  /** What another thread needs to go on reserving; this one then stops. */
  handedOver(): SharedMemory {
    return { memory: this.memory, threads: this.threads, free: this.#free }
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

  int32(length: number): Int32Array {
    return new Int32Array(this.memory.buffer, this.reserve(4 * length), length)
  }

  float64(length: number): Float64Array {
    return new Float64Array(this.memory.buffer, this.reserve(8 * length), length)
  }

  float16(length: number): Float16Array {
    return new Float16Array(this.memory.buffer, this.reserve(2 * length), length)
  }

  float32(length: number): Float32Array {
    return new Float32Array(this.memory.buffer, this.reserve(4 * length), length)
  }
}

/** Bytes that an array takes in the kernel's memory. */
export const rounded = (bytes: number): number => Math.ceil(bytes / 16) * 16
