import type { Rgb } from '../atlas/colours.ts'

/** Colours of the lab: source and target as negative and positive attribution, other classes differ from both. */
export const SOURCE_RGB = [127, 168, 232] as const
export const TARGET_RGB = [230, 179, 92] as const
const OTHERS = [
  [143, 201, 160],
  [199, 146, 214],
  [224, 130, 120],
  [132, 196, 205],
] as const
const REST = [96, 103, 112] as const
const DARK = [24, 27, 31] as const
const LIGHT = [255, 240, 208] as const

const mix = (a: Rgb, b: Rgb, share: number): Rgb => [
  Math.round(a[0] + (b[0] - a[0]) * share),
  Math.round(a[1] + (b[1] - a[1]) * share),
  Math.round(a[2] + (b[2] - a[2]) * share),
]

/** A probability from dark over the target's colour to nearly white, with increasing lightness. */
export function probabilityColour(share: number): Rgb {
  const at = Math.min(1, Math.max(0, share))
  return at < 0.7 ? mix(DARK, TARGET_RGB, at / 0.7) : mix(TARGET_RGB, LIGHT, (at - 0.7) / 0.3)
}

export interface WinnerColours {
  readonly of: (index: number) => Rgb
  /** The top-1 classes, most frequent first, with their counts. */
  readonly legend: readonly { readonly index: number; readonly count: number; readonly colour: Rgb }[]
}

/** A colour for each top-1 class: source, target and the four most frequent others have their own. */
export function winnerColours(winners: Iterable<number>, source: number, target: number): WinnerColours {
  const counts = new Map<number, number>()
  for (const winner of winners) if (winner >= 0) counts.set(winner, (counts.get(winner) ?? 0) + 1)
  const ranked = [...counts].sort((a, b) => b[1] - a[1])
  const others = ranked.map(([index]) => index).filter(index => index !== source && index !== target)
  const of = (index: number): Rgb =>
    index === source ? SOURCE_RGB : index === target ? TARGET_RGB : (OTHERS[others.indexOf(index)] ?? REST)
  return { of, legend: ranked.map(([index, count]) => ({ index, count, colour: of(index) })) }
}
