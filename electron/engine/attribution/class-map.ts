import { lower } from '../autodiff/lower.ts'
import { gradient, gradientOf } from '../autodiff/reverse.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { requireFinite } from '../model/finite.ts'
import { atInputSize } from '../model/free-size.ts'
import { headIdentity, layerIdentity } from '../model/identity.ts'
import { withPlanes } from '../model/planes.ts'
import { BYTES, withBytes } from '../model/preprocess.ts'
import { inputSize } from '../model/sidecar.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { extract, type Graph } from '../onnx/graph.ts'
import { float32 } from '../onnx/tensor.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** Name of the input that selects a class, one-hot [N, classes], and of the output, [N, height, width]. */
const SEED = 'portolan/class'
const MAP = 'portolan/class map'

/**
 * Attribution of one class at every position of a layer: Σ_k a_k ∂logit_c/∂A[k, y, x], the same value as `attributing`
 * gives for every class at one position. Reverse mode: one pass for all positions of a class.
 */
function classMapGraph(classifier: Classifier, layer: Layer): Graph {
  const { tensor, height, width } = layer
  const { logits, labels } = classifier
  const info = { name: logits, type: 'float32', shape: ['N', labels.length] } as const
  const graph = withPlanes(classifier, atInputSize(classifier, [tensor, logits]), [layer])
  const derived = gradient({ ...graph, outputs: [info] }, { of: logits, seed: SEED, wrt: [tensor] })
  const g = new GraphBuilder(derived)
  const sum = g.reduceSum(g.mul(tensor, gradientOf(tensor)), [1], false)
  g.append({ op: 'Identity', domain: '', name: MAP, inputs: [sum], outputs: [MAP], attributes: {} })
  const built = lower(
    g.build(`class map of ${classifier.name}`, [{ name: MAP, type: 'float32', shape: ['N', height, width] }]),
  )
  return withBytes(extract(built, built.outputs), classifier)
}

/**
 * @param bytes sRGB, [height, width, 3], at the model's input size
 * @returns [height · width] of the layer, row by row, in logits
 * @throws UserError naming the operator, when one after the layer cannot be differentiated
 */
export async function classMap(
  classifier: Classifier,
  runtime: Runtime,
  layer: Layer,
  bytes: Uint8Array,
  index: number,
): Promise<Float32Array> {
  const size = inputSize(classifier.preprocessing)
  const program = await runtime.load(classMapGraph(classifier, layer), {
    key: `class map ${headIdentity(classifier)} ${layerIdentity(classifier, layer)}`,
  })
  try {
    const classes = classifier.labels.length
    const seed = float32([1, classes])
    seed.data[index] = 1
    const result = await program.run({
      [BYTES]: { type: 'uint8', dims: [1, size.height, size.width, 3], data: bytes },
      [SEED]: seed,
    })
    const values = result[MAP]!.data as Float32Array
    requireFinite(values, classifier.name, `the attributions of layer "${layer.name}"`)
    return values
  } finally {
    await program.release()
  }
}
