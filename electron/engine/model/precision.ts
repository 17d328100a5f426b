import { CODES } from '../onnx/elements.ts'
import type { Attribute, Graph, ValueInfo } from '../onnx/graph.ts'
import { float32, type Tensor } from '../onnx/tensor.ts'

const narrowed = (tensor: Tensor): Tensor =>
  tensor.type === 'float64' ? float32(tensor.dims, Float32Array.from(tensor.data)) : tensor

const info = (value: ValueInfo): ValueInfo => (value.type === 'float64' ? { ...value, type: 'float32' } : value)

function attributeOf(name: string, value: Attribute): Attribute {
  if (value.kind === 'tensor') return { ...value, value: narrowed(value.value) }
  const named = (name === 'to' || name === 'dtype') && value.kind === 'int' && value.value === CODES.float64
  return named ? { kind: 'int', value: CODES.float32 } : value
}

/**
 * Converts a model of double precision to single precision; others are unchanged. The relative rounding error of the
 * weights is about 1e-7.
 */
export function inSinglePrecision(graph: Graph): Graph {
  const double =
    graph.inputs.some(({ type }) => type === 'float64') ||
    [...graph.initializers.values()].some(({ type }) => type === 'float64') ||
    graph.nodes.some(({ attributes }) => attributes.to?.value === CODES.float64)
  if (!double) return graph
  return {
    ...graph,
    inputs: graph.inputs.map(info),
    outputs: graph.outputs.map(info),
    initializers: new Map([...graph.initializers].map(([name, tensor]) => [name, narrowed(tensor)])),
    nodes: graph.nodes.map(node => ({
      ...node,
      attributes: Object.fromEntries(
        Object.entries(node.attributes).map(([name, value]) => [name, attributeOf(name, value)]),
      ),
    })),
  }
}
