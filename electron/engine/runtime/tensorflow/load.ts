import { pathToFileURL } from 'node:url'
import util from 'node:util'
import * as tf from '@tensorflow/tfjs-core'
import { installedKind, PACKAGES, packageFile, type TensorflowKind } from './packages.ts'

/** The TensorFlow package in use. */
interface LoadedTensorflow {
  /** `gpu`, `native`, `wasm`. */
  readonly kind: TensorflowKind
  readonly library: string
}

/** What the native packages say of themselves. */
interface NativeBackend {
  readonly isUsingGpuDevice: boolean
  readonly binding: { readonly TF_Version: string }
}

/**
 * Loads the first backend that is installed: the one for NVIDIA devices, the one for processors, WebAssembly.
 * @throws Error with the package's message where its native library does not load, or finds no device
 */
export async function loadTensorflow(kind: TensorflowKind = installedKind()): Promise<LoadedTensorflow> {
  const name = PACKAGES[kind]
  const file = packageFile(kind)
  if (file === undefined) throw new Error(`${name} is not installed`)
  // tfjs-node 4.22 calls a function that Node 23 has removed, and one that it comments upon.
  if (kind !== 'wasm')
    Object.assign(util, {
      isNullOrUndefined: (value: unknown) => value === null || value === undefined,
      isArray: Array.isArray,
    })
  await import(pathToFileURL(file).href)
  const backend = kind === 'wasm' ? 'wasm' : 'tensorflow'
  if (!(await tf.setBackend(backend))) throw new Error(`${name} does not start`)
  await tf.ready()
  if (kind === 'wasm') return { kind, library: `${name} ${tf.version_core}` }
  const { isUsingGpuDevice, binding } = tf.backend() as unknown as NativeBackend
  // It would compute on the processor, without a word.
  if (kind === 'gpu' && !isUsingGpuDevice) throw new Error(`libtensorflow ${binding.TF_Version} finds no NVIDIA device`)
  return { kind, library: `${name} ${tf.version_core} with libtensorflow ${binding.TF_Version}` }
}
