import { GraphBuilder } from './builder.ts'
import { attribute, axesFrom, axisOf, type Graph, int, ints, type Node, without } from './graph.ts'
import { type Inferred, inferShapes } from './shapes.ts'

/** The node that is rewritten, its inputs and shapes, and the builder for the nodes that replace it. */
interface Site {
  readonly g: GraphBuilder
  readonly node: Node
  readonly inputs: readonly string[]
  readonly rank: number
  known(value: string): Inferred | undefined
}

/** Rewrites an operator in simpler ones; undefined where that is impossible, and the node stays unchanged. */
type Rewriting = (site: Site) => string | undefined

const reduce = (g: GraphBuilder, op: string, x: string, axes: readonly number[], keep = 1): string =>
  g.node(op, [x], { axes: ints(axes), keepdims: int(keep) })

/** (x − mean)/√(variance + ε), both over some axes. */
function standardised(g: GraphBuilder, x: string, axes: readonly number[], epsilon: number): string {
  const off = g.sub(x, reduce(g, 'ReduceMean', x, axes))
  const variance = reduce(g, 'ReduceMean', g.mul(off, off), axes)
  return g.div(off, g.sqrt(g.add(variance, g.scalar(epsilon))))
}

/** A value for each channel, reshaped to broadcast along the second axis of a value of some rank. */
const ofChannels = (g: GraphBuilder, value: string, rank: number): string =>
  g.reshape(value, [-1, ...new Array<number>(rank - 2).fill(1)])

/** y = (x − mean)/√(variance + ε)·scale + bias, over the axes from `axis` on. */
const layerNormalization: Rewriting = ({ g, node, inputs: [x, scale, bias], rank }) => {
  if (node.outputs.slice(1).some(Boolean)) return undefined
  const axis = attribute(node, 'axis', 'int', -1)
  const y = standardised(g, x!, axesFrom(axisOf(axis, rank), rank), attribute(node, 'epsilon', 'float', 1e-5))
  const scaled = g.mul(y, scale!)
  return bias ? g.add(scaled, bias) : scaled
}

/** The same over every channel of every image separately. */
const instanceNormalization: Rewriting = ({ g, node, inputs: [x, scale, bias], rank }) => {
  const y = standardised(g, x!, axesFrom(2, rank), attribute(node, 'epsilon', 'float', 1e-5))
  return g.add(g.mul(y, ofChannels(g, scale!, rank)), ofChannels(g, bias!, rank))
}

/** The same over groups of channels. Scale and bias are of each channel, or, before operator set 21, of each group. */
const groupNormalization: Rewriting = ({ g, node, inputs: [x, scale, bias], rank, known }) => {
  const groups = attribute(node, 'num_groups', 'int', 1)
  const channels = known(x!)?.shape[1]
  const each = known(scale!)?.shape[0]
  if (typeof channels !== 'number' || (each !== channels && each !== groups)) return undefined
  const grouped = g.reshape(x!, [0, groups, -1])
  const y = standardised(g, grouped, [2], attribute(node, 'epsilon', 'float', 1e-5))
  // The lengths come from x itself: several of them may be known only at run time.
  const back = (value: string): string => g.node('Reshape', [value, g.node('Shape', [x!])])
  if (each === channels) return g.add(g.mul(back(y), ofChannels(g, scale!, rank)), ofChannels(g, bias!, rank))
  const ofGroups = (value: string): string => g.reshape(value, [-1, 1])
  return back(g.add(g.mul(y, ofGroups(scale!)), ofGroups(bias!)))
}

/** √Σx² */
const reduceL2: Rewriting = ({ g, node, inputs: [x] }) =>
  g.sqrt(g.node('ReduceSum', [g.mul(x!, x!), ...axesInput(g, node)], without(node.attributes, 'axes')))

/** Σ|x| */
const reduceL1: Rewriting = ({ g, node, inputs: [x] }) =>
  g.node('ReduceSum', [g.node('Abs', [x!]), ...axesInput(g, node)], without(node.attributes, 'axes'))

/** Σx² */
const reduceSumSquare: Rewriting = ({ g, node, inputs: [x] }) =>
  g.node('ReduceSum', [g.mul(x!, x!), ...axesInput(g, node)], without(node.attributes, 'axes'))

function axesInput(g: GraphBuilder, node: Node): string[] {
  const axes = attribute(node, 'axes', 'ints')
  return axes ? [g.integers(axes)] : node.inputs.slice(1)
}

/** The lengths of axes of a value, each multiplied or divided by a number, as an operand. */
function lengths(
  g: GraphBuilder,
  x: string,
  parts: readonly (number | readonly [axis: number, op?: string, by?: number])[],
) {
  return g.concat(
    parts.map(part => {
      if (typeof part === 'number') return g.integers([part])
      const [axis, op, by] = part
      const length = g.node('Shape', [x], { start: int(axis), end: int(axis + 1) })
      return op ? g.node(op, [length, g.integers([by!])]) : length
    }),
    0,
  )
}

