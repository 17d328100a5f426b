import sharp from 'sharp'

/** What stands in a drawing: text that could end a tag does not. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** A picture inside a drawing. */
export const inlinePng = (png: Uint8Array): string => `data:image/png;base64,${Buffer.from(png).toString('base64')}`

/** Ink on paper: for figures that go into papers. */
export const INK = '#1c1c1c'
export const FAINT = '#8a8a8a'
export const RULE = '#d9d9d9'
export const FONT = 'font-family="Helvetica, Arial, DejaVu Sans, sans-serif"'

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

/** A line of text. */
export const text = (
  x: number,
  y: number,
  said: string,
  { size = 11, fill = INK, anchor = 'start', weight = 400 } = {},
): string =>
  `<text x="${x}" y="${y}" font-size="${size}" fill="${fill}" text-anchor="${anchor}" font-weight="${weight}" ${FONT}>${escaped(said)}</text>`

/** White to a deep blue that keeps its lightness in order, also in grey print. @param share 0…1 */
export const heat = (share: number): string => {
  const t = Math.min(1, Math.max(0, share))
  const mix = (from: number, to: number): number => Math.round(from + (to - from) * t)
  return `rgb(${mix(247, 8)},${mix(249, 60)},${mix(252, 125)})`
}

/** Colours that people with colour-blindness tell apart (Okabe and Ito 2008), for classes. */
export const CLASS_COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#f0e442'] as const
