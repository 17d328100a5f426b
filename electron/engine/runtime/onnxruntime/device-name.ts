import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { processor } from './cpu.ts'

const NVIDIA = '/proc/driver/nvidia/gpus'

/** What the driver calls the first NVIDIA device; undefined where there is none, or the system does not say. */
export function nvidiaDevice(): string | undefined {
  try {
    const [first] = readdirSync(NVIDIA)
    if (first === undefined) return undefined
    const told = readFileSync(join(NVIDIA, first, 'information'), 'utf8')
    return /^Model:\s*(.+)$/m.exec(told)?.[1]?.trim()
  } catch {
    return undefined
  }
}

/** Whether Vulkan was told to compute on the processor. */
export const isSoftware = (): boolean =>
  /swiftshader|lvp_icd|lavapipe/i.test(process.env.VK_ICD_FILENAMES ?? process.env.VK_DRIVER_FILES ?? '')

/** What WebGPU computes on, as far as that can be known without asking it. */
export function webgpuDevice(): string {
  if (isSoftware()) return `software on ${processor()}`
  return nvidiaDevice() ?? 'the graphics device'
}
