import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase64, pack, toBase64, unpack } from '../../electron/contract/published-parts.ts'

const columns = fc.oneof(
  fc.float32Array(),
  fc.uint32Array(),
  fc.int32Array(),
  fc.uint16Array(),
  fc.int16Array(),
  fc.int8Array(),
  fc.uint8Array(),
)

test('a packed value is read as it was, its columns with their types', async () => {
  const values = fc.record({
    text: fc.string(),
    numbers: fc.array(fc.integer()),
    none: fc.constant(null),
    columns: fc.array(columns),
  })
  await fc.assert(
    fc.asyncProperty(values, async value => {
      expect(await unpack(await pack(value))).toEqual(value)
    }),
  )
})

test('a part of a larger array is packed alone', async () => {
  const all = Uint16Array.from([1, 2, 3, 4, 5])
  expect(await unpack(await pack({ some: all.subarray(1, 4) }))).toEqual({ some: Uint16Array.from([2, 3, 4]) })
})

test('a number that JSON has no form for is refused, and kept in a column', async () => {
  await expect(pack({ value: Number.NaN })).rejects.toThrow(/not finite/)
  expect(await unpack(await pack(Float32Array.of(Number.NaN, 1)))).toEqual(Float32Array.of(Number.NaN, 1))
})

test('damaged text is refused', async () => {
  const text = await pack({ a: Array.from({ length: 100 }, (_, k) => k) })
  await expect(unpack(`${text.slice(0, 20)}AAAA`)).rejects.toThrow()
})

test('bytes in base64 are those of Node', () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, k) => (k * 31) % 256)
  expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
  expect(fromBase64(toBase64(bytes))).toEqual(bytes)
})
