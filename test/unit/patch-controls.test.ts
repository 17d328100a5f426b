import { describe, expect, it } from 'vitest'
import { PatchLook, placementAt } from '../../electron/contract/placement.ts'
import type { TransparentPicture } from '../../electron/engine/images/decode.ts'
import { type Background, compose } from '../../electron/engine/patch/compose.ts'
import { noisePatch } from '../../electron/engine/patch/controls.ts'
import { fourier2 } from '../../electron/engine/patch/fourier.ts'
import {
  bounded,
  meanControl,
  naturalControl,
  pixelStatistics,
  spectrumControl,
} from '../../electron/engine/patch/matched.ts'
import { fromSurroundings } from '../../electron/engine/patch/surroundings.ts'
import { random } from '../fixtures/random.ts'

/** A picture with structure at all scales: stripes, a disc, a gradient. @param hole transparent corner */
function picture(width: number, height: number, hole = false) {
  const uniform = random(7)
  const rgba = new Uint8Array(4 * width * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x)
      const disc = Math.hypot(x / width - 0.5, y / height - 0.5) < 0.3
      rgba[at] = disc ? 230 : 40 + (60 * x) / width
      rgba[at + 1] = (x >> 5) % 2 === 0 ? 200 : 60
      rgba[at + 2] = 255 * uniform() * 0.3 + (disc ? 20 : 120)
      rgba[at + 3] = hole && x < width / 3 && y < height / 3 ? 0 : 255
    }
  return { rgba, width, height }
}
const SIZE = 224
const background: Background = {
  rgb: Uint8Array.from({ length: 3 * SIZE * SIZE }, (_, at) => 90 + 60 * Math.sin(at / 900) + (at % 3) * 20),
  width: SIZE,
  height: SIZE,
  original: { width: SIZE, height: SIZE },
}
const pasted = (what: TransparentPicture, size: number, more: { fill?: 'surroundings' } = {}) => {
  const look = PatchLook.parse({})
  const place = { x: 1, y: 1 }
  const placement = { ...placementAt({ patch: 1, look, size, place }, what, background.original), ...more }
  const { rgb } = compose(background, [placement], new Map([[1, { ...what, name: '' }]]))
  const changed: number[] = []
  for (let p = 0; p < SIZE * SIZE; p++)
    if ([0, 1, 2].some(c => rgb[3 * p + c] !== background.rgb[3 * p + c])) changed.push(p)
  const rgba = Uint8Array.from({ length: 4 * changed.length }, (_, at) =>
    at % 4 === 3 ? 255 : rgb[3 * changed[Math.floor(at / 4)]! + (at % 4)]!,
  )
  return { changed, ...pixelStatistics({ rgba }) }
}

describe('the Fourier transform', () => {
  it('agrees with its definition, and is inverted', () => {
    const uniform = random(3)
    const [width, height] = [8, 4]
    const values = { re: Float64Array.from({ length: 32 }, uniform), im: Float64Array.from({ length: 32 }, uniform) }
    const found = { re: values.re.slice(), im: values.im.slice() }
    fourier2(found, width, height, false)
    for (const [u, v] of [
      [0, 0],
      [3, 1],
      [7, 3],
    ] as const) {
      let [re, im] = [0, 0]
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const angle = -2 * Math.PI * ((u * x) / width + (v * y) / height)
          const [a, b] = [values.re[y * width + x]!, values.im[y * width + x]!]
          re += a * Math.cos(angle) - b * Math.sin(angle)
          im += a * Math.sin(angle) + b * Math.cos(angle)
        }
      expect(found.re[v * width + u]).toBeCloseTo(re, 10)
      expect(found.im[v * width + u]).toBeCloseTo(im, 10)
    }
    fourier2(found, width, height, true)
    for (let p = 0; p < 32; p++) expect(found.re[p]).toBeCloseTo(values.re[p]!, 12)
  })
})

