import sharp from 'sharp'
import type { Weight } from './fonts.ts'
import { Lettering } from './lettering.ts'

/** A picture inside a drawing. */
export const inlinePng = (png: Uint8Array): string => `data:image/png;base64,${Buffer.from(png).toString('base64')}`

/** Ink on paper: for figures that go into papers. */
const INK = '#1c1c1c'
export const FAINT = '#8a8a8a'
export const RULE = '#d9d9d9'

/** Draws at twice the size on white, so that small type stays sharp in print. */
export const drawn = (width: number, height: number, body: readonly string[]): Promise<Buffer> =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${2 * width}" height="${2 * height}" viewBox="0 0 ${width} ${height}"><rect width="${width}" height="${height}" fill="#fff"/>${body.join('')}</svg>`,
    ),
    { limitInputPixels: false },
  )
    .png()
    .toBuffer()

export interface TextStyle {
  readonly size?: number
  readonly fill?: string
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly weight?: Weight
  /** Cut with an ellipsis beyond so many pixels. */
  readonly width?: number
}

/** A line of text as outlines, so that a plate looks the same on every machine. */
export function text(
  x: number,
  y: number,
  said: string,
  { size = 11, fill = INK, anchor = 'start', weight = 400, width }: TextStyle = {},
): string {
  const letters = Lettering.of(weight)
  const shown = width === undefined ? said : letters.fitted(said, size, width)
  const across = anchor === 'start' ? 0 : letters.width(shown, size) / (anchor === 'end' ? 1 : 2)
  return `<path d="${letters.outlines(shown, x - across, y, size)}" fill="${fill}"/>`
}

/** White to a deep blue that keeps its lightness in order, also in grey print. @param share 0…1 */
export const heat = (share: number): string => {
  const t = Math.min(1, Math.max(0, share))
  const mix = (from: number, to: number): number => Math.round(from + (to - from) * t)
  return `rgb(${mix(247, 8)},${mix(249, 60)},${mix(252, 125)})`
}

/** Colours that people with colour-blindness tell apart (Okabe and Ito 2008), for classes. */
export const CLASS_COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#f0e442'] as const
