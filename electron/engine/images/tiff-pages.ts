/**
 * Pages of a TIFF (TIFF 6.0, section 2: a chain of directories, each with the offset of the next) or BigTIFF, whose
 * offsets and counts have eight bytes, without decoding any.
 * @returns at most `limit` + 1, because a chain may be endless; 1 for a file that is not a TIFF, or a broken one
 */
export const tiffPages = (bytes: Buffer, limit: number): number => {
  const form = FORMS[bytes.toString('latin1', 0, 4)]
  if (!form) return 1
  const { isLittle, isBig } = form
  const short = (at: number) => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))
  const long = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const longer = (at: number) => Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at))
  const place = isBig ? longer : long
  const [countSize, placeSize, entrySize] = isBig ? [8, 8, 20] : [2, 4, 12]
  const first = isBig ? 8 : 4
  let pages = 0
  let at = bytes.length >= first + placeSize ? place(first) : 0
  while (at !== 0 && at + countSize <= bytes.length && pages <= limit) {
    pages++
    const next = at + countSize + entrySize * (isBig ? longer(at) : short(at))
    at = next + placeSize <= bytes.length ? place(next) : 0
  }
  return Math.max(1, pages)
}

/** By the first four bytes: the order of bytes, and whether it is a BigTIFF. */
const FORMS: Readonly<Record<string, { readonly isLittle: boolean; readonly isBig: boolean }>> = {
  'II*\0': { isLittle: true, isBig: false },
  'MM\0*': { isLittle: false, isBig: false },
  'II+\0': { isLittle: true, isBig: true },
  'MM\0+': { isLittle: false, isBig: true },
}
