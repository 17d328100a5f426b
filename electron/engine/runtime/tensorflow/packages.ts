import { createRequire } from 'node:module'

export type TensorflowKind = 'gpu' | 'native' | 'wasm'

export const PACKAGES: Readonly<Record<TensorflowKind, string>> = {
  gpu: '@tensorflow/tfjs-node-gpu',
  native: '@tensorflow/tfjs-node',
  wasm: '@tensorflow/tfjs-backend-wasm',
}
export const KINDS: readonly TensorflowKind[] = ['gpu', 'native', 'wasm']

/** The package that is used. */
export const installedKind = (): TensorflowKind => KINDS.find(kind => packageFile(kind) !== undefined) ?? 'wasm'

const require = createRequire(import.meta.url)

/**
 * The main file of an installed package, beside Portolan or in a folder of NODE_PATH; undefined where there is none. Its
 * native part may still be missing.
 */
export function packageFile(kind: TensorflowKind): string | undefined {
  try {
    return require.resolve(PACKAGES[kind])
  } catch {
    return undefined
  }
}
