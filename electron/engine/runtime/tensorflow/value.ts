import * as tf from '@tensorflow/tfjs-core'
import { elements, type Tensor, type TensorType } from '../../onnx/tensor.ts'

/**
 * Integers, booleans and bytes that stay in JavaScript: lengths, indices and pads, which TensorFlow requires as
 * arguments, not as tensors. `int64` is stored as numbers.
 */
export interface Host {
  readonly kind: 'host'
  readonly type: TensorType
  readonly dims: readonly number[]
  readonly data: ArrayLike<number>
}

/** Channels first → channels last, and back. */
const LAST = [0, 2, 3, 1]
const FIRST = [0, 3, 1, 2]

/**
 * A tensor on TensorFlow's device. Four axes may be in two orders, [N, C, H, W] as in ONNX and [N, H, W, C] as in
 * TensorFlow's convolutions; the other order is computed once, on demand.
 */
export class Device {
  readonly kind = 'device'
  /** In ONNX's order. */
  readonly dims: readonly number[]
  #first: tf.Tensor | undefined
  #last: tf.Tensor | undefined

  private constructor(dims: readonly number[], first: tf.Tensor | undefined, last: tf.Tensor | undefined) {
    this.dims = dims
    this.#first = first
    this.#last = last
  }

  static first(tensor: tf.Tensor): Device {
    return new Device(tensor.shape, owned(tensor), undefined)
  }

  static last(tensor: tf.Tensor): Device {
    return new Device(
      FIRST.map(axis => tensor.shape[axis]!),
      undefined,
      owned(tensor),
    )
  }

  /** Whether only the order [N, H, W, C] exists. */
  get isLast(): boolean {
    return this.#first === undefined
  }

  get first(): tf.Tensor {
    this.#first ??= owned(transposed(this.#last!, FIRST))
    return this.#first
  }

  /** @throws unless it has four axes */
  get last(): tf.Tensor {
    this.#last ??= owned(transposed(this.#first!, LAST))
    return this.#last
  }

  get dtype(): tf.DataType {
    return (this.#first ?? this.#last!).dtype
  }

  dispose(): void {
    this.#first?.dispose()
    this.#last?.dispose()
  }
}

export type Value = Host | Device

/** A tensor that outlives its operator, until it is disposed; its data may be shared with another. */
const owned = (tensor: tf.Tensor): tf.Tensor => tf.keep(tensor.kept ? tf.clone(tensor) : tensor)

/** A transposition; where only one axis is longer than one, nothing moves. */
export function transposed(tensor: tf.Tensor, perm: readonly number[]): tf.Tensor {
  const shape = perm.map(axis => tensor.shape[axis]!)
  const long = perm.filter(axis => tensor.shape[axis]! > 1)
  if (long.every((axis, i) => i === 0 || axis > long[i - 1]!)) return tf.reshape(tensor, shape)
  return tf.transpose(tensor, [...perm])
}

export const host = (type: TensorType, dims: readonly number[], data: ArrayLike<number>): Host => ({
  kind: 'host',
  type,
  dims,
  data,
})

/** Lengths, indices, pads. */
export const integers = (numbers: readonly number[], dims: readonly number[] = [numbers.length]): Host =>
  host('int64', dims, numbers)

/** A feed: floating-point numbers are uploaded, the rest stays on the host. */
export function valueFrom({ type, dims, data }: Tensor): Value {
  if (type === 'float32') return Device.first(tf.tensor(data, [...dims], 'float32'))
  if (type === 'int64') return host(type, dims, Float64Array.from(data, Number))
  if (type === 'float64' || type === 'float16')
    throw new Error(`TensorFlow in JavaScript has no ${type}: a tensor of ${elements(dims)} elements is refused`)
  return host(type, dims, data)
}

/** A value on the device. @param dtype the type of a host value on the device */
export function uploaded(value: Value, dtype: 'float32' | 'int32' | 'bool'): Device {
  if (value.kind === 'device') return value
  const data = dtype === 'float32' ? Float32Array.from(value.data) : Int32Array.from(value.data)
  return Device.first(tf.tensor(dtype === 'bool' ? Uint8Array.from(data) : data, [...value.dims], dtype))
}

/** The numbers of a value with indices or lengths. @throws where it is computed on the device from an image */
export function numbersOf(value: Value | undefined, subject: string): number[] {
  if (value?.kind === 'host') return Array.from(value.data)
  if (value === undefined) throw new Error(`${subject} is missing`)
  return Array.from(value.first.dataSync())
}

/** A result for the caller. @param type declared by the graph */
export function tensorOf(value: Value, type: TensorType): Tensor {
  const { dims } = value
  const data = value.kind === 'host' ? value.data : value.first.dataSync()
  switch (type) {
    case 'float32':
      return { type, dims, data: Float32Array.from(data) }
    case 'int64':
      return { type, dims, data: BigInt64Array.from(Array.from(data, BigInt)) }
    case 'int32':
      return { type, dims, data: Int32Array.from(data) }
    case 'bool':
    case 'uint8':
      return { type, dims, data: Uint8Array.from(data) }
    default:
      throw new Error(`results of type ${type} are not supported`)
  }
}
