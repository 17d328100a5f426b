import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { processor } from './cpu.ts'

const NVIDIA = '/proc/driver/nvidia/gpus'

/** The driver's name of the first NVIDIA device; undefined where there is none, or its name is unavailable. */
export function nvidiaDevice(): string | undefined {
  try {
    const [first] = readdirSync(NVIDIA)
    if (first === undefined) return undefined
    const information = readFileSync(join(NVIDIA, first, 'information'), 'utf8')
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
