import { freshNames, type Graph } from '../onnx/graph.ts'

/** Names of values that Portolan adds to graphs; see also `gradientOf` and `tangentOf`. */
const RESERVED = /^(portolan\/|grad:|tangent:)/

/**
 * Renames the values of a graph whose names are reserved for values that Portolan adds.
 * @returns the graph, and a function from original to new names
 */
export function withoutReservedNames(graph: Graph): {
  readonly graph: Graph
  readonly nameOf: (value: string) => string
} {
  const fresh = freshNames(graph)
  const renamed = new Map<string, string>()
  const values = [
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap(node => node.outputs),
  ]
  for (const value of values) if (RESERVED.test(value)) renamed.set(value, fresh(`model/${value}`))
  const nameOf = (value: string): string => renamed.get(value) ?? value
  if (renamed.size === 0 && !graph.nodes.some(node => RESERVED.test(node.name))) return { graph, nameOf }
  return {
    graph: {
      ...graph,
      nodes: graph.nodes.map(node => ({
        ...node,
        name: RESERVED.test(node.name) ? `model/${node.name}` : node.name,
        inputs: node.inputs.map(nameOf),
        outputs: node.outputs.map(nameOf),
      })),
      initializers: new Map([...graph.initializers].map(([name, tensor]) => [nameOf(name), tensor])),
      inputs: graph.inputs.map(info => ({ ...info, name: nameOf(info.name) })),
      outputs: graph.outputs.map(info => ({ ...info, name: nameOf(info.name) })),
    },
    nameOf,
  }
}
