import { CONSTANT, RULES } from '../autodiff/rules/table.ts'
import { attribute, type Node } from '../onnx/graph.ts'
import type { Classifier } from './classifier.ts'

/** A node without a derivative. */
interface Undifferentiable {
  readonly op: string
  readonly node: string
  /** Layers before it, which therefore have no attributions. */
  readonly layersBefore: readonly string[]
}

/**
 * Operators between image and logits that cannot be differentiated. They are an error only for a gradient through one:
 * of a layer after it with respect to the image, or of the logits with respect to a layer before it.
 */
export function undifferentiable({ graph, input, layers }: Classifier): readonly Undifferentiable[] {
  /** For every value that depends on the image, the layers that it depends on. */
  const layersOf = new Map<string, ReadonlySet<string>>([[input, new Set()]])
  const names = new Map(layers.map(layer => [layer.tensor, layer.name]))
  const found: Undifferentiable[] = []
  for (const node of graph.nodes) {
    const sources = node.inputs.map(name => layersOf.get(name)).filter(source => source !== undefined)
    if (sources.length === 0) continue
    const before = new Set(sources.flatMap(source => [...source]))
    const known = node.domain === '' && (hasRule(node) || CONSTANT.has(node.op))
    if (!known) found.push({ op: node.op, node: node.name, layersBefore: [...before] })
    for (const output of node.outputs) {
      const name = names.get(output)
      layersOf.set(output, name === undefined ? before : new Set([...before, name]))
    }
  }
  return found
}

/** A Pad by reflection or repetition is decomposed where its lengths are known; any that remains has no rule. */
const hasRule = (node: Node): boolean =>
  RULES.has(node.op) && (node.op !== 'Pad' || attribute(node, 'mode', 'string', 'constant') === 'constant')
