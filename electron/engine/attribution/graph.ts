import { derivative, tangentOf } from '../autodiff/forward.ts'
import { lower } from '../autodiff/lower.ts'
import type { MaxPoolDerivative } from '../autodiff/options.ts'
import { path } from '../autodiff/path.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { activationOutput, type Extension, IMAGE_OF, unitInput } from '../model/units.ts'
import { followAxes, type Place, type Places } from '../onnx/axes/follow.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import type { Graph, ValueInfo } from '../onnx/graph.ts'
import { int64 } from '../onnx/tensor.ts'
import { closedForm } from './closed-form.ts'
import { fanOut, refuseMixed } from './fan-out.ts'

/** Name of the output with the attributions of the samples in a layer to every class, [M, classes]. */
export const attributionOutput = (layer: Layer): string => `portolan/attribution/${layer.name}`

/** Identifies an attribution among those of one classifier, in content keys and keys of programs. */
export const attributionKey = (layers: readonly Layer[], pool: MaxPoolDerivative): string =>
  `attribution ${pool} ${JSON.stringify(layers.map(({ name, tensor }) => [name, tensor]))}`

/**
 * Attribution to every class by forward mode: attr_c = Σ_k a_k ∂logit_c/∂A[k, y, x] is the derivative of logit c
 * along the activation a itself, placed at its one position (Activation Atlas, Distill 2019, writes it with gradients).
 * So one forward-mode pass gives all classes, where reverse mode needs one pass for each. The network itself runs once
 * per image, for any number of samples and layers. The closed form is used where it exists.
 * @param pool derivative of max-pooling; has no effect after the last max-pooling
 * @returns an extension that adds one `attributionOutput` per layer to a unit graph with these layers
 */
export const attributing =
  (classifier: Classifier, layers: readonly Layer[], pool: MaxPoolDerivative): Extension =>
  graph => {
    const g = new GraphBuilder(graph)
    const directions = new Map<string, string>()
    for (const layer of layers) {
      const matrix = closedForm(classifier, layer)
      const output = attributionOutput(layer)
      if (matrix) appendNamed(g, 'MatMul', [activationOutput(layer), g.initializer(matrix, `${output} matrix`)], output)
      else directions.set(layer.name, appendDirection(g, layer))
    }
    let extended = g.build(graph.name, graph.outputs, graph.opset)

    // The derivatives are computed as if tangents and images had one batch; `fanOut` then assigns tangents to images.
    const { logits, labels, input } = classifier
    const names = new Map<string, string>()
    const places = directions.size > 0 ? followAxes(extended, [input]) : new Map<string, Place>()
    for (const layer of layers) {
      const direction = directions.get(layer.name)
      if (direction === undefined) continue
      requireBatch(graph, layer, logits, places)
      const tangent = `portolan/tangent/${layer.name}`
      const derived = derivative(extended, { of: [logits], wrt: layer.tensor, tangent, maxPool: pool })
      extended = {
        ...renamed(derived, new Map([[tangentOf(logits), attributionOutput(layer)]])),
        outputs: graph.outputs,
      }
      names.set(tangent, direction)
    }
    const attributions = layers.map(
      (layer): ValueInfo => ({ name: attributionOutput(layer), type: 'float32', shape: ['M', labels.length] }),
    )
    const lowered = lower({ ...extended, outputs: [...graph.outputs, ...attributions] })
    const fanned = fanOut(lowered, [...names.keys()], [input], IMAGE_OF)
    return renamed({ ...fanned, inputs: fanned.inputs.filter(({ name }) => !names.has(name)) }, names)
  }

/** @throws UserError naming a node between the layer and the logits that mixes the images of a batch */
function requireBatch(graph: Graph, layer: Layer, logits: string, places: Places): void {
  for (const { node } of path(graph, [layer.tensor], [logits]).steps) {
    const place = places.get(node.outputs[0]!)
    if (place?.kind === 'mixed') refuseMixed(place.by)
  }
}

/** The direction of each sample: its activation at its unit, zero elsewhere, [M, channels, height, width]. */
function appendDirection(g: GraphBuilder, layer: Layer): string {
  const { channels, height, width } = layer
  const place = g.node('Unsqueeze', [unitInput(layer), g.integers([1])])
  const units = g.shared(int64(Array.from({ length: height * width }, (_, unit) => unit)))
  const here = g.reshape(g.node('Equal', [place, units]), [-1, 1, height, width])
  return g.where(here, g.reshape(activationOutput(layer), [-1, channels, 1, 1]), g.scalar(0))
}

function appendNamed(g: GraphBuilder, op: string, inputs: readonly string[], output: string): void {
  g.append({ op, domain: '', name: output, inputs, outputs: [output], attributes: {} })
}

/** The same graph with some values renamed, and the nodes that have their names. */
function renamed(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const other = (name: string): string => names.get(name) ?? name
  const info = (value: ValueInfo): ValueInfo => ({ ...value, name: other(value.name) })
  return {
    ...graph,
    nodes: graph.nodes.map(node => ({
      ...node,
      name: other(node.name),
      inputs: node.inputs.map(other),
      outputs: node.outputs.map(other),
    })),
    inputs: graph.inputs.map(info),
    outputs: graph.outputs.map(info),
  }
}
