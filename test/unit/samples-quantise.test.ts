import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LossMeter, quantise, Ranges, restore } from '../../electron/engine/samples-file/quantise.ts'

const CHANNELS = 4
/** Rows of four channels: two after a ReLU, of which one never fires, and two that also go below zero. */
const rows = fc
  .array(fc.tuple(...[0, 1, 2].map(() => fc.float({ min: 0, max: 1, noNaN: true }))), { minLength: 1, maxLength: 30 })
  .map(all => Float32Array.from(all.flatMap(([a, b, c]) => [a! * 50, 0, b! * 8 - 3, c! - 1])))

const quantisationOf = (values: Float32Array) => {
  const ranges = new Ranges(CHANNELS)
  expect(ranges.feed(values)).toBe(true)
  return ranges.quantisation()
}

describe('activations in 8 bits', () => {
  it('are at most half a step away from what they were, and a whole one at the rim of a range on both sides of 0', () =>
    fc.assert(
      fc.property(rows, values => {
        const quantisation = quantisationOf(values)
        const restored = restore(quantise(values, quantisation), quantisation)
        for (const [p, value] of values.entries()) {
          const step = quantisation.scale[p % CHANNELS]!
          const most = quantisation.zero[p % CHANNELS] === 0 ? 0.5 : 1
          expect(Math.abs(restored[p]! - value)).toBeLessThanOrEqual(most * step + 1e-5 * Math.abs(value) + 1e-30)
        }
      }),
    ))

  it('keep zero exactly zero', () => {
    const values = Float32Array.from([0, 0, -2, 5, 7, 0, 0, 0])
    const quantisation = quantisationOf(values)
    const restored = restore(quantise(values, quantisation), quantisation)
    for (const [p, value] of values.entries()) if (value === 0) expect(restored[p]).toBe(0)
  })

  it('refuse values that are not finite', () => {
    expect(new Ranges(1).feed(Float32Array.from([1, Number.NaN]))).toBe(false)
    expect(new Ranges(1).feed(Float32Array.from([Number.POSITIVE_INFINITY]))).toBe(false)
  })
})

describe('the loss', () => {
  it('is that of the definition', () => {
    const meter = new LossMeter(2)
    meter.feed(Float32Array.from([3, 4]), Float32Array.from([4, 3]))
    meter.feed(Float32Array.from([0, 0, 1, 0]), Float32Array.from([0, 0, 1, 0]))
    const { relativeRms, meanCosine, minCosine } = meter.result()
    expect(relativeRms).toBeCloseTo(Math.sqrt(2 / 26), 12)
    expect(minCosine).toBeCloseTo(24 / 25, 12)
    expect(meanCosine).toBeCloseTo((24 / 25 + 1) / 2, 12)
  })

  it('is zero for equal values', () => {
    const meter = new LossMeter(3)
    const values = Float32Array.from([1, 2, 3, 4, 5, 6])
    meter.feed(values, values)
    expect(meter.result()).toEqual({ relativeRms: 0, meanCosine: 1, minCosine: 1 })
  })
})
