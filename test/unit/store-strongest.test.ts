import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_FLOAT16, toFloat16, toFloat32 } from '../../electron/engine/store/float16.ts'
import { decodeStrongest, encodeStrongest, strongestOf, UNUSED_SLOT } from '../../electron/engine/store/strongest.ts'

test('every finite float16 survives the way to float32 and back', () => {
  const all = new Float16Array(Uint16Array.from({ length: 65_536 }, (_, bits) => bits).buffer).filter(Number.isFinite)
  const { values, clipped } = toFloat16(toFloat32(all))
  expect(clipped).toBe(0)
  expect(new Uint16Array(values.buffer)).toEqual(new Uint16Array(all.buffer))
})

test('float32 in range is off by at most half a unit in the last place of float16', () => {
  fc.assert(
    fc.property(fc.float({ min: -65_504, max: 65_504, noNaN: true }), value => {
      const { values, clipped } = toFloat16(Float32Array.of(value))
      expect(clipped).toBe(0)
      // 11 bits of significand; below 2⁻¹⁴ steps of 2⁻²⁴.
      expect(Math.abs(values[0]! - value)).toBeLessThanOrEqual(Math.max(Math.abs(value) * 2 ** -11, 2 ** -25))
    }),
  )
})

test('values out of range become the largest of their sign, and are counted; NaN stays NaN', () => {
  const { values, clipped } = toFloat16(Float32Array.of(Number.POSITIVE_INFINITY, -65_600, Number.NaN, 1))
  expect([...values]).toEqual([MAX_FLOAT16, -MAX_FLOAT16, Number.NaN, 1])
  expect(clipped).toBe(2)
})

const exact = fc.integer({ min: -40, max: 40 })
test('the strongest are those that sorting would give, and survive being stored', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.array(exact, { minLength: 8, maxLength: 8 }), { minLength: 1, maxLength: 4 }),
      (kept, samples) => {
        const found = strongestOf(Float32Array.from(samples.flat()), 8, kept)
        const strongest = (sign: number, row: number[]) => {
          const sorted = row
            .map((value, index) => ({ value, index }))
            .filter(({ value }) => value * sign > 0)
            // A stable sort: equal values in the order of their classes.
            .sort((a, b) => sign * (b.value - a.value))
            .slice(0, kept)
          const unused = Array.from({ length: kept - sorted.length }, () => ({ value: 0, index: UNUSED_SLOT }))
          return [...sorted, ...unused]
        }
        const expected = samples.flatMap(row => [...strongest(1, row), ...strongest(-1, row)])
        expect([...found.classes]).toEqual(expected.map(each => each.index))
        expect([...found.values]).toEqual(expected.map(each => each.value))
        expect(decodeStrongest(encodeStrongest(found).bits, kept)).toEqual(found)
      },
    ),
  )
})
