import { crc32 } from 'node:zlib'

/** Buffer for small values: one call of crc32 takes as long as a hundred bytes. */
const scratch = Buffer.alloc(16_384)
/** Bytes of type, column and length that precede each value. */
const OVERHEAD = 9

/**
 * The checksum of rows of one table: CRC-32 over type, column, length and bytes of each value, mixed into 53 bits so
 * that sums of several rows can be combined by exclusive or. It detects damage, not forgery.
 * A NULL counts as nothing: a column that a later version adds leaves the sums of rows without it as they are.
 * @param columns names, in the order of the values
 */
export const rowSum = (columns: readonly string[]): ((...values: unknown[]) => number) => {
  const names = columns.map(name => crc32(name))
  return (...values) => {
    let sum = 0
    let at = 0
    const flush = (): void => {
      sum = crc32(scratch.subarray(0, at), sum)
      at = 0
    }
    for (const [index, value] of values.entries()) {
      if (value === null) continue
      if (at + OVERHEAD + 8 > scratch.length) flush()
      at = scratch.writeUInt32LE(names[index]!, at)
      if (typeof value === 'number') {
        scratch[at++] = 1
        at = scratch.writeDoubleLE(value, at)
        continue
      }
      const isText = typeof value === 'string'
      const bytes = isText ? Buffer.from(value) : (value as Uint8Array)
      scratch[at++] = isText ? 2 : 3
      at = scratch.writeUInt32LE(bytes.length, at)
      if (at + bytes.length > scratch.length) flush()
      if (bytes.length > scratch.length) sum = crc32(bytes, sum)
      else {
        scratch.set(bytes, at)
        at += bytes.length
      }
    }
    flush()
    return mixed(sum)
  }
}

/** Two rounds of the 32-bit finaliser of MurmurHash3: without it, values that change places would cancel out. */
const mixed = (sum: number): number => (finalised(sum ^ 0x9e3779b9) >>> 11) * 2 ** 32 + finalised(sum ^ 0x85ebca6b)

const finalised = (value: number): number => {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

const HALF = 2 ** 32

/** Exclusive or of two sums of up to 53 bits. */
export const combined = (a: number, b: number): number =>
  ((Math.floor(a / HALF) ^ Math.floor(b / HALF)) >>> 0) * HALF + (((a % HALF) ^ (b % HALF)) >>> 0)

const ADOPTED_MARK = mixed(crc32('adopted'))

/**
 * The sum of a part as it is stored, from the sum of its rows, and the reverse: that of a part which an update has
 * computed contains a mark, so that a change of `checksums.adopted` is found like any other.
 */
export const markedSum = (sum: number, adopted: boolean): number => (adopted ? combined(sum, ADOPTED_MARK) : sum)
