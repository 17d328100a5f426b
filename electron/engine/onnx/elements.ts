import type { TensorType } from './tensor.ts'

/** ONNX's codes of element types (TensorProto.DataType), for the types that Portolan uses. */
export const CODES: Readonly<Record<TensorType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
}

const NAMES: Readonly<Record<number, TensorType>> = {
  ...Object.fromEntries(Object.entries(CODES).map(([name, code]) => [code, name as TensorType])),
  /** bfloat16 has no array type; it is always converted to float32. */
  16: 'float32',
}

/** All names of the standard, for messages about types that Portolan does not use. */
const STANDARD = [
  'undefined, float, uint8, int8, uint16, int16, int32, int64, string, bool, float16, double, uint32, uint64',
  'complex64, complex128, bfloat16, float8e4m3fn, float8e4m3fnuz, float8e5m2, float8e5m2fnuz, uint4, int4, float4e2m1',
]
  .join(', ')
  .split(', ')

/** The element type of a code as the file has it. */
export const elementType = (code: number): TensorType | undefined => NAMES[code]

/**
 * The element type that a value is computed in: half precision is for storage only, so a float16 model is computed
 * in float32.
 */
export const widened = (type: TensorType): TensorType => (type === 'float16' ? 'float32' : type)

export const elementName = (code: number): string => STANDARD[code] ?? `type ${code}`
