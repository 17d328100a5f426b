import { attribute, consumers, float, type Graph, type Node, producers } from './graph.ts'
import { inferShapes } from './shapes.ts'
import { elements, float32, type Tensor } from './tensor.ts'

/** A batch normalisation in inference: y = x · factor + offset, one of each per channel. */
interface Affine {
  readonly factor: Float64Array
  readonly offset: Float64Array
}

/** Operators that a following batch normalisation can be folded into, with the function that folds it. */
const foldable: Readonly<
  Record<string, (node: Node, weights: Tensor, bias: Tensor | undefined, bn: Affine) => Folded | undefined>
> = {
  Conv: (_, weights, bias, bn) => {
    const each = elements(weights.dims.slice(1))
    return folded(weights, bias, bn, at => Math.floor(at / each))
  },
  ConvTranspose: (node, weights, bias, bn) => {
    const group = attribute(node, 'group', 'int', 1)
    const [inputs, outputs] = [weights.dims[0]!, weights.dims[1]!]
    const each = elements(weights.dims.slice(2))
    return folded(weights, bias, bn, at => {
      const input = Math.floor(at / (each * outputs))
      return Math.floor(input / (inputs / group)) * outputs + (Math.floor(at / each) % outputs)
    })
  },
  Gemm: (node, weights, bias, bn) => {
    if (attribute(node, 'alpha', 'float', 1) !== 1 || attribute(node, 'beta', 'float', 1) !== 1) return undefined
    const columns = weights.dims[1]!
    return attribute(node, 'transB', 'int', 0)
      ? folded(weights, bias, bn, at => Math.floor(at / columns))
      : folded(weights, bias, bn, at => at % columns)
  },
}

interface Folded {
  readonly weights: Tensor
  readonly bias: Tensor
}

/** w' = w · factor, b' = b · factor + offset, of the output channel that a weight belongs to. */
function folded(
  weights: Tensor,
  bias: Tensor | undefined,
  { factor, offset }: Affine,
  channelOf: (at: number) => number,
): Folded | undefined {
  if (weights.type !== 'float32' || (bias && bias.data.length !== factor.length)) return undefined
  return {
    weights: float32(
      weights.dims,
      weights.data.map((value, at) => value * factor[channelOf(at)]!),
    ),
    bias: float32(
      [factor.length],
      Float32Array.from(factor, (value, channel) => Number(bias?.data[channel] ?? 0) * value + offset[channel]!),
    ),
  }
}

/**
 * Folds every BatchNormalization into the convolution or matrix product before it, when no other node reads the output
 * of that node, and replaces the others by Mul and Add. The output keeps the normalisation's name.
 * @param kept values that must stay, as well as the graph's outputs
 */
export function foldBatchNorm(graph: Graph, kept: ReadonlySet<string> = new Set()): Graph {
  if (!graph.nodes.some(isBatchNorm)) return graph
  const shapes = inferShapes(graph)
  const producerOf = producers(graph)
  const readersOf = consumers(graph)
  const outputs = new Set([...kept, ...graph.outputs.map(output => output.name)])
  const initializers = new Map(graph.initializers)
  const add = (name: string, tensor: Tensor): string => {
    initializers.set(name, tensor)
    return name
  }
  const absorbed = new Map<Node, Node>()
  const replaced = new Map<Node, readonly Node[]>()
  for (const node of graph.nodes.filter(isBatchNorm)) {
    const bn = affine(node, graph)
    const [x] = node.inputs
    const [y] = node.outputs
    const rank = shapes.get(x!)?.shape.length
    if (!bn || rank === undefined) continue
    const before = producerOf.get(x!)
    const soleReader = before && readersOf.get(x!)?.length === 1 && !outputs.has(x!) && before.domain === ''
    const weights = before && graph.initializers.get(before.inputs[1] ?? '')
    const bias = before?.inputs[2] ? graph.initializers.get(before.inputs[2]) : undefined
    const known = weights && (bias || !before.inputs[2])
    const result = soleReader && known && foldable[before.op]?.(before, weights, bias, bn)
    if (before && result) {
      const inputs = [before.inputs[0]!, add(`${y}.weight`, result.weights), add(`${y}.bias`, result.bias)]
      absorbed.set(before, { ...before, inputs, outputs: [y!] })
      replaced.set(node, [])
    } else {
      const dims = [bn.factor.length, ...new Array<number>(Math.max(0, rank - 2)).fill(1)]
      const factor = add(`${y}.factor`, float32(dims, Float32Array.from(bn.factor)))
      const offset = add(`${y}.offset`, float32(dims, Float32Array.from(bn.offset)))
      const scaled = `${y}.scaled`
      replaced.set(node, [
        { op: 'Mul', domain: '', name: scaled, inputs: [x!, factor], outputs: [scaled], attributes: {} },
        { op: 'Add', domain: '', name: node.name, inputs: [scaled, offset], outputs: [y!], attributes: {} },
      ])
    }
  }
  const nodes = graph.nodes.flatMap(node => replaced.get(node) ?? [absorbed.get(node) ?? node])
  return { ...graph, nodes, initializers }
}

const isBatchNorm = (node: Node): boolean => node.op === 'BatchNormalization' && node.domain === ''

/** factor = scale/√(variance + ε), offset = bias − mean · factor; undefined when they are not constants. */
function affine(node: Node, graph: Graph): Affine | undefined {
  const [scale, bias, mean, variance] = node.inputs.slice(1).map(input => graph.initializers.get(input)?.data)
  if (!scale || !bias || !mean || !variance) return undefined
  // The default is rounded to single precision, as an attribute is.
  const { value: epsilon } = node.attributes.epsilon ?? float(1e-5)
  const factor = Float64Array.from(
    { length: scale.length },
    (_, c) => Number(scale[c]) / Math.sqrt(Number(variance[c]) + Number(epsilon)),
  )
  return { factor, offset: factor.map((value, c) => Number(bias[c]) - Number(mean[c]) * value) }
}
