import type { Classifier, Layer } from '../model/classifier.ts'
import { layoutOfLayer } from '../model/layers.ts'
import { attribute, extract, type Graph, type Node } from '../onnx/graph.ts'
import { float32, integers, type Tensor, type TypedTensor } from '../onnx/tensor.ts'
import { dot } from '../vectors/cosine.ts'

/**
 * The attribution matrix of a layer followed only by global average pooling and one linear layer:
 * attr_c = Σ_k a_k · W[k, c] / (H·W), at every unit of the layer.
 * @returns W / (H·W), [channels, classes]; undefined where any other operator is between the layer and the logits
 */
export function closedForm(classifier: Classifier, layer: Layer): TypedTensor<'float32'> | undefined {
  // Written for channels first; other layouts are differentiated.
  if (layoutOfLayer(classifier, layer)) return undefined
  const { graph, logits, labels } = classifier
  const start = { name: layer.tensor, type: 'float32', shape: ['N', layer.channels, 'H', 'W'] } as const
  const end = { name: logits, type: 'float32', shape: ['N', labels.length] } as const
  const tail = extract(graph, [end], [start])

  let value = layer.tensor
  let pooled = false
  let weights: TypedTensor<'float32'> | undefined
  for (const node of tail.nodes) {
    const [x, ...others] = node.inputs.filter(input => input !== '')
    const chained = x === value || (node.op === 'Add' && others[0] === value)
    if (!chained || !node.inputs.every(input => input === '' || input === value || tail.initializers.has(input)))
      return undefined
    value = node.outputs[0]!

    if (IDENTITIES.has(node.op)) continue
    if (!pooled) {
      if (!averagesAll(node, layer, tail)) return undefined
      pooled = true
    } else if (RESHAPING.has(node.op)) continue
    else if (weights === undefined) {
      weights = linear(node, tail)
      if (weights?.dims[0] !== layer.channels) return undefined
    } else if (node.op !== 'Add') return undefined
  }
  if (weights === undefined || value !== logits) return undefined
  return float32(
    weights.dims,
    weights.data.map(weight => weight / (layer.height * layer.width)),
  )
}

/** Operators that change only axes of length 1 after pooling, and keep the order of the channels. */
export const RESHAPING = new Set(['Flatten', 'Reshape', 'Squeeze', 'Unsqueeze'])
export const IDENTITIES = new Set(['Identity', 'Dropout'])

/** Whether a node is the mean over all units of the layer. */
function averagesAll(node: Node, { height, width }: Layer, graph: Graph): boolean {
  if (node.op === 'GlobalAveragePool') return true
  if (node.op === 'ReduceMean') {
    const operand = node.inputs[1] === undefined ? undefined : graph.initializers.get(node.inputs[1])
    const axes = operand ? integers(operand) : (attribute(node, 'axes', 'ints') ?? [])
    return axes.length === 2 && [2, 3].every(axis => axes.includes(axis) || axes.includes(axis - 4))
  }
  const [rows, columns] = attribute(node, 'kernel_shape', 'ints', [])
  const pads = attribute(node, 'pads', 'ints', [])
  return node.op === 'AveragePool' && rows === height && columns === width && pads.every(pad => pad === 0)
}

/**
 * The matrix [inputs, outputs] of a node that is a linear map, without its bias, which attribution does not depend on.
 */
export function linear(node: Node, graph: Graph): TypedTensor<'float32'> | undefined {
  const operand = graph.initializers.get(node.inputs[1] ?? '')
  if (operand?.type !== 'float32') return undefined
  if (node.op === 'MatMul' && operand.dims.length === 2) return operand
  if (node.op === 'Gemm') {
    if (attribute(node, 'transA', 'int', 0) !== 0) return undefined
    const alpha = attribute(node, 'alpha', 'float', 1)
    const matrix = attribute(node, 'transB', 'int', 0) === 0 ? operand : transposed(operand)
    return alpha === 1
      ? matrix
      : float32(
          matrix.dims,
          matrix.data.map(weight => alpha * weight),
        )
  }
  const [, , rows, columns] = operand.dims
  const pointwise = node.op === 'Conv' && rows === 1 && columns === 1 && attribute(node, 'group', 'int', 1) === 1
  return pointwise ? transposed(operand) : undefined
}

/** [a, b, 1 …] as [b, a]. */
export function transposed({ dims, data }: TypedTensor<'float32'>): TypedTensor<'float32'> {
  const [rows, columns] = [dims[0]!, dims[1]!]
  const out = new Float32Array(data.length)
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c]!
  return float32([columns, rows], out)
}

/**
 * Attributions of activations by a closed form.
 * @param activations [n, channels]
 * @returns [n, classes]
 */
export function byClosedForm(activations: Float32Array, { dims, data }: Tensor & TypedTensor<'float32'>): Float32Array {
  const [channels, classes] = [dims[0]!, dims[1]!]
  const n = activations.length / channels
  const out = new Float32Array(n * classes)
  // Sums in float64: one row at a time stays in the cache.
  const row = new Float64Array(classes)
  for (let sample = 0; sample < n; sample++) {
    row.fill(0)
    for (let k = 0; k < channels; k++) {
      const a = activations[sample * channels + k]!
      if (a === 0) continue
      for (let c = 0; c < classes; c++) row[c]! += a * data[k * classes + c]!
    }
    out.set(row, sample * classes)
  }
  return out
}

/**
 * Attributions of activations to one class by a closed form, summed in float64.
 * @param activations [n, channels]
 * @returns [n]
 */
export function columnByClosedForm(
  activations: Float32Array,
  { dims, data }: TypedTensor<'float32'>,
  index: number,
): Float32Array {
  const [channels, classes] = [dims[0]!, dims[1]!]
  const weights = Float32Array.from({ length: channels }, (_, k) => data[k * classes + index]!)
  return Float32Array.from({ length: activations.length / channels }, (_, row) =>
    dot(activations, row * channels, weights, 0, channels),
  )
}
