import type { Dice } from './dice.ts'

type ByteDamage = (bytes: Buffer, dice: Dice) => Uint8Array
/** What disks and transfers do to a model. */
export const byteDamage: Readonly<Record<string, ByteDamage>> = {
  'one bit': (bytes, { below }) => {
    const at = below(bytes.length)
    bytes[at] = bytes[at]! ^ (1 << below(8))
    return bytes
  },
  // What is not a weight is at the beginning, and every bit of it means something.
  'one bit of the nodes': (bytes, { below }) => {
    const at = below(Math.min(bytes.length, 6000))
    bytes[at] = bytes[at]! ^ (1 << below(8))
    return bytes
  },
  '16 random bytes': (bytes, { below }) => {
    const at = below(bytes.length - 16)
    for (let i = 0; i < 16; i++) bytes[at + i] = below(256)
    return bytes
  },
  'a cut': (bytes, { below }) => bytes.subarray(0, below(bytes.length)),
  'a piece twice': (bytes, { below }) => {
    const from = below(bytes.length)
    const to = Math.min(bytes.length, from + 1 + below(2000))
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)])
  },
  'garbage appended': (bytes, { below }) =>
    Buffer.concat([bytes, Buffer.from(Array.from({ length: 99 }, () => below(256)))]),
}
