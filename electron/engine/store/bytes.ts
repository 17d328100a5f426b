/** The bytes of an array of numbers, without a copy, to be stored in a blob. */
export const bytesOf = (values: NodeJS.TypedArray): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** A blob as float16; copied only where it does not start at a multiple of an element. */
export const asFloat16 = (bytes: Uint8Array): Float16Array => {
  const { buffer, byteOffset, byteLength } = aligned(bytes, 2)
  return new Float16Array(buffer, byteOffset, byteLength / 2)
}
export const asUint16 = (bytes: Uint8Array): Uint16Array => {
  const { buffer, byteOffset, byteLength } = aligned(bytes, 2)
  return new Uint16Array(buffer, byteOffset, byteLength / 2)
}
export const asUint32 = (bytes: Uint8Array): Uint32Array => {
  const { buffer, byteOffset, byteLength } = aligned(bytes, 4)
  return new Uint32Array(buffer, byteOffset, byteLength / 4)
}
export const asFloat32 = (bytes: Uint8Array): Float32Array => {
  const { buffer, byteOffset, byteLength } = aligned(bytes, 4)
  return new Float32Array(buffer, byteOffset, byteLength / 4)
}
export const asFloat64 = (bytes: Uint8Array): Float64Array => {
  const { buffer, byteOffset, byteLength } = aligned(bytes, 8)
  return new Float64Array(buffer, byteOffset, byteLength / 8)
}

const aligned = (bytes: Uint8Array, size: number): Uint8Array =>
  bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes)
