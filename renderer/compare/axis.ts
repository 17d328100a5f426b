import { signedText } from '../ui/text.ts'

/**
 * The ticks of an axis that is symmetric about zero: multiples of 1, 2 or 5 times a power of ten, two to five on either
 * side.
 * @param scale the value at the axis' right end
 * @returns ascending, 0 in the middle
 */
export function ticks(scale: number): readonly number[] {
  if (!(scale > 0) || !Number.isFinite(scale)) return [0]
  const power = 10 ** Math.floor(Math.log10(scale))
  const step = [0.2, 0.5, 1, 2].map(f => f * power).find(s => scale / s < 6) ?? 2 * power
  const side = Array.from({ length: Math.floor(scale / step + 1e-9) }, (_, k) => (k + 1) * step)
  return [...side.toReversed().map(v => -v), 0, ...side]
}

/** The horizontal position of a difference: 0 at −scale, ½ at 0, 1 at +scale; clamped to the edges. */
export function across(value: number, scale: number): number {
  return Math.min(1, Math.max(0, 0.5 + value / (2 * scale)))
}

/** The ticks with their texts, in as many digits as distinguish them. */
export function axisTicks(scale: number): readonly { readonly value: number; readonly text: string }[] {
  const values = ticks(scale)
  const step = Math.abs(values[1]! - values[0]!)
  const digits = values.length < 2 || step >= 1 ? 0 : step >= 0.1 ? 1 : 2
  return values.map(value => ({ value, text: signedText(value, digits) }))
}
