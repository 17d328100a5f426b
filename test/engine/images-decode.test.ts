import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeImage } from '../../electron/engine/images/decode.ts'
import { contactSheet, encodePng, encodeWebp, pictureOf } from '../../electron/engine/images/encode.ts'
import { type ImageFile, readImage, sha256 } from '../../electron/engine/images/read.ts'
import { UnreadableImage } from '../../electron/engine/images/unreadable.ts'
import { oddImages, photograph, writeOddImages } from '../fixtures/images.ts'

const odd = await oddImages()
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-images-'))
  await writeOddImages(folder)
})
afterAll(() => rm(folder, { recursive: true }))

const memory = (bytes: Buffer): ImageFile => ({ file: 'memory', bytes, hash: sha256(bytes) })

describe('every odd kind of file is decoded, or refused with its reason', () => {
  test('at least thirty kinds are covered', () => expect(odd.length).toBeGreaterThanOrEqual(30))

  test.each(odd.map(image => [JSON.stringify(image.name), image] as const))(
    '%s',
    async (_, { name, expect: expected, middle, within = 6 }) => {
      const file = join(folder, name)
      if (expected instanceof RegExp) {
        const error = await decodeImage(file, { size: 16 }).catch(thrown => thrown)
        expect(error).toBeInstanceOf(UnreadableImage)
        expect(error.reason).toMatch(expected)
        expect(error.file).toBe(file)
        expect(error.message).not.toMatch(/\n|Vips|libpng|buffer/i)
        return
      }
      for (const resize of ['stretch', 'crop'] as const) {
        const decoded = await decodeImage(file, { size: 16, resize })
        expect(decoded.rgb.length).toBe(16 * 16 * 3)
        expect([decoded.width, decoded.height]).toEqual(expected)
        const centre = (8 * 16 + 8) * 3
        for (const [channel, value] of (middle ?? []).entries())
          expect(Math.abs(decoded.rgb[centre + channel]! - value)).toBeLessThanOrEqual(within)
      }
      const whole = await decodeImage(file)
      expect(whole.rgb.length).toBe(expected[0] * expected[1] * 3)
    },
  )

  test('a folder with the name of an image', async () => {
    await expect(decodeImage(join(folder, 'folder.jpg'))).rejects.toThrow(/it is a folder/)
  })
  test('a link to nothing', async () => {
    await expect(decodeImage(join(folder, 'dangling.jpg'))).rejects.toThrow(/there is no such file/)
  })
})

