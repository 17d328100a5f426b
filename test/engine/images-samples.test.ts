import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { decodeImage, decodeTransparent } from '../../electron/engine/images/decode.ts'

/** How TIFF names the samples of an array. */
const FORMATS = [
  [Uint8Array, 8, 1],
  [Uint16Array, 16, 1],
  [Uint32Array, 32, 1],
  [Int16Array, 16, 2],
  [Int32Array, 32, 2],
  [Float32Array, 32, 3],
  [Float64Array, 64, 3],
] as const
type Samples = InstanceType<(typeof FORMATS)[number][0]>

/** An uncompressed TIFF of one strip, little end first, four pixels wide. */
function tiff(samples: Samples, channels: number): Buffer {
  const [, bits, format] = FORMATS.find(([type]) => samples instanceof type)!
  const width = 4
  const height = samples.length / channels / width
  const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
  const tags: [tag: number, type: 3 | 4, values: number[]][] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, new Array(channels).fill(bits)],
    [259, 3, [1]],
    [262, 3, [channels === 1 ? 1 : 2]],
    [273, 4, [0]],
    [277, 3, [channels]],
    [278, 4, [height]],
    [279, 4, [data.length]],
    ...(channels > 3 ? ([[338, 3, new Array(channels - 3).fill(0)]] as [number, 3, number[]][]) : []),
    [339, 3, new Array(channels).fill(format)],
  ]
  const more: Buffer[] = []
  const start = 8 + 2 + 12 * tags.length + 4
  const offset = () => start + more.reduce((sum, part) => sum + part.length, 0)
  const directory = Buffer.alloc(2 + 12 * tags.length + 4)
  directory.writeUInt16LE(tags.length)
  const written = tags.map(([tag, type, values], at) => {
    const place = 2 + 12 * at
    directory.writeUInt16LE(tag, place)
    directory.writeUInt16LE(type, place + 2)
    directory.writeUInt32LE(values.length, place + 4)
    const bytes = Buffer.alloc(Math.max(4, (type === 3 ? 2 : 4) * values.length))
    for (const [n, value] of values.entries())
      type === 3 ? bytes.writeUInt16LE(value, 2 * n) : bytes.writeUInt32LE(value, 4 * n)
    if (bytes.length === 4) bytes.copy(directory, place + 8)
    else {
      directory.writeUInt32LE(offset(), place + 8)
      more.push(bytes)
    }
    return { tag, place }
  })
  directory.writeUInt32LE(offset(), written.find(({ tag }) => tag === 273)!.place + 8)
  return Buffer.concat([Buffer.from('49492a0008000000', 'hex'), directory, ...more, data])
}

const file = (bytes: Buffer) => ({ file: 'x.tif', bytes, hash: createHash('sha256').update(bytes).digest('hex') })
const decoded = async (bytes: Buffer): Promise<number[]> => [...(await decodeImage(file(bytes))).rgb]

/** Four pixels: a red, a grey, black and white, in 0…1. */
const PIXELS = [0.8, 0.2, 0.1, 0.5, 0.5, 0.5, 0, 0, 0, 1, 1, 1]
const EXPECTED = PIXELS.map(value => Math.round(255 * value))
const scaled = (white: number) => PIXELS.map(value => value * white)

