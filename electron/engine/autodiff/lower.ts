import { PORTOLAN } from '../onnx/builder.ts'
import type { Graph, Node } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/shapes.ts'
import { Calculus } from './calculus.ts'
import { composites } from './composites.ts'
import type { Lowering } from './lowering/lowering.ts'
import { maxPoolGrad } from './lowering/max-pool-grad.ts'
import { maxPoolTangent } from './lowering/max-pool-tangent.ts'
import { Site } from './rule.ts'

const LOWERINGS: ReadonlyMap<string, Lowering> = new Map([
  ['MaxPoolGrad', maxPoolGrad],
  ['MaxPoolTangent', maxPoolTangent],
])

/** Writes the composites of a graph as plain ONNX, which every runtime knows. */
export function lower(graph: Graph): Graph {
  if (!graph.nodes.some(node => node.domain === PORTOLAN)) return graph
  const g = new Calculus({ ...graph, nodes: [] }, inferShapes(graph, { composites }))
  for (const node of graph.nodes) for (const output of node.outputs) if (output) g.fresh(output)
  const renamed = new Map<string, string>()
  const rename = (name: string): string => renamed.get(name) ?? name
  for (const plain of graph.nodes) {
    const node: Node = { ...plain, inputs: plain.inputs.map(rename) }
    const lowering = node.domain === PORTOLAN ? LOWERINGS.get(node.op) : undefined
    if (lowering) renamed.set(node.outputs[0]!, lowering(g, new Site(node, new Set())))
    else g.append(node)
  }
  for (const { name } of graph.outputs)
    if (renamed.has(name))
      g.append({ op: 'Identity', domain: '', name, inputs: [rename(name)], outputs: [name], attributes: {} })
  return g.build(graph.name, graph.outputs, graph.opset)
}
