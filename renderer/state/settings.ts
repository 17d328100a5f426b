import { z } from 'zod'
import { create } from 'zustand'
import { PresetNameSchema } from '../../electron/contract/inversion.ts'

/** Settings of this computer, saved in the profile and not in a project. */
const Settings = z.object({
  /** Animations: by the system setting, or none. */
  motion: z.enum(['system', 'none']).default('system'),
  theme: z.enum(['system', 'dark', 'light']).catch('dark').default('dark'),
  /** Widths of the class panel and the inspector, CSS pixels. */
  classesWidth: z.int().min(200).max(480).catch(280).default(280),
  inspectorWidth: z.int().min(280).max(640).catch(344).default(344),
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

/** The theme in use, and the background of its maps as sRGB bytes: `--background` in tokens.css. */
export const BACKGROUNDS = { dark: [14, 15, 17], light: [251, 251, 252] } as const
export type Theme = keyof typeof BACKGROUNDS

const bright = (): MediaQueryList => matchMedia('(prefers-color-scheme: light)')
export const themeOf = ({ theme }: Pick<Settings, 'theme'>, systemIsLight: boolean): Theme =>
  theme === 'system' ? (systemIsLight ? 'light' : 'dark') : theme

/** The theme in use; components that read it follow a change of the settings or of the system. */
export const useTheme = create<{ readonly theme: Theme }>(() => ({ theme: 'dark' }))

/** Keeps the page in the theme of the settings. */
export function followTheme(): void {
  const apply = (): void => {
    const theme = themeOf(useSettings.getState(), bright().matches)
    document.documentElement.dataset['theme'] = theme
    useTheme.setState({ theme })
  }
  apply()
  useSettings.subscribe(apply)
  bright().addEventListener('change', apply)
}

/** Whether animations are off, by the settings or by the system. */
export function reducedMotion(): boolean {
  return useSettings.getState().motion === 'none' || matchMedia('(prefers-reduced-motion: reduce)').matches
}