describe('samples of every width show the same picture, or are refused in a sentence', () => {
  test.each<[string, Samples]>([
    ['8 bits', Uint8Array.from(scaled(255), Math.round)],
    ['16 bits', Uint16Array.from(scaled(65_535), Math.round)],
    ['32 bits', Uint32Array.from(scaled(2 ** 32 - 1), Math.round)],
    ['32 bits from 0 to 255', Uint32Array.from(scaled(255), Math.round)],
    ['32 bits with a sign, from 0 to 255', Int32Array.from(scaled(255), Math.round)],
    ['floating point from 0 to 1', Float32Array.from(PIXELS)],
    ['floating point from 0 to 255', Float32Array.from(scaled(255))],
  ])('%s', async (_, samples) => {
    const rgb = await decoded(tiff(samples, 3))
    for (const [at, value] of EXPECTED.entries()) expect(Math.abs(rgb[at]! - value)).toBeLessThanOrEqual(1)
    const { rgba } = await decodeTransparent(file(tiff(samples, 3)), 64)
    expect(Math.abs(rgba[0]! - EXPECTED[0]!)).toBeLessThanOrEqual(1)
  })

  test('grey in floating point', async () => {
    const rgb = await decoded(tiff(Float32Array.of(0, 0.25, 0.5, 1), 1))
    expect(rgb).toEqual([0, 0, 0, 64, 64, 64, 128, 128, 128, 255, 255, 255])
  })

  test('scaled down like any other', async () => {
    const { rgb } = await decodeImage(file(tiff(new Float32Array(48).fill(0.5), 3)), { size: 2 })
    expect([...rgb]).toEqual(new Array(12).fill(128))
  })

  test.each<[string, Samples, number, RegExp]>([
    [
      'numbers that do not determine white',
      Int32Array.of(188, 300, 400, 616),
      1,
      /its int samples are between 188 and 616/,
    ],
    ['16 bits in 32', Uint32Array.of(0, 300, 400, 65_535), 1, /its uint samples are between 0 and 65535/],
    [
      'a scale to 1 that is exceeded',
      Float32Array.of(0, 0.5, 1, 1.4),
      1,
      /between 0 and 1\.4, which does not determine/,
    ],
    ['high dynamic range', Float32Array.of(0, 0.5, 1, 4000), 1, /between 0 and 4000/],
    ['negative', Float32Array.of(-1, 0.5, 1, 1), 1, /between -1 and 1/],
    ['16 bits with a sign', Int16Array.of(0, 3000, 1, 1), 1, /short samples are between 0 and 3000/],
    ['double precision', Float64Array.from(PIXELS), 3, /a sample format that cannot be read; save it with 8 or 16/],
    ['NaN', Float32Array.of(0, Number.NaN, 1, 1), 1, /NaN or infinite/],
    ['five channels of floating point', new Float32Array(20), 5, /5 channels of float samples/],
  ])('%s: refused', async (_, samples, channels, message) => {
    await expect(decoded(tiff(samples, channels))).rejects.toThrow(message)
  })

  test('five channels of 8 bits are not silently a picture of three', async () => {
    const bytes = tiff(
      Uint8Array.from({ length: 20 }, (_, at) => at),
      5,
    )
    await expect(decoded(bytes)).rejects.toThrow(/5 channels, but a photograph has 1 to 4/)
  })
})

describe('other formats of samples', () => {
  const flat = (channels: 3 | 4, background: { r: number; g: number; b: number; alpha?: number }) =>
    sharp({ create: { width: 4, height: 4, channels, background } })
  const close = async (bytes: Buffer, expected: readonly number[], within: number) => {
    const rgb = await decoded(bytes)
    expect(rgb).toHaveLength(48)
    for (let at = 0; at < 48; at++) expect(Math.abs(rgb[at]! - expected[at % 3]!)).toBeLessThanOrEqual(within)
  }
  const red = { r: 200, g: 40, b: 30 }

  test('16 bits with transparency are flattened on neutral grey', async () => {
    const bytes = await flat(4, { ...red, alpha: 0 })
      .toColourspace('rgb16')
      .png()
      .toBuffer()
    expect((await sharp(bytes).metadata()).depth).toBe('ushort')
    await close(bytes, [128, 128, 128], 1)
  })
  test('grey with transparency, in 8 and 16 bits', async () => {
    for (const space of ['b-w', 'grey16'])
      await close(
        await flat(4, { r: 90, g: 90, b: 90, alpha: 0 }).toColourspace(space).png().toBuffer(),
        [128, 128, 128],
        1,
      )
  })
  test('CMYK and Lab are converted', async () => {
    await close(await flat(3, red).toColourspace('cmyk').tiff().toBuffer(), [200, 40, 30], 30)
    await close(await flat(3, red).toColourspace('lab').tiff().toBuffer(), [200, 40, 30], 2)
  })
  test('a palette', async () => close(await flat(3, red).png({ palette: true }).toBuffer(), [200, 40, 30], 2))
})
