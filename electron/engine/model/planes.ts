import { GraphBuilder } from '../onnx/builder.ts'
import type { Graph } from '../onnx/graph.ts'
import type { Classifier, Layer } from './classifier.ts'
import { layoutOfLayer } from './layers.ts'
import { fromPlanes, toPlanes } from './layout.ts'

/**
 * A graph in which some layers are [N, C, H, W], under their names, whatever layout the network has them in: channels
 * last, or tokens. The network continues from these planes, and from the other tokens as they are, so that the
 * derivatives by a layer are those by its positions; a token of the class is not part of it.
 * @param graph of the classifier, or folded from it, with its names
 */
export function withPlanes(classifier: Classifier, graph: Graph, layers: readonly Layer[]): Graph {
  const others = layers.flatMap(layer => {
    const layout = layoutOfLayer(classifier, layer)
    return layout ? [[layer.tensor, { layer, layout }] as const] : []
  })
  if (others.length === 0) return graph
  const wanted = new Map(others)
  const g = GraphBuilder.rewriting(graph)
  /** By layer: the value that the network continues with. */
  const further = new Map<string, string>()
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(name => further.get(name) ?? name)
    const own = new Map(
      node.outputs.filter(name => wanted.has(name)).map(name => [name, g.fresh(`${name} of the network`)]),
    )
    g.append({ ...node, inputs, outputs: node.outputs.map(name => own.get(name) ?? name) })
    for (const [tensor, value] of own) {
      const { layer, layout } = wanted.get(tensor)!
      const { height, width } = layer
      const planes = toPlanes(g, value, layout, height, width)
      g.append({
        op: 'Identity',
        domain: '',
        name: g.fresh(`${tensor} in planes`),
        inputs: [planes],
        outputs: [tensor],
        attributes: {},
      })
      further.set(tensor, fromPlanes(g, value, tensor, layout, height * width))
    }
  }
  return g.build(graph.name, graph.outputs, graph.opset)
}
