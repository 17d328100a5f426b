import { z } from 'zod'
import { create } from 'zustand'
import { PresetNameSchema } from '../../electron/contract/inversion.ts'

/** Settings of this computer, saved in the profile and not in a project. */
const Settings = z.object({
  /** Animations: by the system setting, or none. */
  motion: z.enum(['system', 'none']).default('system'),
  /** Texture memory of the whole window, MiB; the panes share it. */
  textures: z.literal([128, 256, 512, 1024]).default(256),
  /** Below this icon size, in CSS pixels, a coarser grid is shown. */
  smallest: z.int().min(12).max(48).default(20),
  /** The preset of activation grids. */
  imagePreset: PresetNameSchema.catch('draft').default('draft'),
  /** The tour of the demo was finished or skipped: it does not open automatically again. */
  tourSeen: z.boolean().default(false),
})
type Settings = z.infer<typeof Settings>

const NAME = 'portolan.settings'

function storedSettings(): Settings {
  try {
    const parsed = Settings.safeParse(JSON.parse(localStorage.getItem(NAME) ?? '{}'))
    if (parsed.success) return parsed.data
  } catch {
    // Not readable, such as settings of another version: use the defaults.
  }
  return Settings.parse({})
}

export const useSettings = create<Settings>(storedSettings)

export function changeSettings(part: Partial<Settings>): void {
  useSettings.setState(part)
  localStorage.setItem(NAME, JSON.stringify(useSettings.getState()))
}

/** Whether animations are off, by the settings or by the system. */
export function reducedMotion(): boolean {
  return useSettings.getState().motion === 'none' || matchMedia('(prefers-reduced-motion: reduce)').matches
}
