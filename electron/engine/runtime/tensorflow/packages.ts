import { createRequire } from 'node:module'
import util from 'node:util'
import * as tf from '@tensorflow/tfjs-core'

/** What carries out TensorFlow's operators here. */
export interface LoadedTensorflow {
  /** `gpu`, `native`, `wasm`. */
  readonly kind: TensorflowKind
  readonly library: string
}
export type TensorflowKind = 'gpu' | 'native' | 'wasm'

const PACKAGES: Readonly<Record<TensorflowKind, string>> = {
  gpu: '@tensorflow/tfjs-node-gpu',
  native: '@tensorflow/tfjs-node',
  wasm: '@tensorflow/tfjs-backend-wasm',
}
export const KINDS: readonly TensorflowKind[] = ['gpu', 'native', 'wasm']

/** The package that is used. */
export const installedKind = (): TensorflowKind => KINDS.find(installed) ?? 'wasm'

const require = createRequire(import.meta.url)

/** Whether a package is installed; its native part may be missing all the same. */
export function installed(kind: TensorflowKind): boolean {
  try {
    require.resolve(PACKAGES[kind])
    return true
  } catch {
    return false
  }
}

/**
 * Loads the first backend that is installed: the one for NVIDIA devices, the one for processors, WebAssembly.
 * @throws Error with the package's own words where its native library does not load
 */
export async function loadTensorflow(kind: TensorflowKind = installedKind()): Promise<LoadedTensorflow> {
  const name = PACKAGES[kind]
  // tfjs-node 4.22 calls what Node 23 has removed.
  if (!('isNullOrUndefined' in util))
    Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined })
  await import(name)
  const backend = kind === 'wasm' ? 'wasm' : 'tensorflow'
  if (!(await tf.setBackend(backend))) throw new Error(`${name} does not start`)
  await tf.ready()
  return { kind, library: `${name} ${tf.version_core}` }
}
