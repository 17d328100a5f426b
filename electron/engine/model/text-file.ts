import { UserError } from '../../contract/errors.ts'
import { BOUNDS } from '../bounds/bounds.ts'
import { readRegular } from '../images/read.ts'

/**
 * The bytes of a label file or sidecar.
 * @throws Error as `readRegular`
 */
export const readTextFile = (file: string): Promise<Buffer> => readRegular(file, BOUNDS.textBytes)

/**
 * The text of a label file or sidecar: UTF-8 with or without a byte order mark, or UTF-16 with one.
 * @param bytes the complete file
 * @param file  its name, for messages
 * @throws UserError with line and byte of the first invalid character: a wrong guess of the encoding would change names
 * silently
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  const encoding = encodingOf(bytes)
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (cause) {
    if (encoding !== 'utf-8')
      throw new UserError(`cannot read ${file}: it starts as ${encoding.toUpperCase()}, but is damaged; ${WAY_OUT}`, {
        cause,
      })
    const at = firstInvalid(bytes)
    const line = bytes.subarray(0, at).reduce((lines, byte) => lines + (byte === 0x0a ? 1 : 0), 1)
    const hex = bytes[at]!.toString(16).toUpperCase().padStart(2, '0')
    throw new UserError(
      `cannot read ${file}: line ${line} has the byte 0x${hex}, which is not UTF-8 (it may be Windows-1252 or another older encoding); ${WAY_OUT}`,
      { cause },
    )
  }
}

const WAY_OUT = 'save the file as UTF-8'

/** By the byte order mark. Text without one that has many zero bytes is UTF-16 that lost it. */
function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  const zero = bytes.indexOf(0)
  // No name contains U+0000, so a zero byte is the upper half of a UTF-16 letter; its position determines the order.
  if (zero >= 0 && zero < 256 && bytes.length % 2 === 0) return zero % 2 === 1 ? 'utf-16le' : 'utf-16be'
  return 'utf-8'
}

/** Offset of the first byte that does not belong to a UTF-8 character. */
function firstInvalid(bytes: Uint8Array): number {
  // The longest prefix that decodes, found by halving: a streaming decoder accepts every prefix of a valid prefix.
  let [low, high] = [0, bytes.length]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (isValid(bytes.subarray(0, middle), true)) low = middle
    else high = middle - 1
  }
  // An incomplete character: its first byte is the invalid one, not the one after it.
  while (!isValid(bytes.subarray(0, low), false)) low--
  return low
}

/** @param stream whether an incomplete character at the end is allowed */
function isValid(prefix: Uint8Array, stream: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(prefix, { stream })
    return true
  } catch {
    return false
  }
}
