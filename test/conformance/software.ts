import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { findRuntime } from '../../electron/launch/runtime.ts'

/**
 * Where a process has to look so that WebGPU finds SwiftShader, the software device in every Electron; or why there is
 * none. Only the loader of a new process reads the folder of libraries.
 */
export async function softwareWebgpu(): Promise<Readonly<Record<string, string>> | { readonly absent: string }> {
  try {
    const { folder } = await findRuntime({ print: () => {}, fetch: false, standIn: true })
    const icd = join(folder, 'vk_swiftshader_icd.json')
    if (!existsSync(icd)) return { absent: `the Electron in ${folder} has no SwiftShader` }
    const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter)
    return { VK_ICD_FILENAMES: icd, LD_LIBRARY_PATH: libraries }
  } catch {
    return { absent: 'SwiftShader is absent: no Electron has been fetched (npm run test:e2e fetches one)' }
  }
}
