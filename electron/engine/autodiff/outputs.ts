import type { Graph, Node, ValueInfo } from '../onnx/graph.ts'

/** Adds values of a graph as outputs under given names. */
export function named(graph: Graph, outputs: readonly (readonly [info: ValueInfo, value: string])[]): Graph {
  const identities = outputs.map(
    ([{ name }, value]): Node => ({
      op: 'Identity',
      domain: '',
      name,
      inputs: [value],
      outputs: [name],
      attributes: {},
    }),
  )
  return {
    ...graph,
    nodes: [...graph.nodes, ...identities],
    outputs: [...graph.outputs, ...outputs.map(([info]) => info)],
  }
}
