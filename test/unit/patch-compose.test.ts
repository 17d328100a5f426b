import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BlendMode,
  extentOf,
  PatchLook,
  placementAt,
  placesOf,
  placeWithin,
} from '../../electron/contract/placement.ts'
import { lanczosResize } from '../../electron/engine/images/lanczos.ts'
import { type Background, compose, pixelsOf } from '../../electron/engine/patch/compose.ts'
import { BLENDS } from '../../electron/engine/patch/paint.ts'
import { random } from '../fixtures/random.ts'

const SIZE = 64
const noise = (count: number, seed: number): Uint8Array => {
  const next = random(seed)
  return Uint8Array.from({ length: count }, () => 256 * next())
}
const background: Background = {
  rgb: noise(3 * SIZE * SIZE, 1),
  width: SIZE,
  height: SIZE,
  original: { width: 80, height: 40 },
}
const flat = (width: number, height: number, colour: readonly [number, number, number, number]) => ({
  rgba: Uint8Array.from({ length: 4 * width * height }, (_, at) => colour[at % 4]!),
  width,
  height,
})
const RED = flat(20, 20, [200, 10, 30, 255])
const look = (changes: Partial<PatchLook> = {}): PatchLook => PatchLook.parse({ aspect: 'square', ...changes })
const pixel = (rgb: Uint8Array, x: number, y: number) => [...rgb.subarray(3 * (y * SIZE + x), 3 * (y * SIZE + x) + 3)]
const placed = (picture: typeof RED, size: number, x: number, y: number, changes: Partial<PatchLook> = {}, patch = 1) =>
  placementAt({ patch, look: look(changes), size, place: { x, y } }, picture, background.original)
const pictured = (picture: typeof RED, name: string) => new Map([[1, { ...picture, name }]])
const composed = (picture: typeof RED, size: number, x: number, y: number, changes: Partial<PatchLook> = {}) =>
  compose(background, [placed(picture, size, x, y, changes)], pictured(picture, 'it'))

describe('a composition', () => {
  it('covers exactly the pixels that the article pastes on: ⌊size · edge⌋ from ⌊at · (edge − size)⌉', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.02, max: 1, noNaN: true }),
        fc.constantFrom(0, 1),
        fc.constantFrom(0, 1),
        (size, x, y) => {
          const { rgb } = composed(RED, size, x, y)
          const edge = Math.floor(size * SIZE)
          const [left, top] = [x * (SIZE - edge), y * (SIZE - edge)]
          for (let row = 0; row < SIZE; row++)
            for (let column = 0; column < SIZE; column++) {
              const inside = column >= left && column < left + edge && row >= top && row < top + edge
              const expected = inside ? [200, 10, 30] : pixel(background.rgb, column, row)
              expect(pixel(rgb, column, row)).toEqual(expected)
            }
        },
      ),
      { numRuns: 30 },
    )
  })

  it('leaves the photograph alone where nothing is pasted, and reports why nothing is seen', () => {
    const before = background.rgb.slice()
    const placement = { ...placed(RED, 0.2, 0, 0), x: 2, y: 0.5 }
    const outside = compose(background, [placement], pictured(RED, 'ball.png'))
    expect(outside.rgb).toEqual(before)
    expect(outside.notes).toEqual([
      'nothing of ball.png is seen: it lies wholly outside the photograph, its centre at 2.00, 0.50; 0 to 1 is inside',
    ])
    expect(composed(RED, 0.01, 0, 0).notes).toEqual([
      'nothing of it is seen: at a size of 0.01 it is smaller than a pixel; make it larger',
    ])
    expect(composed(RED, 0.5, 0, 0, { opacity: 0 }).notes).toEqual([
      'nothing of it is seen: its opacity is 0; raise it',
    ])
    const hidden = { ...placement, x: 0.5, hidden: true }
    expect(compose(background, [hidden], pictured(RED, 'x'))).toMatchObject({ rgb: before, notes: [] })
    expect(background.rgb).toEqual(before)
  })

  it('mixes by opacity and blend mode as the formulas state, pixel by pixel', () => {
    for (const blend of BlendMode.options)
      for (const opacity of [1, 0.4]) {
        const { rgb } = composed(RED, 1, 0, 0, { blend, opacity })
        const alpha = Math.round(255 * opacity) / 255
        const expected = background.rgb.map((b, at) =>
          Math.round(b + alpha * (BLENDS[blend](b, [200, 10, 30][at % 3]!) - b)),
        )
        expect(rgb).toEqual(expected)
      }
  })

  it('keeps black and white where blending must: multiply and screen', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }), (b, s) => {
        expect(BLENDS.multiply(b, 255)).toBe(b)
        expect(BLENDS.screen(b, 0)).toBe(b)
        for (const blend of Object.values(BLENDS)) {
          expect(blend(b, s)).toBeGreaterThanOrEqual(0)
          expect(blend(b, s)).toBeLessThanOrEqual(255)
        }
      }),
    )
  })

  it('turns by a quarter exactly, a square patch onto its own pixels', () => {
    const picture = { rgba: noise(4 * 32 * 32, 3).map((v, at) => (at % 4 === 3 ? 255 : v)), width: 32, height: 32 }
    const upright = composed(picture, 0.5, 0, 0)
    const turned = composed(picture, 0.5, 0, 0, { rotation: 90 })
    for (let y = 0; y < 32; y++)
      // Clockwise: the left column becomes the top row.
      for (let x = 0; x < 32; x++) expect(pixel(turned.rgb, 31 - y, x)).toEqual(pixel(upright.rgb, x, y))
    expect(composed(picture, 0.5, 0, 0, { rotation: 360 }).rgb).toEqual(upright.rgb)
  })

  it('turned, covers about its own area and nothing beyond its circle', () => {
    const { rgb } = composed(RED, 0.5, 0.5, 0.5, { rotation: 45 })
    let covered = 0
    for (let y = 0; y < SIZE; y++)
      for (let x = 0; x < SIZE; x++) {
        const same = pixel(rgb, x, y).every((v, c) => v === pixel(background.rgb, x, y)[c])
        if (!same) covered++
        if (Math.hypot(x + 0.5 - 32, y + 0.5 - 32) > 16 * Math.SQRT2 + 1.5) expect(same).toBe(true)
      }
    expect(covered).toBeGreaterThan(32 * 32 * 0.97)
    expect(covered).toBeLessThan(32 * 32 * 1.2)
  })

  it('masks to a circle, feathers from the rim, and honours its own transparency', () => {
    const circle = composed(RED, 1, 0, 0, { mask: 'circle' }).rgb
    expect(pixel(circle, 0, 0)).toEqual(pixel(background.rgb, 0, 0))
    expect(pixel(circle, 32, 32)).toEqual([200, 10, 30])
    const feathered = composed(RED, 1, 0, 0, { mask: 'square', feather: 1 }).rgb
    const nearer = (x: number) =>
      Math.abs(pixel(feathered, x, 32)[0]! - 200) / Math.abs(pixel(background.rgb, x, 32)[0]! - 200)
    expect(nearer(1)).toBeGreaterThan(0.9)
    expect(nearer(31)).toBeLessThan(0.1)
    const clear = flat(20, 20, [200, 10, 30, 0])
    expect(composed(clear, 1, 0, 0).rgb).toEqual(background.rgb)
    expect(pixel(composed(clear, 1, 0, 0, { mask: 'square' }).rgb, 9, 9)).toEqual([128, 128, 128])
  })

  it('keeps proportions: its own in the square, or those on the photograph', () => {
    const wide = { width: 200, height: 100 }
    expect(extentOf({ size: 0.4, aspect: 'kept' }, wide, background.original)).toEqual({ width: 0.4, height: 0.2 })
    expect(extentOf({ size: 0.4, aspect: 'square' }, wide, background.original)).toEqual({ width: 0.4, height: 0.4 })
    // A photograph twice as wide as high squeezes it into a square.
    expect(extentOf({ size: 0.4, aspect: 'photograph' }, wide, background.original)).toEqual({
      width: 0.4,
      height: 0.4,
    })
    expect(pixelsOf({ size: 0.4, aspect: 'kept' }, { width: 1000, height: 1 }, background)).toEqual({
      width: 25,
      height: 1,
    })
    expect(placeWithin({ x: 1, y: 0 }, { width: 0.4, height: 0.2 })).toEqual({ x: 0.8, y: 0.1 })
  })

  it('pastes the upper patches over the lower ones', () => {
    const blue = flat(8, 8, [0, 0, 255, 255])
    const patches = [RED, blue].map((picture, patch) => placed(picture, 0.5, 0, 0, {}, patch))
    const pictures = new Map([RED, blue].map((picture, patch) => [patch, { ...picture, name: 'x' }]))
    expect(pixel(compose(background, patches, pictures).rgb, 3, 3)).toEqual([0, 0, 255])
    expect(pixel(compose(background, patches.toReversed(), pictures).rgb, 3, 3)).toEqual([200, 10, 30])
  })
})

