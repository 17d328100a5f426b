import type { BlendMode } from '../../contract/patch-look.ts'

/** What a patch's value does to the photograph's, both 0…255. */
type Blend = (backdrop: number, source: number) => number

/** The separable formulas of W3C Compositing and Blending Level 1, §10, on 8-bit sRGB values. */
export const BLENDS: Readonly<Record<BlendMode, Blend>> = {
  normal: (_, s) => s,
  multiply: (b, s) => (b * s) / 255,
  screen: (b, s) => b + s - (b * s) / 255,
  // Hard light with backdrop and source exchanged.
  overlay: (b, s) => (b <= 127.5 ? (2 * b * s) / 255 : 255 - (2 * (255 - b) * (255 - s)) / 255),
  darken: Math.min,
  lighten: Math.max,
  difference: (b, s) => Math.abs(b - s),
}