describe('the decoded pixels match the photograph', () => {
  test('a colour profile is converted to sRGB: the same numbers in P3 are a stronger red', async () => {
    const pixels = Buffer.alloc(8 * 8 * 3)
    for (let i = 0; i < pixels.length; i += 3) pixels.set([180, 60, 60], i)
    const srgb = await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
      .png()
      .toBuffer()
    const p3 = await sharp(srgb).withIccProfile('p3').png().toBuffer()
    const stored = await sharp(p3, { ignoreIcc: true }).raw().toBuffer()
    const shown = await decodeImage(memory(p3))
    // Stored numbers differ from sRGB's, shown ones are back where they were.
    expect(Math.abs(stored[0]! - 180)).toBeGreaterThan(4)
    expect(Math.abs(shown.rgb[0]! - 180)).toBeLessThanOrEqual(2)
    expect(Math.abs(shown.rgb[1]! - 60)).toBeLessThanOrEqual(2)
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i turns the photograph upright', async orientation => {
    // Upright: red on top, blue at the left bottom, green at the right bottom; then stored as a camera would.
    const upright = Buffer.alloc(24 * 16 * 3)
    for (let y = 0; y < 16; y++)
      for (let x = 0; x < 24; x++) upright[(y * 24 + x) * 3 + (y < 8 ? 0 : x < 12 ? 2 : 1)] = 255
    // Where a stored pixel belongs in the upright photograph, by the definition of the EXIF standard.
    const belongs: Record<number, (x: number, y: number) => [number, number]> = {
      1: (x, y) => [x, y],
      2: (x, y) => [23 - x, y],
      3: (x, y) => [23 - x, 15 - y],
      4: (x, y) => [x, 15 - y],
      5: (x, y) => [y, x],
      6: (x, y) => [23 - y, x],
      7: (x, y) => [23 - y, 15 - x],
      8: (x, y) => [y, 15 - x],
    }
    const [width, height] = orientation < 5 ? [24, 16] : [16, 24]
    const camera = Buffer.alloc(width * height * 3)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const [u, v] = belongs[orientation]!(x, y)
        camera.set(upright.subarray((v * 24 + u) * 3, (v * 24 + u) * 3 + 3), (y * width + x) * 3)
      }
    const stored = await sharp(camera, { raw: { width, height, channels: 3 } })
      .withMetadata({ orientation })
      .png()
      .toBuffer()
    const decoded = await decodeImage(memory(stored))
    expect([decoded.width, decoded.height]).toEqual([24, 16])
    expect(Buffer.compare(decoded.rgb, upright)).toBe(0)
  })

  test('shrinking averages: a fine chequerboard becomes grey', async () => {
    const board = Buffer.alloc(256 * 256 * 3)
    for (let y = 0; y < 256; y++)
      for (let x = 0; x < 256; x++) board.fill((x + y) % 2 ? 255 : 0, (y * 256 + x) * 3, (y * 256 + x) * 3 + 3)
    const png = await sharp(board, { raw: { width: 256, height: 256, channels: 3 } })
      .png()
      .toBuffer()
    for (const kernel of ['bilinear', 'lanczos'] as const) {
      const { rgb } = await decodeImage(memory(png), { size: 40, kernel })
      expect(Math.min(...rgb)).toBeGreaterThan(118)
      expect(Math.max(...rgb)).toBeLessThan(138)
    }
  })

  test('positions map back to the original, stretched or cropped', async () => {
    // A white square of 40 × 40 at (180, 60) in black.
    const width = 300
    const height = 100
    const pixels = Buffer.alloc(width * height * 3)
    for (let y = 60; y < 100; y++) pixels.fill(255, (y * width + 180) * 3, (y * width + 220) * 3)
    const png = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer()
    for (const [resize, x] of [
      ['stretch', 180],
      ['crop', 180],
    ] as const) {
      const decoded = await decodeImage(memory(png), { size: 50, resize })
      // Centre of mass of the white, in pixels of the original: only the part inside the box is seen.
      let sum = 0
      let sx = 0
      let sy = 0
      for (let row = 0; row < 50; row++)
        for (let column = 0; column < 50; column++) {
          const light = decoded.rgb[(row * 50 + column) * 3]!
          const { left, top, width, height } = decoded.box
          const at = { x: left + ((column + 0.5) / 50) * width, y: top + ((row + 0.5) / 50) * height }
          sum += light
          sx += light * at.x
          sy += light * at.y
        }
      const right = Math.min(220, decoded.box.left + decoded.box.width)
      expect(sx / sum).toBeCloseTo((x + right) / 2, -0.5)
      expect(sy / sum).toBeCloseTo(80, -0.3)
    }
  })

  test('a long strip is cropped before it is scaled', async () => {
    const png = await photograph(4000, 10).png().toBuffer()
    const { box } = await decodeImage(memory(png), { size: 64, resize: 'crop' })
    expect(box).toEqual({ left: 1995, top: 0, width: 10, height: 10 })
  })

  test('the same bytes have the same hash, which is SHA-256', async () => {
    expect(sha256(Buffer.from('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    const { hash, bytes } = await readImage(join(folder, 'plain.jpg'))
    expect(hash).toBe(sha256(bytes))
  })
})

describe('pictures are written without loss', () => {
  test('PNG and WebP give the same pixels back', async () => {
    const rgb = new Uint8Array(await photograph(31, 17).removeAlpha().raw().toBuffer())
    const picture = { rgb, width: 31, height: 17 }
    for (const bytes of [await encodePng(picture), await encodeWebp(picture)]) {
      const back = await decodeImage(memory(bytes))
      expect(Buffer.compare(back.rgb, rgb)).toBe(0)
    }
  })

  test('numbers are clipped and rounded', () => {
    const { rgb } = pictureOf(Float32Array.of(0, -1, 0.5, 2, 1, 0.001), 0, 1, 2)
    expect([...rgb]).toEqual([0, 128, 255, 0, 255, 0])
  })

  test('a sheet has every picture at its position', () => {
    const dot = (value: number) => ({ rgb: Uint8Array.of(value, value, value), width: 1, height: 1 })
    const sheet = contactSheet([dot(10), undefined, dot(30)], 2, 1, 5)
    const grey = Array.from({ length: sheet.width * sheet.height }, (_, i) => sheet.rgb[3 * i])
    expect([sheet.width, sheet.height]).toEqual([5, 5])
    expect(grey).toEqual([5, 5, 5, 5, 5, 5, 10, 5, 5, 5, 5, 5, 5, 5, 5, 5, 30, 5, 5, 5, 5, 5, 5, 5, 5])
  })
})
