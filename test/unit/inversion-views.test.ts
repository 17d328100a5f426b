import { describe, expect, test } from 'vitest'
import { PRESETS } from '../../electron/contract/presets.ts'
import { adamNumbers } from '../../electron/engine/inversion/adam.ts'
import { edgeOf, resized, sizedFor } from '../../electron/engine/inversion/frame.ts'
import { amplitudes } from '../../electron/engine/inversion/spectrum.ts'
import { drawView, type View, viewFeeds } from '../../electron/engine/inversion/views.ts'
import { Random } from '../../electron/engine/random/random.ts'

/** GoogLeNet's geometry. */
const LAYERS = {
  mixed3b: { stride: 8, receptiveField: 91 },
  mixed4c: { stride: 16, receptiveField: 299 },
  mixed5b: { stride: 32, receptiveField: 715 },
}

describe('frames', () => {
  test.each([
    ['mixed3b', 72, 40, 72, 40],
    ['mixed4c', 112, 80, 80, 48],
    ['mixed5b', 96, 96, 96, 96],
  ] as const)('follow from the geometry of %s', (layer, atlas, atlasFirst, draft, draftFirst) => {
    const [a, d] = [sizedFor(PRESETS.atlas.inversion, LAYERS[layer]), sizedFor(PRESETS.draft.inversion, LAYERS[layer])]
    expect([a.size, d.size]).toEqual([atlas, draft])
    const first = (sized: typeof a): unknown => ('views' in sized.transforms ? sized.transforms.views[0]!.size : null)
    expect([first(a), first(d)]).toEqual([atlasFirst, draftFirst])
  })

  test('have an odd number of units, so that the centre unit is in the middle', () => {
    for (const stride of [1, 2, 4, 8, 12, 16, 32, 64])
      for (const receptiveField of [3, 35, 91, 300, 1000]) {
        const edge = edgeOf({ pixels: 112, field: 0.8 }, { stride, receptiveField })
        expect(edge % 2).toBe(0)
        expect(edge).toBeGreaterThanOrEqual(32)
        if (stride % 2 === 0) expect((edge / stride) % 2).toBe(1)
      }
  })

  test('of another edge are as large, or the largest odd number of units within it', () => {
    expect(sizedFor(resized(PRESETS.notebook.inversion, 128), LAYERS.mixed4c).size).toBe(128)
    expect(sizedFor(resized(PRESETS.atlas.inversion, 128), LAYERS.mixed4c).size).toBe(112)
  })
})

describe('a view', () => {
  /** The view of an image that is linear in x and y, pixel by pixel, in float64. */
  const seen = (size: number, view: View, value: (x: number, y: number) => number, radius?: number): number[] => {
    const feeds = viewFeeds(size, view, radius)
    const [across, down] = [feeds['across']!.data as Float32Array, feeds['down']!.data as Float32Array]
    const { edge } = view
    const lines = Array.from({ length: size * edge }, (_, i) => {
      const [y, u] = [Math.floor(i / edge), i % edge]
      return Array.from({ length: size }, (_, x) => across[(y * edge + u) * size + x]! * value(x, y)).reduce(
        (a, b) => a + b,
        0,
      )
    })
    return Array.from({ length: edge * edge }, (_, i) => {
      const [v, u] = [Math.floor(i / edge), i % edge]
      return Array.from({ length: size }, (_, y) => down[(u * edge + v) * size + y]! * lines[y * edge + u]!).reduce(
        (a, b) => a + b,
        0,
      )
    })
  }

  test('without shift and rotation shows the image', () => {
    const view = { edge: 8, zoom: 1, radians: 0, shift: [0, 0] } as const
    expect(seen(8, view, (x, y) => x + 10 * y)).toEqual(
      Array.from({ length: 64 }, (_, i) => (i % 8) + 10 * Math.floor(i / 8)),
    )
  })

  test('shows every linear image exactly, where it is inside', () => {
    const view = { edge: 12, zoom: 1.1, radians: 0.2, shift: [1.5, -0.7] } as const
    const size = 32
    const pixels = seen(size, view, (x, y) => 2 * x - 3 * y + 1)
    for (const [i, pixel] of pixels.entries()) {
      const [v, u] = [Math.floor(i / 12) - 5.5, (i % 12) - 5.5]
      const x = 15.5 + 1.5 + 1.1 * (Math.cos(0.2) * u - Math.sin(0.2) * v)
      const y = 15.5 - 0.7 + 1.1 * (Math.sin(0.2) * u + Math.cos(0.2) * v)
      expect(pixel).toBeCloseTo(2 * x - 3 * y + 1, 3)
    }
  })

  test('shows grey, here 0, outside of the image and of the soft window', () => {
    const far = { edge: 8, zoom: 1, radians: 0, shift: [100, 0] } as const
    expect(Math.max(...seen(16, far, () => 1))).toBe(0)
    const pixels = seen(16, { edge: 16, zoom: 1, radians: 0, shift: [0, 0] }, () => 1, 0.2)
    expect(pixels[0]).toBeLessThan(0.001)
    expect(pixels[8 * 16 + 8]).toBeGreaterThan(0.9)
  })

  test('is drawn within its limits, and of the edge that belongs to the share of the steps', () => {
    const { transforms } = sizedFor(PRESETS.atlas.inversion, LAYERS.mixed4c)
    if (!('views' in transforms)) throw new Error('atlas has views')
    for (let step = 0; step < 50; step++) {
      const view = drawView(transforms, step / 50, new Random('test', step))
      expect(view.edge).toBe(step < 23 ? 80 : 112)
      expect(view.zoom).toBeGreaterThanOrEqual(0.95)
      expect(view.zoom).toBeLessThan(1.15)
      expect(Math.abs(view.radians)).toBeLessThanOrEqual((15 * Math.PI) / 180)
      expect(Math.max(...view.shift.map(Math.abs))).toBeLessThanOrEqual(0.07 * view.edge)
    }
  })
})

describe('the optimizer', () => {
  test('warms up, and falls as a cosine to its floor', () => {
    const rate = (step: number): number => {
      // Without the bias correction of the first moment.
      const { rate } = adamNumbers(step, PRESETS.atlas.inversion)
      return (rate * (1 - 0.9 ** step)) / (0.1 * 6 * 0.07)
    }
    expect(rate(1)).toBeCloseTo(1 / 8, 5)
    expect(rate(49)).toBeCloseTo(0.5 * 0.97 + 0.03, 5)
    expect(rate(96)).toBeLessThan(0.04)
    expect(adamNumbers(49, PRESETS.atlas.inversion).keep).toBeCloseTo(1 - 0.2 * 0.07 * 0.515, 6)
  })

  test('is plain Adam where a preset names none', () => {
    expect(adamNumbers(1, PRESETS.notebook.inversion)).toEqual({ rate: 0.05, secondMomentScale: 1, keep: 1 })
  })
})

test('a low-pass leaves the lowest frequency and takes nearly all of the highest', () => {
  const scale = amplitudes(32)
  const passed = amplitudes(32, 1, 4)
  expect(passed.data[0]).toBe(scale.data[0])
  expect(passed.data[16]! / scale.data[16]!).toBeCloseTo(1 / (1 + 4 ** 4), 6)
  // Vertical frequencies are counted from both ends, and the imaginary half is treated alike.
  expect(passed.data[31 * 17]! / scale.data[31 * 17]!).toBeCloseTo(1 / (1 + 0.25 ** 4), 6)
  expect(passed.data[32 * 17]! / scale.data[32 * 17]!).toBe(1)
})
