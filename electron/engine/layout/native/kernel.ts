import { readFileSync } from 'node:fs'
import { STACK } from './memory.ts'

/*
 * native/layout.wasm, compiled from the C++ beside it (electron/tools/build-native.ts). A fault in it is an error in its
 * thread, and cannot reach memory other than its own.
 */

/** Arguments are numbers and addresses of arrays in the kernel's memory, in the order and with the meaning of native/. */
type Function = (...args: number[]) => number | undefined

export type Kernel = Readonly<Record<Shared | Single, Function>>

/** Functions that every thread calls, each for its part: thread and number of threads are their last arguments. */
export type Shared =
  | 'memberships'
  | 'optimise'
  | 'lengths'
  | 'nearest'
  | 'nearest_by_neighbours'
  | 'exact_distances'
  | 'nearest_centres'
  | 'move_centres'
  | 'nearest_in_clusters'
  | 'ranks'
  | 'second_moment'
  | 'project'
/** Functions that one thread calls. */
type Single = 'transpose' | 'symmetric' | 'scratch_floats' | 'total' | 'cluster_scratch_floats'

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
  return exports as Kernel
}
