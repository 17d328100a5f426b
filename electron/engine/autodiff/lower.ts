import type { Graph, Node } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/shapes.ts'
import { Calculus } from './calculus.ts'
import { composites } from './composites.ts'
import type { Lowering } from './lowering/lowering.ts'
import { lrn, lrnGrad, lrnTangent } from './lowering/lrn.ts'
import { maxPoolGrad } from './lowering/max-pool-grad.ts'
import { maxPoolTangent } from './lowering/max-pool-tangent.ts'
import { pickRows } from './lowering/pick-rows.ts'
import { resize } from './lowering/resize.ts'
import { Site } from './rule.ts'

/** The lowerings of composites to standard ONNX. */
export const LOWERINGS: ReadonlyMap<string, Lowering> = new Map([
  ['MaxPoolGrad', maxPoolGrad],
  ['MaxPoolTangent', maxPoolTangent],
  ['LRN', lrn],
  ['LRNGrad', lrnGrad],
  ['LRNTangent', lrnTangent],
  ['PickRows', pickRows],
  ['Resize', resize],
])

/**
 * Replaces the composites of a graph by standard ONNX, which every runtime supports, LRN by operators that are fast
 * everywhere, and Resize by products that are the same everywhere, so it is also useful for graphs without derivatives. All values of the graph keep their names.
 */
export function lower(graph: Graph): Graph {
  if (!graph.nodes.some(node => LOWERINGS.has(node.op))) return graph
  const g = new Calculus({ ...graph, nodes: [] }, inferShapes(graph, { composites }))
  g.take(graph.nodes)
  const names = new Map<string, string>()
  for (const node of graph.nodes) {
    const lowering = LOWERINGS.get(node.op)
    if (lowering) names.set(lowering(g, new Site(node, new Set())), node.outputs[0]!)
    else g.append(node)
  }
  const { nodes, ...rest } = g.build(graph.name, graph.outputs, graph.opset)
  return { ...rest, nodes: nodes.map(node => renamed(node, names)) }
}

const renamed = (node: Node, names: ReadonlyMap<string, string>): Node => {
  const rename = (name: string): string => names.get(name) ?? name
  return { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) }
}