describe('controls that are matched to a patch', () => {
  it('cover the same pixels and have its mean; noise has its deviation at every size, which uniform noise has not', () => {
    const patch = picture(300, 200)
    const noise = spectrumControl(patch, 5, 0)
    for (const size of [0.1, 0.2, 0.4, 0.7]) {
      const real = pasted(patch, size)
      const [mean, spectrum] = [pasted(meanControl(patch), size), pasted(noise, size)]
      expect(mean.changed).toHaveLength(real.changed.length)
      expect(Math.abs(spectrum.changed.length - real.changed.length)).toBeLessThan(0.01 * real.changed.length)
      for (let c = 0; c < 3; c++) {
        expect(Math.abs(mean.mean[c]! - real.mean[c]!), `mean of channel ${c} at ${size}`).toBeLessThan(3)
        expect(mean.deviation[c]).toBeLessThan(1)
        expect(Math.abs(spectrum.mean[c]! - real.mean[c]!)).toBeLessThan(12)
        expect(spectrum.deviation[c]! / real.deviation[c]!, `channel ${c} at ${size}`).toBeGreaterThan(0.75)
        expect(spectrum.deviation[c]! / real.deviation[c]!, `channel ${c} at ${size}`).toBeLessThan(1.3)
      }
    }
    const [uniform, real] = [pasted(noisePatch(5, 0), 0.2), pasted(patch, 0.2)]
    expect(uniform.deviation[0]! / real.deviation[0]!).toBeLessThan(0.5)
  })

  it('keep its transparency and proportions', () => {
    const patch = picture(60, 40, true)
    const other = picture(90, 90)
    for (const control of [meanControl(patch), spectrumControl(patch, 1, 2), naturalControl(other, patch)]) {
      expect([control.width, control.height]).toEqual([60, 40])
      for (let p = 0; p < 60 * 40; p++) expect(control.rgba[4 * p + 3]).toBe(patch.rgba[4 * p + 3])
    }
    expect(bounded(picture(600, 300))).toMatchObject({ width: 256, height: 128 })
  })

  it('of noise have the amplitudes of the patch at every frequency, and other phases by seed and index', () => {
    const patch = picture(64, 64)
    const amplitudes = ({ rgba }: { rgba: Uint8Array }): Float64Array => {
      const channel = { re: Float64Array.from({ length: 4096 }, (_, p) => rgba[4 * p]!), im: new Float64Array(4096) }
      fourier2(channel, 64, 64, false)
      return channel.re.map((re, p) => Math.hypot(re, channel.im[p]!)).subarray(1)
    }
    const [a, b] = [amplitudes(patch), amplitudes(spectrumControl(patch, 1, 0))]
    const [x, y] = [a.map(Math.log1p), b.map(Math.log1p)]
    const mean = (of: Float64Array): number => of.reduce((sum, value) => sum + value, 0) / of.length
    const [mx, my] = [mean(x), mean(y)]
    const inner = (p: Float64Array, mp: number, q: Float64Array, mq: number) =>
      p.reduce((sum, value, k) => sum + (value - mp) * (q[k]! - mq), 0)
    expect(inner(x, mx, y, my) / Math.sqrt(inner(x, mx, x, mx) * inner(y, my, y, my))).toBeGreaterThan(0.8)
    expect(spectrumControl(patch, 1, 0)).toEqual(spectrumControl(patch, 1, 0))
    expect(spectrumControl(patch, 1, 1).rgba).not.toEqual(spectrumControl(patch, 1, 0).rgba)
    expect(spectrumControl(patch, 2, 0).rgba).not.toEqual(spectrumControl(patch, 1, 0).rgba)
  })
})

describe('the fill of a patch from its surroundings', () => {
  it('covers the pixels of the patch and shows nothing of it', () => {
    const patch = picture(80, 80)
    const [real, filled] = [pasted(patch, 0.3), pasted(patch, 0.3, { fill: 'surroundings' })]
    const inPatch = new Set(real.changed)
    expect(filled.changed.every(pixel => inPatch.has(pixel))).toBe(true)
    expect(filled.deviation[1]).toBeLessThan(real.deviation[1]!)
  })

  it('of an even photograph is that photograph, and of one without a rim its mean', () => {
    const even = { ...background, rgb: new Uint8Array(background.rgb.length).fill(77) }
    const region = { left: 30, right: 90, top: 164, bottom: 224 }
    for (const value of fromSurroundings(even, region)) expect(value).toBeCloseTo(77, 9)
    const all = { left: 0, right: SIZE, top: 0, bottom: SIZE }
    const filled = fromSurroundings(background, all)
    for (let c = 0; c < 3; c++) {
      const mean = pixelStatistics({
        rgba: Uint8Array.from({ length: 4 * SIZE * SIZE }, (_, at) =>
          at % 4 === 3 ? 255 : background.rgb[3 * (at >> 2) + (at % 4)]!,
        ),
      }).mean[c]!
      expect(filled[c]).toBeCloseTo(mean, 6)
    }
  })

  it('interpolates from edge to edge', () => {
    const ramp = { ...background, rgb: background.rgb.map((_, at) => Math.floor(at / 3) % SIZE) }
    const filled = fromSurroundings(ramp, { left: 50, right: 150, top: 50, bottom: 150 })
    const middle = filled[3 * (50 * 100 + 50)]!
    expect(middle).toBeGreaterThan(90)
    expect(middle).toBeLessThan(110)
    expect(filled[3 * 50 * 100]).toBeLessThan(middle)
  })
})
