import { decimal } from '../ui/text.ts'
import type { Rgb } from './colours.ts'
import { cold, heat } from './colours.ts'

/** How attribution is shown on the icons. */
export type LookMode = 'plain' | 'opacity' | 'heat' | 'hues'

/** Which attributions are shown. */
export type LookSign = 'for' | 'against' | 'both'

interface LookClass {
  readonly colour: Rgb
  /** Attribution of every cell of the grid to this class. */
  readonly values: Float32Array
  /** The class's largest attribution of the chosen sign (`both`: of either) in the grid, which counts as 1. */
  readonly maximum: number
}

export interface Look {
  readonly mode: LookMode
  readonly sign: LookSign
  readonly classes: readonly LookClass[]
}

export const PLAIN: Look = { mode: 'plain', sign: 'for', classes: [] }

/** `max 0.61`, `min −0.20`, or both. */
export function extremes({ min, max }: { readonly min: number; readonly max: number }, sign: LookSign): string {
  const [lowest, highest] = [`min ${decimal(min)}`, `max ${decimal(max)}`]
  if (sign === 'both') return `${lowest}, ${highest}`
  return sign === 'for' ? highest : lowest
}

/** Share of a class's maximum, 0…1: max(0, ±attribution / max), of both signs |attribution| / max. NaN counts as 0. */
export function strength(value: number, maximum: number, sign: LookSign): number {
  const share = (sign === 'both' ? Math.abs(value) : sign === 'for' ? value : -value) / maximum
  return share > 0 && maximum > 0 ? Math.min(1, share) : 0
}

/**
 * Four bytes per cell: the tint, and the strength of the attribution (0…255).
 * Of several classes the strongest determines the hue; ties go to the first.
 * @param out     [cells × 4], written
 * @param onLight the map has a light background
 */
export function writeLook(look: Look, cells: number, out: Uint8Array, onLight = false): void {
  const first = look.classes[0]
  if (look.mode === 'plain' || first === undefined) {
    out.fill(255)
    return
  }
  const [hot, blue] = [heat, cold].map(ramp => Array.from({ length: 256 }, (_, k) => ramp(k / 255, onLight))) as [
    Rgb[],
    Rgb[],
  ]
  for (let cell = 0; cell < cells; cell++) {
    let best = 0
    let colour = first.colour
    let value = 0
    for (const one of look.classes) {
      const s = strength(one.values[cell] ?? 0, one.maximum, look.sign)
      if (s > best) {
        best = s
        colour = one.colour
        value = one.values[cell]!
      }
    }
    const byte = Math.round(best * 255)
    if (look.mode === 'heat') colour = (value < 0 ? blue : hot)[byte]!
    out[cell * 4] = colour[0]
    out[cell * 4 + 1] = colour[1]
    out[cell * 4 + 2] = colour[2]
    out[cell * 4 + 3] = byte
  }
}
