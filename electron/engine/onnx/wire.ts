/** A field of a protobuf message: a length and that many bytes (wire type 2), or a number. */
export interface Field {
  readonly number: number
  /** Of wire type 2; undefined for numbers. */
  readonly bytes: Uint8Array | undefined
}

/** Bytes of the numbers of a fixed length. */
const FIXED: Readonly<Record<number, number>> = { 1: 8, 5: 4 }

/**
 * The fields of a protobuf message, in order. Nothing is copied: fields of other kinds than those that are looked for are
 * passed in no time, however large they are.
 * @throws RangeError where the bytes are not a message
 */
export function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  for (let position = 0; position < bytes.length; ) {
    const { value: tag, end } = varint(bytes, position)
    const number = Math.floor(tag / 8)
    const wire = tag % 8
    if (wire === 2) {
      const length = varint(bytes, end)
      position = length.end + length.value
      if (position > bytes.length) throw new RangeError('the bytes end within a field')
      yield { number, bytes: bytes.subarray(length.end, position) }
      continue
    }
    const fixed = FIXED[wire]
    if (wire !== 0 && fixed === undefined) throw new RangeError(`there is no wire type ${wire}`)
    position = fixed === undefined ? varint(bytes, end).end : end + fixed
    if (position > bytes.length) throw new RangeError('the bytes end within a field')
    yield { number, bytes: undefined }
  }
}

/** A base-128 number, little end first, and where it ends: beyond the bytes when they end within it. */
export function varint(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let value = 0
  for (let index = 0; index < 10; index++) {
    const byte = bytes[start + index]
    if (byte === undefined) return { value, end: bytes.length + 1 }
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, end: start + index + 1 }
  }
  return { value, end: bytes.length + 1 }
}
