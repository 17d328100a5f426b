/**
 * A grey TIFF of 8 bits, little-endian, whose pages all show the same pixels.
 * @param pixels [edge, edge]
 */
export function tiffOf(edge: number, pixels: Uint8Array, pages: number): Buffer {
  // Width, height, bits, compression (none), black is 0, place, rows and bytes of the one strip: TIFF 6.0, section 8.
  const tags = (strip: number) => [
    [256, edge],
    [257, edge],
    [258, 8],
    [259, 1],
    [262, 1],
    [273, strip],
    [278, edge],
    [279, pixels.length],
  ]
  const count = tags(0).length
  const size = 2 + 12 * count + 4
  const bytes = Buffer.alloc(8 + pages * size + pixels.length)
  const strip = bytes.length - pixels.length
  bytes.set(pixels, strip)
  bytes.write('II*\0', 'latin1')
  bytes.writeUInt32LE(8, 4)
  for (let page = 0; page < pages; page++) {
    let at = 8 + page * size
    at = bytes.writeUInt16LE(count, at)
    for (const [tag, value] of tags(strip)) {
      at = bytes.writeUInt16LE(tag!, at)
      at = bytes.writeUInt16LE(4, at)
      at = bytes.writeUInt32LE(1, at)
      at = bytes.writeUInt32LE(value!, at)
    }
    bytes.writeUInt32LE(page + 1 < pages ? at + 4 : 0, at)
  }
  return bytes
}
