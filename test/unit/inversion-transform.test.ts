import { describe, expect, test } from 'vitest'
import { PRESETS } from '../../electron/contract/presets.ts'
import { type Draw, drawTransform, resampling, windowEdge } from '../../electron/engine/inversion/transform.ts'
import { Random } from '../../electron/engine/random/random.ts'

/** The transform that leaves an image as it is. */
const untransformed = (size: number): Draw => ({
  pad: 0,
  padValue: 0,
  cropped: size,
  offset: [0, 0],
  scaled: size,
  angle: 0,
  edge: size,
  lastOffset: [0, 0],
})

const draws = (name: 'notebook' | 'recipe' | 'article', count: number): Draw[] =>
  Array.from({ length: count }, (_, step) =>
    drawTransform(PRESETS[name].inversion.size, PRESETS[name].inversion.transforms, new Random('test', step)),
  )

describe('the random transforms', () => {
  test('of an 80 px icon the network sees 32 to 51 px with the notebook preset', () => {
    const edges = draws('notebook', 2000).map(draw => draw.edge)
    expect(Math.min(...edges)).toBe(32)
    expect(Math.max(...edges)).toBe(51)
  })

  test('the recipe gives back the size of the icon', () => {
    for (const draw of draws('recipe', 50)) expect(draw.edge).toBe(96)
  })

  test.each(['notebook', 'recipe', 'article'] as const)(
    '%s: what the image does not contribute, the padding does',
    name => {
      const { size, transforms } = PRESETS[name].inversion
      const window = windowEdge(size, transforms)
      for (const draw of draws(name, 20)) {
        const { alongY, alongX, outside } = resampling(size, window, draw)
        const share = (matrix: typeof alongY, row: number): number =>
          matrix.data.subarray(row * window, (row + 1) * window).reduce((sum, weight) => sum + weight, 0)
        for (let i = 0; i < draw.scaled; i += 5)
          for (let j = 0; j < draw.scaled; j += 5) {
            const image = share(alongY, i) * share(alongX, j)
            expect(image * transforms.padValue + outside.data[i * draw.scaled + j]!).toBeCloseTo(transforms.padValue, 5)
          }
      }
    },
  )

  test('picked is the transpose of pick', () => {
    for (const draw of draws('notebook', 60)) {
      const { pick, picked } = resampling(80, 52, draw)
      const none = draw.edge ** 2
      const back = new Set<string>()
      for (const list of picked)
        for (const [source, target] of list.data.entries()) if (target !== none) back.add(`${target}<${source}`)
      const forth = Array.from(pick.data.entries()).filter(([, source]) => source !== draw.scaled ** 2)
      expect(back.size).toBe(forth.length)
      for (const [target, source] of forth) expect(back.has(`${target}<${source}`)).toBe(true)
    }
  })

  test('no transform is the identity', () => {
    const { alongY, outside, pick } = resampling(6, 6, untransformed(6))
    expect(Array.from(alongY.data)).toEqual(Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 1 : 0)))
    expect(Math.max(...outside.data)).toBe(0)
    expect(Array.from(pick.data)).toEqual(Array.from({ length: 36 }, (_, i) => i))
  })

  test('a quarter turn moves the corners round', () => {
    const { pick } = resampling(3, 3, { ...untransformed(3), angle: 90 })
    // Row by row: each pixel of the result and the pixel that it shows.
    expect(Array.from(pick.data)).toEqual([2, 5, 8, 1, 4, 7, 0, 3, 6])
  })

  test('transforms that leave nothing are refused', () => {
    const transforms = { ...PRESETS.notebook.inversion.transforms, jitter: [40, 40] }
    expect(() => drawTransform(48, transforms, new Random('test'))).toThrow(/these transforms crop an image of 48/)
  })
})
