import { freshNames, type Graph } from '../onnx/graph.ts'

/** Names that Portolan gives to values of its own; see also `gradientOf` and `tangentOf`. */
const RESERVED = /^(portolan\/|grad:|tangent:)/

/**
 * A graph in which no value has a name that Portolan gives to its own: those that have one get another.
 * @returns the graph, and the name that a value has in it by the name that it had
 */
export function withOwnNames(graph: Graph): { readonly graph: Graph; readonly nameOf: (value: string) => string } {
  const fresh = freshNames(graph)
  const given = new Map<string, string>()
  const values = [
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap(node => node.outputs),
  ]
  for (const value of values) if (RESERVED.test(value)) given.set(value, fresh(`model/${value}`))
  const nameOf = (value: string): string => given.get(value) ?? value
  if (given.size === 0 && !graph.nodes.some(node => RESERVED.test(node.name))) return { graph, nameOf }
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
