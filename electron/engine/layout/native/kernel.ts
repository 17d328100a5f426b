import { readFileSync } from 'node:fs'
import { STACK } from './memory.ts'

/*
 * native/layout.wasm, compiled from the C++ beside it (electron/tools/build-native.ts). A fault in it is an error in its
 * thread, and cannot reach memory other than its own.
 */

/** Addresses are those of arrays in the kernel's memory; what the functions do stands beside them in native/. */
export interface Kernel {
  memberships(
    n: number,
    k: number,
    indices: number,
    distances: number,
    everywhere: number,
    thread: number,
    threads: number,
  ): void
  transpose(
    n: number,
    k: number,
    indices: number,
    values: number,
    starts: number,
    places: number,
    rows: number,
    strengths: number,
  ): void
  symmetric(
    n: number,
    k: number,
    indices: number,
    values: number,
    starts: number,
    rows: number,
    strengths: number,
    epochs: number,
    rowStarts: number,
    columns: number,
    shares: number,
  ): number
  curves(a: number, b: number, attraction: number, repulsion: number): void
  curve_bytes(): number
  optimise(optimisation: number, from: number, to: number, thread: number, threads: number): number
}

let compiled: WebAssembly.Module | undefined

/** Compiled once, and shared with threads together with what has been optimised of it. */
export const kernelModule = (): WebAssembly.Module => {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('../../../../native/layout.wasm', import.meta.url)))
  return compiled
}

/** One thread's instance of the kernel. */
export const instantiate = (module: WebAssembly.Module, memory: WebAssembly.Memory, thread: number): Kernel => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  const stack = exports['__stack_pointer'] as WebAssembly.Global
  stack.value = (thread + 2) * STACK
  return exports as unknown as Kernel
}
