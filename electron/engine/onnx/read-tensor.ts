import type { onnx } from 'onnx-proto'
import { UserError } from '../../contract/errors.ts'
import { elementName } from './elements.ts'
import { type ExternalLocation, readExternal } from './external.ts'
import { elements, type Tensor } from './tensor.ts'

/** The origin of a model: its name in messages, and the folder that its external data may be in. */
export interface Source {
  readonly file: string
  readonly folder?: string
}

/** An integer field of a message: a number or protobuf's 64-bit object, clamped to ±2⁵³. */
export const integer = (value: unknown): number =>
  Math.min(Math.max(Number(String(value ?? 0)), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER)

const EXTERNAL = 1
/**
 * Weights from this size in bytes on lie in memory that threads share: a network of half a gigabyte is sent to the thread
 * that runs it without a copy.
 */
const SHARED_FROM = 2 ** 16
/** Element types that a file may contain, by the standard's code: bytes per element, and the conversion. */
const LAYOUTS: Readonly<Record<number, { readonly bytes: number; readonly convert: (raw: ArrayBufferLike) => Typed }>> =
  {
    1: { bytes: 4, convert: raw => ({ type: 'float32', data: new Float32Array(raw) }) },
    2: { bytes: 1, convert: raw => ({ type: 'uint8', data: new Uint8Array(raw) }) },
    3: { bytes: 1, convert: raw => ({ type: 'int8', data: new Int8Array(raw) }) },
    6: { bytes: 4, convert: raw => ({ type: 'int32', data: new Int32Array(raw) }) },
    7: { bytes: 8, convert: raw => ({ type: 'int64', data: new BigInt64Array(raw) }) },
    9: { bytes: 1, convert: raw => ({ type: 'bool', data: new Uint8Array(raw).map(value => (value ? 1 : 0)) }) },
    10: { bytes: 2, convert: raw => ({ type: 'float32', data: Float32Array.from(new Float16Array(raw)) }) },
    11: { bytes: 8, convert: raw => ({ type: 'float64', data: new Float64Array(raw) }) },
    16: { bytes: 2, convert: raw => ({ type: 'float32', data: bfloat16(new Uint16Array(raw)) }) },
  }
type Typed = { [T in Tensor['type']]: Pick<Extract<Tensor, { type: T }>, 'type' | 'data'> }[Tensor['type']]

/** bfloat16 is the upper half of a float32. */
const bfloat16 = (halves: Uint16Array): Float32Array =>
  new Float32Array(Uint32Array.from(halves, half => half << 16).buffer)

/** A tensor of a file. Float16 and bfloat16 are widened to float32. */
export function readTensor(proto: onnx.ITensorProto, source: Source): Tensor {
  const name = `tensor "${proto.name ?? ''}"`
  const damaged = (why: string): never => {
    throw new UserError(`cannot read ${source.file}: ${name} ${why}; the file is damaged, fetch or export it again`)
  }
  const code = proto.dataType ?? 0
  const layout = LAYOUTS[code]
  if (!layout)
    throw new UserError(
      `cannot read ${source.file}: ${name} has elements of type ${elementName(code)}, which Portolan does not support; export the model with float32 weights`,
    )
  const dims = (proto.dims ?? []).map(integer)
  const count = elements(dims)
  if (dims.some(dim => dim < 0) || count * layout.bytes > Number.MAX_SAFE_INTEGER)
    damaged(`has the impossible shape [${dims}]`)
  const size = count * layout.bytes
  const filled = (raw: Uint8Array | undefined): ArrayBufferLike => {
    if (raw?.byteLength !== size) damaged(`has ${raw?.byteLength ?? 0} bytes of data for a shape of ${size}`)
    // A copy, because views need their own alignment, and a small tensor should not keep all bytes of the file in
    // memory.
    const copy = new Uint8Array(size < SHARED_FROM ? new ArrayBuffer(size) : new SharedArrayBuffer(size))
    copy.set(raw ?? [])
    return copy.buffer
  }
  if (proto.dataLocation === EXTERNAL) {
    const bytes = readExternal(source.file, source.folder, location(proto, size, damaged))
    return { ...layout.convert(filled(bytes)), dims } as Tensor
  }
  // Protobuf sets an empty rawData on tensors that use the typed lists, too.
  const listed = proto.rawData?.length ? undefined : listedBytes(proto, code)
  return { ...layout.convert(filled(listed ?? proto.rawData ?? undefined)), dims } as Tensor
}

function location(proto: onnx.ITensorProto, size: number, damaged: (why: string) => never): ExternalLocation {
  const entries = new Map((proto.externalData ?? []).map(entry => [entry.key, entry.value ?? '']))
  const number = (key: string, otherwise: number): number => {
    const value = Number(entries.get(key) ?? otherwise)
    if (!Number.isSafeInteger(value) || value < 0) return damaged(`has the ${key} "${entries.get(key)}"`)
    return value
  }
  const length = number('length', size)
  if (length !== size) damaged(`has ${length} bytes of external data for a shape of ${size}`)
  return { location: entries.get('location') ?? '', offset: number('offset', 0), length: size }
}

/** The bytes of a tensor that is stored as a list of numbers. Small integers and halves share the int32 list. */
function listedBytes(proto: onnx.ITensorProto, code: number): Uint8Array {
  const bytes = (array: ArrayBufferView<ArrayBuffer>) => new Uint8Array(array.buffer)
  switch (code) {
    case 1:
      return bytes(Float32Array.from(proto.floatData ?? []))
    case 6:
      return bytes(Int32Array.from(proto.int32Data ?? []))
    case 7:
      return bytes(BigInt64Array.from(proto.int64Data ?? [], value => BigInt.asIntN(64, BigInt(String(value)))))
    case 10:
    case 16:
      return bytes(Uint16Array.from(proto.int32Data ?? []))
    case 11:
      return bytes(Float64Array.from(proto.doubleData ?? []))
    default:
      return bytes(Uint8Array.from(proto.int32Data ?? []))
  }
}
