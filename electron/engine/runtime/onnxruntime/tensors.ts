import { Tensor as OrtTensor } from 'onnxruntime-node'
import type { Tensor } from '../../onnx/tensor.ts'

export const toOrt = (tensor: Tensor): OrtTensor => {
  switch (tensor.type) {
    case 'bool':
      return new OrtTensor('bool', tensor.data, tensor.dims)
    case 'int64':
      return new OrtTensor('int64', tensor.data, tensor.dims)
    case 'float16':
      throw new Error('tensors of half precision cannot be run')
    default:
      return new OrtTensor(tensor.type, tensor.data, tensor.dims)
  }
}

/** @param keep whether the data stay in use here, so that the result needs a copy */
export function fromOrt({ type, data, dims }: OrtTensor, keep: boolean): Tensor {
  if (type === 'float32' && data instanceof Float32Array) return { type, dims, data: keep ? data.slice() : data }
  if (type === 'float64' && data instanceof Float64Array) return { type, dims, data: keep ? data.slice() : data }
  if (type === 'int64' && data instanceof BigInt64Array) return { type, dims, data: keep ? data.slice() : data }
  if (type === 'int32' && data instanceof Int32Array) return { type, dims, data: keep ? data.slice() : data }
  if (type === 'int8' && data instanceof Int8Array) return { type, dims, data: keep ? data.slice() : data }
  if ((type === 'bool' || type === 'uint8') && data instanceof Uint8Array)
    return { type, dims, data: keep ? data.slice() : data }
  throw new Error(`results of type ${type} are not supported`)
}
