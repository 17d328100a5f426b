export type Rgb = readonly [number, number, number]

/**
 * OKLCH to sRGB bytes (Ottosson 2020, https://bottosson.github.io/posts/oklab), clipped to the gamut.
 * Equal steps of lightness and chroma look equal, so no class dominates.
 */
function oklch(lightness: number, chroma: number, degrees: number): Rgb {
  const a = chroma * Math.cos((degrees * Math.PI) / 180)
  const b = chroma * Math.sin((degrees * Math.PI) / 180)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  const byte = (linear: number): number => {
    const v = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055
    return Math.round(255 * Math.min(1, Math.max(0, v)))
  }
  return [
    byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    byte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ]
}

/** Hues ordered so that any first few are well spread; the first six differ in lightness for colour-blind readers. */
const HUES: readonly (readonly [lightness: number, hue: number])[] = [
  [0.8, 75],
  [0.68, 250],
  [0.74, 350],
  [0.82, 160],
  [0.62, 300],
  [0.72, 30],
  [0.86, 110],
  [0.72, 210],
]

/** The colour of the k-th class. */
export function classColour(k: number): Rgb {
  const [lightness, hue] = HUES[k % HUES.length]!
  return oklch(lightness, 0.15, hue)
}

/**
 * From dark red to pale yellow for a share of 0…1, with increasing lightness; on a light background the other way round, so that
 * nothing looks like the background.
 */
export function heat(t: number, onLight = false): Rgb {
  const v = Math.min(1, Math.max(0, t))
  if (onLight) return oklch(0.93 - 0.48 * v, 0.04 + 0.13 * Math.sin(Math.PI * Math.min(1, 0.1 + v * 0.8)), 95 - 65 * v)
  return oklch(0.28 + 0.64 * v, 0.05 + 0.13 * Math.sin(Math.PI * Math.min(1, 0.15 + v * 0.8)), 25 + 75 * v)
}

/** From dark to pale blue, for negative attribution; on a light background from pale to dark. */
export function cold(t: number, onLight = false): Rgb {
  const v = Math.min(1, Math.max(0, t))
  if (onLight) return oklch(0.93 - 0.5 * v, 0.03 + 0.14 * Math.sin(Math.PI * Math.min(1, 0.1 + v * 0.8)), 220 + 45 * v)
  return oklch(0.28 + 0.6 * v, 0.05 + 0.1 * Math.sin(Math.PI * Math.min(1, 0.15 + v * 0.8)), 265 - 45 * v)
}

export function css([r, g, b]: Rgb): string {
  return `rgb(${r} ${g} ${b})`
}
