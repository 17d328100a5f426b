/**
 * Pages of a TIFF (TIFF 6.0, section 2: a chain of directories, each with the place of the next), without decoding any.
 * @returns at most `most` + 1: a chain may be endless; 1 for what is no TIFF, or a broken one
 */
export const tiffPages = (bytes: Buffer, most: number): number => {
  const order = bytes.toString('latin1', 0, 4)
  const isLittle = order === 'II*\0'
  if (!isLittle && order !== 'MM\0*') return 1
  const short = (at: number) => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))
  const long = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  let pages = 0
  let at = bytes.length >= 8 ? long(4) : 0
  while (at !== 0 && at + 2 <= bytes.length && pages <= most) {
    pages++
    const next = at + 2 + 12 * short(at)
    at = next + 4 <= bytes.length ? long(next) : 0
  }
  return Math.max(1, pages)
}
