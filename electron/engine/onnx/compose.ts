import type { GraphBuilder } from './builder.ts'
import type { Graph } from './graph.ts'

/**
 * Appends a graph to one that is being built.
 * @param wires  for each input of the graph, the value of the builder that feeds it
 * @param prefix put before the names of the graph's own values
 * @returns for each of the graph's outputs, its name in the builder
 */
export function append(
  g: GraphBuilder,
  graph: Graph,
  wires: Readonly<Record<string, string>>,
  prefix: string,
): Record<string, string> {
  const names = new Map<string, string>(Object.entries(wires))
  for (const input of graph.inputs)
    if (!names.has(input.name)) throw new Error(`nothing feeds input "${input.name}" of graph "${graph.name}"`)
  for (const [name, tensor] of graph.initializers) names.set(name, g.initializer(tensor, `${prefix}${name}`))
  const renamed = (name: string): string => {
    if (!name) return ''
    const known = names.get(name)
    if (known === undefined) throw new Error(`graph "${graph.name}" reads "${name}" before any node computes it`)
    return known
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(renamed)
    const outputs = node.outputs.map(output => {
      if (!output) return ''
      const name = g.fresh(`${prefix}${output}`)
      names.set(output, name)
      return name
    })
    // Named by its first output, as the builder's other nodes are: names must be unique.
    g.append({ ...node, name: outputs.find(output => output !== '') ?? '', inputs, outputs })
  }
  return Object.fromEntries(graph.outputs.map(output => [output.name, renamed(output.name)]))
}
