import { CONSTANT, RULES } from '../autodiff/rules/table.ts'
import type { Classifier } from './classifier.ts'

/** A node that stands in the way of gradients. */
export interface Undifferentiable {
  readonly op: string
  readonly node: string
  /** Layers before it, whose attributions would have to pass it. */
  readonly layersBefore: readonly string[]
}

/**
 * Operators between image and logits that cannot be differentiated. They are no error until a gradient is asked for
 * that passes through one: of a layer behind it by the image, or of the logits by a layer before it.
 */
export function undifferentiable({ graph, input, layers }: Classifier): readonly Undifferentiable[] {
  /** For every value that depends on the image, the layers that it depends on. */
  const behind = new Map<string, ReadonlySet<string>>([[input, new Set()]])
  const names = new Map(layers.map(layer => [layer.tensor, layer.name]))
  const found: Undifferentiable[] = []
  for (const node of graph.nodes) {
    const sources = node.inputs.map(name => behind.get(name)).filter(source => source !== undefined)
    if (sources.length === 0) continue
    const before = new Set(sources.flatMap(source => [...source]))
    const known = node.domain === '' && (RULES.has(node.op) || CONSTANT.has(node.op))
    if (!known) found.push({ op: node.op, node: node.name, layersBefore: [...before] })
    for (const output of node.outputs) {
      const name = names.get(output)
      behind.set(output, name === undefined ? before : new Set([...before, name]))
    }
  }
  return found
}