describe('positions', () => {
  it('are counted row by row, the corners first and last', () => {
    expect(placesOf({ kind: 'corners' })).toEqual(placesOf({ kind: 'grid', n: 2 }))
    expect(placesOf({ kind: 'grid', n: 1 })).toEqual([{ x: 0.5, y: 0.5 }])
    expect(placesOf({ kind: 'grid', n: 3 })[5]).toEqual({ x: 1, y: 0.5 })
    expect(placesOf({ kind: 'fixed', x: 0.25, y: 1 })).toEqual([{ x: 0.25, y: 1 }])
  })
})

describe('the Lanczos kernel', () => {
  it('keeps a constant picture, at any size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (width, height) => {
        const { rgba } = flat(17, 23, [12, 200, 99, 255])
        const resized = lanczosResize({ rgba, width: 17, height: 23 }, width, height)
        expect(resized).toEqual(flat(width, height, [12, 200, 99, 255]).rgba)
      }),
    )
  })

  it('keeps the mean of a smooth picture, and gives the transparent no rim', () => {
    const ramp = {
      rgba: Uint8Array.from({ length: 4 * 64 * 8 }, (_, at) => (at % 4 === 3 ? 255 : (Math.floor(at / 4) % 64) * 4)),
      width: 64,
      height: 8,
    }
    const mean = (rgba: Uint8Array) =>
      rgba.filter((_, at) => at % 4 === 0).reduce((a, b) => a + b, 0) / (rgba.length / 4)
    expect(mean(lanczosResize(ramp, 16, 4))).toBeCloseTo(mean(ramp.rgba), 0)
    // Red where it is seen, black where it is not: no darker rim between.
    const half = {
      rgba: Uint8Array.from(
        { length: 4 * 16 * 16 },
        (_, at) => (Math.floor(at / 4) % 16 < 8 ? [255, 0, 0, 255] : [0, 0, 0, 0])[at % 4]!,
      ),
      width: 16,
      height: 16,
    }
    const resized = lanczosResize(half, 5, 5)
    for (let at = 0; at < resized.length; at += 4) if (resized[at + 3]! > 8) expect(resized[at]).toBeGreaterThan(250)
  })
})
