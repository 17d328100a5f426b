import { z } from 'zod'
import { type StartKind, StartSchema, startText } from '../../contract/inversion.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import type { Icon } from '../store/icons.ts'
import { stored } from '../store/json.ts'

/** What an icon's or an atlas's record says of its start. Records of earlier versions have neither. */
const Started = z.object({
  start: StartSchema.optional(),
  startedFromCrops: z.int().optional(),
  startedFromNoise: z.string().optional(),
})

/** What the icons of an atlas are to start from. */
export const startOfAtlas = ({ name, preset }: Pick<AtlasRecord, 'name' | 'preset'>): StartKind =>
  stored(Started, preset, `the preset of ${name}`).start ? 'photographs' : 'noise'

/** What an icon started from: `noise`, `noise (fewer than 3 photographs behind the cell)` or `startText`. */
export function startOfIcon({ preset }: Pick<Icon, 'preset'>): string {
  const { start, startedFromCrops: crops, startedFromNoise } = stored(Started, preset, 'the preset of an icon')
  return startedFromNoise ? `noise (${startedFromNoise})` : startText(start && { crops: crops ?? start.crops })
}
