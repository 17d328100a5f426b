const MAGIC = Buffer.from('\x93NUMPY\x01\x00', 'latin1')
/** The data of a file start at a multiple of this. */
const ALIGNMENT = 64

const TYPES = { Float32Array: '<f4', Float64Array: '<f8', Uint32Array: '<u4', Uint16Array: '<u2', Uint8Array: '|u1' }
type Values = Float32Array | Float64Array | Uint32Array | Uint16Array | Uint8Array

/**
 * An array in NumPy's format, version 1.0 (numpy.lib.format): `numpy.load` reads it.
 * @param shape row-major, its product the number of values
 */
export function npy(values: Values, shape: readonly number[]): Buffer {
  const type = TYPES[values[Symbol.toStringTag]]
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${dims}), }`
  const before = MAGIC.length + 2
  const length = Math.ceil((before + header.length + 1) / ALIGNMENT) * ALIGNMENT - before
  const size = Buffer.alloc(2)
  size.writeUInt16LE(length)
  const text = Buffer.from(`${header.padEnd(length - 1)}\n`, 'latin1')
  return Buffer.concat([MAGIC, size, text, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)])
}
