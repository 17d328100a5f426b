import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { processor } from './cpu.ts'

const NVIDIA = '/proc/driver/nvidia/gpus'

/** The driver's name of an NVIDIA device, by default the first; undefined where there is none, or its name is unavailable. */
export function nvidiaDevice(index = 0): string | undefined {
  try {
    const folder = readdirSync(NVIDIA).sort()[index]
    if (folder === undefined) return undefined
    const information = readFileSync(join(NVIDIA, folder, 'information'), 'utf8')
    return /^Model:\s*(.+)$/m.exec(information)?.[1]?.trim()
  } catch {
    return undefined
  }
}

/** Whether Vulkan is configured to compute on the processor. */
export const isSoftware = (): boolean =>
  /swiftshader|lvp_icd|lavapipe/i.test(process.env.VK_ICD_FILENAMES ?? process.env.VK_DRIVER_FILES ?? '')

/** The device of WebGPU, as far as it can be determined without starting it. */
export function webgpuDevice(): string {
  if (isSoftware()) return `software on ${processor()}`
  return nvidiaDevice() ?? 'the graphics device'
}
