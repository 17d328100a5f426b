import type { Classifier } from '../model/classifier.ts'
import type { TypedTensor } from '../onnx/tensor.ts'
import { IDENTITIES, linear, RESHAPING, transposed } from './closed-form.ts'

/**
 * The weights of the linear layer that computes the logits.
 * @returns [classes, inputs]; undefined where another operator computes them
 */
export function classWeights({ graph, logits, labels }: Classifier): TypedTensor<'float32'> | undefined {
  const producers = new Map(graph.nodes.flatMap(node => node.outputs.map(output => [output, node] as const)))
  for (let node = producers.get(logits); node !== undefined; ) {
    const passed = node.inputs.filter(input => input !== '' && !graph.initializers.has(input))
    const keeps = IDENTITIES.has(node.op) || RESHAPING.has(node.op) || node.op === 'Add'
    if (keeps && passed.length === 1) {
      node = producers.get(passed[0]!)
      continue
    }
    const weights = linear(node, graph)
    return weights?.dims[1] === labels.length ? transposed(weights) : undefined
  }
  return undefined
}
