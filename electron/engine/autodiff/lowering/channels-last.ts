import type { Calculus } from '../calculus.ts'

/**
 * [N, C, …] as [N, …, C]. Shifting and padding along an axis then moves whole runs of channels. With channels first it
 * moves rows of pixels, a handful of numbers each for the small images of an icon: measured on a CPU, ten times slower,
 * and a transposition costs as much as one shift.
 */
export const channelsLast = (g: Calculus, x: string, rank: number): string =>
  g.transpose(x, [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1])

/** The way back. */
export const channelsFirst = (g: Calculus, x: string, rank: number): string =>
  g.transpose(x, [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)])