/** Blocks of channels become pixels: [N, b·b·c, H, W] as [N, c, H·b, W·b]. */
const depthToSpace: Rewriting = ({ g, node, inputs: [x], known }) => {
  const b = attribute(node, 'blocksize', 'int', 1)
  const channels = known(x!)?.shape[1]
  if (typeof channels !== 'number') return undefined
  const c = channels / (b * b)
  const depthFirst = attribute(node, 'mode', 'string', 'DCR') === 'DCR'
  const cut = g.node('Reshape', [x!, lengths(g, x!, [0, ...(depthFirst ? [b, b, c] : [c, b, b]), [2], [3]])])
  const transposed = g.transpose(cut, depthFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3])
  return g.node('Reshape', [transposed, lengths(g, x!, [0, c, [2, 'Mul', b], [3, 'Mul', b]])])
}

/** The inverse of DepthToSpace: [N, c, H·b, W·b] as [N, b·b·c, H, W]. */
const spaceToDepth: Rewriting = ({ g, node, inputs: [x], known }) => {
  const b = attribute(node, 'blocksize', 'int', 1)
  const channels = known(x!)?.shape[1]
  if (typeof channels !== 'number') return undefined
  const cut = g.node('Reshape', [x!, lengths(g, x!, [0, channels, [2, 'Div', b], b, [3, 'Div', b], b])])
  const transposed = g.transpose(cut, [0, 3, 5, 1, 2, 4])
  return g.node('Reshape', [transposed, lengths(g, x!, [0, channels * b * b, [2, 'Div', b], [3, 'Div', b]])])
}

/** Padding by reflection, by the edge (last row and column) or by wrapping round. */
const pad: Rewriting = ({ g, node, inputs: [x, padsName, , axesName], rank, known }) => {
  const mode = attribute(node, 'mode', 'string', 'constant')
  const pads = known(padsName!)?.content?.filter(value => typeof value === 'number')
  if (mode === 'constant' || axesName || pads?.length !== 2 * rank || pads.some(count => count < 0)) return undefined
  const END = 2 ** 31 - 1
  const part = (value: string, axis: number, count: number, side: 'before' | 'after'): string[] => {
    if (count === 0) return []
    const cut = (start: number, end: number, step = 1) => g.slice(value, [axis], [start], [end], [step])
    if (mode === 'edge') return new Array<string>(count).fill(side === 'before' ? cut(0, 1) : cut(-1, END))
    if (mode === 'wrap') return [side === 'before' ? cut(-count, END) : cut(0, count)]
    return [side === 'before' ? cut(count, 0, -1) : cut(-2, -2 - count, -1)]
  }
  return pads
    .slice(0, rank)
    .reduce(
      (value, before, axis) =>
        g.concat(
          [...part(value, axis, before, 'before'), value, ...part(value, axis, pads[axis + rank]!, 'after')],
          axis,
        ),
      x!,
    )
}

/** Operators that are rewritten in simpler ones. */
export const REWRITINGS: ReadonlyMap<string, Rewriting> = new Map([
  ['LayerNormalization', layerNormalization],
  ['InstanceNormalization', instanceNormalization],
  ['GroupNormalization', groupNormalization],
  ['ReduceL1', reduceL1],
  ['ReduceL2', reduceL2],
  ['ReduceSumSquare', reduceSumSquare],
  ['DepthToSpace', depthToSpace],
  ['SpaceToDepth', spaceToDepth],
  ['Pad', pad],
])

/**
 * The same function with fewer kinds of operators: normalisations, norms and rearrangements are rewritten as sums,
 * products
 * and reshapes, which every runtime supports and which have derivatives. Operators without a rewriting stay unchanged.
 */
export function decompose(graph: Graph): Graph {
  if (!graph.nodes.some(node => node.domain === '' && REWRITINGS.has(node.op))) return graph
  const shapes = inferShapes(graph)
  const g = GraphBuilder.rewriting(graph)
  for (const node of graph.nodes) {
    const rewriting = node.domain === '' ? REWRITINGS.get(node.op) : undefined
    const shape = shapes.get(node.inputs[0] ?? '')?.shape
    const result =
      rewriting && shape
        ? rewriting({ g, node, inputs: node.inputs, rank: shape.length, known: value => shapes.get(value) })
        : undefined
    // The value keeps its name: it may be a layer.
    g.append(
      result === undefined
        ? node
        : { ...node, op: 'Identity', inputs: [result], outputs: [node.outputs[0]!], attributes: {} },
    )
  }
  return g.build(graph.name, graph.outputs, graph.opset)
}
