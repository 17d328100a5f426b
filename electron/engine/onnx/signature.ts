import { UserError } from '../../contract/errors.ts'
import { varint } from './wire.ts'

/** Fields of a ModelProto by number, with their wire types: 0 a varint, 2 a length and that many bytes. */
const FIELDS: Readonly<Record<number, 0 | 2>> = {
  1: 0,
  2: 2,
  3: 2,
  4: 2,
  5: 0,
  6: 2,
  7: 2,
  8: 2,
  14: 2,
  20: 2,
  25: 2,
  26: 2,
}

/**
 * Distinguishes a truncated model from a file that is not a model, which protobuf alone cannot: any bytes may be a
 * message. Reads the outermost fields only.
 * @throws UserError unless the bytes are a complete sequence of a model's fields
 */
export function requireModel(bytes: Uint8Array, file: string): void {
  const why = defect(bytes)
  if (why) throw new UserError(`cannot read ${file}: ${why}`)
}

const NOT_ONNX = 'it is not an ONNX model; convert the network to ONNX (.onnx) first'

function defect(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'the file is empty; fetch or export the model again'
  if (new TextDecoder().decode(bytes.subarray(0, 40)).startsWith('version https://git-lfs'))
    return 'it is a Git LFS pointer, not the model itself; run "git lfs pull" or download the model'
  for (let position = 0; position < bytes.length; ) {
    const tag = varint(bytes, position)
    const wire = FIELDS[Math.floor(tag.value / 8)]
    if (wire === undefined || wire !== tag.value % 8) return NOT_ONNX
    const { value, end } = varint(bytes, tag.end)
    // One tag may match by chance. A model begins with its IR version, a small number.
    if (position === 0 && (wire !== 0 || value > 1000)) return NOT_ONNX
    position = wire === 2 ? end + value : end
    if (position > bytes.length)
      return `the file is truncated (it ends after ${bytes.length} bytes, within a field); fetch or copy it again`
  }
  return undefined
}
