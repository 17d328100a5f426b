import util from 'node:util'
import * as tf from '@tensorflow/tfjs-core'
import { installedKind, PACKAGES, type TensorflowKind } from './packages.ts'

/** The TensorFlow package in use. */
interface LoadedTensorflow {
  /** `gpu`, `native`, `wasm`. */
  readonly kind: TensorflowKind
  readonly library: string
}

/**
 * Loads the first backend that is installed: the one for NVIDIA devices, the one for processors, WebAssembly.
 * @throws Error with the package's message where its native library does not load
 */
export async function loadTensorflow(kind: TensorflowKind = installedKind()): Promise<LoadedTensorflow> {
  const name = PACKAGES[kind]
  // tfjs-node 4.22 calls a function that Node 23 has removed.
  if (!('isNullOrUndefined' in util))
    Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined })
  await import(name)
  const backend = kind === 'wasm' ? 'wasm' : 'tensorflow'
  if (!(await tf.setBackend(backend))) throw new Error(`${name} does not start`)
  await tf.ready()
  return { kind, library: `${name} ${tf.version_core}` }
}
