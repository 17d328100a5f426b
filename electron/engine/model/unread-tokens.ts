import { attribute, axisOf, type Graph, type Node } from '../onnx/graph.ts'
import { integers, type Tensor } from '../onnx/tensor.ts'
import type { Layout } from './layout.ts'

/** Operators whose result for a token depends on that token alone. */
const TOKENWISE = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Pow',
  'Sqrt',
  'Identity',
  'Relu',
  'Erf',
  'Tanh',
  'Sigmoid',
  'LayerNormalization',
])

/**
 * Whether all that reads a value takes none of its tokens of positions, as after the last block of a ViT, of which only the
 * token of the class is read: as a layer it would have no attributions.
 * @param readers of each value of the graph
 */
export function arePositionsUnread(
  value: string,
  { positions: [axis], channels, tokens }: Layout,
  readers: ReadonlyMap<string, readonly Node[]>,
  { initializers, outputs }: Graph,
): boolean {
  if (tokens === undefined || axis === undefined || tokens.before === 0) return false
  const open = [value]
  const seen = new Set(open)
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (outputs.some(({ name }) => name === at)) return false
    for (const node of readers.get(at) ?? []) {
      if (takesOnly(tokens.before, axis, node, at, initializers)) continue
      if (!isTokenwise(node, channels, initializers)) return false
      for (const output of node.outputs)
        if (output && !seen.has(output)) {
          seen.add(output)
          open.push(output)
        }
    }
  }
  return true
}

/** Whether a Gather or Slice takes tokens before those of the positions only. */
function takesOnly(
  before: number,
  axis: number,
  node: Node,
  value: string,
  constants: ReadonlyMap<string, Tensor>,
): boolean {
  const isPart = node.op === 'Slice'
  // Of other operators the operands are weights, and may be large.
  if (node.inputs[0] !== value || !(isPart || node.op === 'Gather')) return false
  const given = node.inputs.slice(1).map(name => constants.get(name))
  const [first, second, third] = given.map(tensor => (tensor ? integers(tensor) : undefined))
  if (!isPart)
    return attribute(node, 'axis', 'int', 0) === axis && !!first?.every(index => index >= 0 && index < before)
  const [start, end, along] = [first?.[0], second?.[0], third?.length === 1 ? third[0] : undefined]
  return along === axis && start !== undefined && end !== undefined && start >= 0 && end >= 0 && end <= before
}

function isTokenwise(node: Node, channels: number, constants: ReadonlyMap<string, Tensor>): boolean {
  if (TOKENWISE.has(node.op)) return true
  if (node.op === 'MatMul') return constants.get(node.inputs[1]!)?.dims.length === 2
  const axes = node.op === 'ReduceMean' ? attribute(node, 'axes', 'ints') : undefined
  return axes?.length === 1 && axisOf(axes[0]!, channels + 1) === channels
}
