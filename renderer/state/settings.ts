import { z } from 'zod'
import { create } from 'zustand'
import { PresetNameSchema } from '../../electron/contract/inversion.ts'

/** How this machine shows projects: kept beside the window, not in a project. */
const Settings = z.object({
  /** Movements and fades: as the system says, or none. */
  motion: z.enum(['system', 'none']).default('system'),
  /** Texture memory of the whole window, MiB; the panes share it. */
  textures: z.literal([128, 256, 512, 1024]).default(256),
  /** An icon smaller than this, in CSS pixels, makes place for a coarser grid. */
  smallest: z.int().min(12).max(48).default(20),
  /** How icons of photographs' positions are made. */
  imagePreset: PresetNameSchema.catch('draft').default('draft'),
  /** The tour of the demo was finished or skipped: it does not open by itself any more. */
  tourSeen: z.boolean().default(false),
})
export type Settings = z.infer<typeof Settings>

const NAME = 'portolan.settings'

function kept(): Settings {
  try {
    const parsed = Settings.safeParse(JSON.parse(localStorage.getItem(NAME) ?? '{}'))
    if (parsed.success) return parsed.data
  } catch {
    // What another version wrote, or somebody else: the usual settings stand in.
  }
  return Settings.parse({})
}

export const useSettings = create<Settings>(kept)

export function changeSettings(part: Partial<Settings>): void {
  useSettings.setState(part)
  localStorage.setItem(NAME, JSON.stringify(useSettings.getState()))
}

/** Whether movements are to be left out: by the settings, or by the system. */
export const reducedMotion = (): boolean =>
  useSettings.getState().motion === 'none' || matchMedia('(prefers-reduced-motion: reduce)').matches
