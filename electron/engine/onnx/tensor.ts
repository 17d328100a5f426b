/** The element types of tensors, with their arrays. `bool` is one byte an element, 0 or 1. */
interface TensorData {
  readonly float32: Float32Array
  readonly float16: Float16Array
  readonly float64: Float64Array
  readonly int32: Int32Array
  readonly int64: BigInt64Array
  readonly int8: Int8Array
  readonly uint8: Uint8Array
  readonly bool: Uint8Array
}
export type TensorType = keyof TensorData

/** A dense row-major array. A scalar has dims []. */
export type Tensor = { [T in TensorType]: TypedTensor<T> }[TensorType]
export interface TypedTensor<T extends TensorType> {
  readonly type: T
  readonly dims: readonly number[]
  readonly data: TensorData[T]
}

export const elements = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1)

export const float32 = (dims: readonly number[], data?: Float32Array | readonly number[]): TypedTensor<'float32'> => ({
  type: 'float32',
  dims,
  data:
    data === undefined
      ? new Float32Array(elements(dims))
      : data instanceof Float32Array
        ? data
        : Float32Array.from(data),
})

const GREATEST = 2n ** 63n - 1n

/** A number as an int64. The greatest, which files use for "to the end", is no number of JavaScript: it would become negative. */
export function wholeNumber(value: number): bigint {
  const whole = BigInt(Math.trunc(value))
  return whole > GREATEST ? GREATEST : whole
}

/** A one-dimensional int64 tensor: ONNX's type of axes, pads and shapes. */
export const int64 = (values: readonly number[], dims: readonly number[] = [values.length]): TypedTensor<'int64'> => ({
  type: 'int64',
  dims,
  data: BigInt64Array.from(values, wholeNumber),
})

export const scalar = (value: number): TypedTensor<'float32'> => float32([], [value])

/**
 * The numbers of an integer tensor, as JavaScript numbers. Those beyond ±2⁵³, which files use for "to the end",
 * are clamped.
 */
export const integers = (tensor: Tensor): number[] =>
  Array.from<number | bigint, number>(tensor.data, value =>
    Math.min(Math.max(Number(value), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER),
  )

/** A tensor with a copy of the data, of exactly its number of elements. */
export const copy = (tensor: Tensor): Tensor => ({ ...tensor, data: tensor.data.slice() }) as Tensor
