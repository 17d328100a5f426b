import { createRequire } from 'node:module'

export type TensorflowKind = 'gpu' | 'native' | 'wasm'

export const PACKAGES: Readonly<Record<TensorflowKind, string>> = {
  gpu: '@tensorflow/tfjs-node-gpu',
  native: '@tensorflow/tfjs-node',
  wasm: '@tensorflow/tfjs-backend-wasm',
}
export const KINDS: readonly TensorflowKind[] = ['gpu', 'native', 'wasm']

/** The package that is used. */
export const installedKind = (): TensorflowKind => KINDS.find(installed) ?? 'wasm'

const require = createRequire(import.meta.url)

/** Whether a package is installed; its native part may still be missing. */
function installed(kind: TensorflowKind): boolean {
  try {
    require.resolve(PACKAGES[kind])
    return true
  } catch {
    return false
  }
}
