import { lower } from '../autodiff/lower.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { extract, type Graph, type ValueInfo } from '../onnx/graph.ts'
import { int64, type Tensor } from '../onnx/tensor.ts'
import type { Classifier, Layer } from './classifier.ts'
import { atInputSize } from './free-size.ts'
import { withPlanes } from './planes.ts'
import { BYTES, withBytes } from './preprocess.ts'
import { inputSize } from './sidecar.ts'

/**
 * Single units of layers, selected inside the graph: the runtime returns a few numbers instead of complete layers.
 * A sample is an image of the batch and, in each layer, one unit; M samples, N images.
 */

/** Name of the input with the image of each sample in the batch, int64 [M]. */
export const IMAGE_OF = 'portolan/image of sample'
/** Name of the input with the unit of each sample in a layer, y · W + x, int64 [M]. */
export const unitInput = (layer: Layer): string => `portolan/unit/${layer.name}`
/** Name of the output with the activations of the samples in a layer, [M, channels]. */
export const activationOutput = (layer: Layer): string => `portolan/activation/${layer.name}`

/** Adds outputs for every sample to a graph with the inputs and outputs of `unitGraph`. */
export type Extension = (graph: Graph) => Graph

/**
 * One forward pass from photographs to units.
 * @param extend adds outputs before nodes that no output depends on are removed; its image input is the classifier's
 * @returns a graph with the inputs BYTES [N, height, width, 3], IMAGE_OF and one `unitInput` a layer
 */
export function unitGraph(classifier: Classifier, layers: readonly Layer[], extend: Extension = graph => graph): Graph {
  const tensors = layers.map(layer => layer.tensor)
  const g = new GraphBuilder(withPlanes(classifier, atInputSize(classifier, tensors), layers))
  const imageOf = g.input({ name: IMAGE_OF, type: 'int64', shape: ['M'] })
  const outputs = layers.map((layer): ValueInfo => {
    const { channels, tensor } = layer
    const unit = g.input({ name: unitInput(layer), type: 'int64', shape: ['M'] })
    const plane = layer.height * layer.width
    // The index of each sample's first channel in the flattened layer, and the offsets of the others.
    const first = g.add(g.mul(imageOf, g.shared(int64([channels * plane], []))), unit)
    const steps = int64(
      Array.from({ length: channels }, (_, k) => k * plane),
      [1, channels],
    )
    const places = g.add(g.node('Unsqueeze', [first, g.integers([1])]), g.initializer(steps, 'channels'))
    const output = activationOutput(layer)
    g.append({
      op: 'Gather',
      domain: '',
      name: output,
      inputs: [g.reshape(tensor, [-1]), places],
      outputs: [output],
      attributes: {},
    })
    return { name: output, type: 'float32', shape: ['M', channels] }
  })
  const extended = extend(g.build(`units of ${classifier.name}`, outputs))
  return withBytes(extract(lower(extended), extended.outputs), classifier)
}

/** The units of samples: `units` has y · W + x for each layer by its name. */
export interface Samples {
  readonly imageOf: readonly number[]
  readonly units: ReadonlyMap<string, readonly number[]>
}

/** Feeds of a `unitGraph`. @param bytes sRGB, [n, height, width, 3] */
export function unitFeeds(
  { preprocessing }: Classifier,
  layers: readonly Layer[],
  bytes: Uint8Array,
  samples: Samples,
): Record<string, Tensor> {
  const { height, width } = inputSize(preprocessing)
  const n = bytes.length / (height * width * 3)
  const feeds: Record<string, Tensor> = {
    [BYTES]: { type: 'uint8', dims: [n, height, width, 3], data: bytes },
    [IMAGE_OF]: int64(samples.imageOf),
  }
  for (const layer of layers) feeds[unitInput(layer)] = int64(samples.units.get(layer.name)!)
  return feeds
}
