import type { Classifier, Layer } from '../model/classifier.ts'
import { requireFinite } from '../model/finite.ts'
import { layerIdentity } from '../model/identity.ts'
import { withPlanes } from '../model/planes.ts'
import { BYTES, withBytes } from '../model/preprocess.ts'
import { inputSize } from '../model/sidecar.ts'
import { extract } from '../onnx/graph.ts'
import type { Runtime } from '../runtime/runtime.ts'

/**
 * The activation grid of one photograph (Building Blocks of Interpretability, Distill 2018): the activations at every
 * position of a layer, to be inverted one by one.
 * @param bytes sRGB, [size, size, 3], at the model's input size
 * @returns [height · width, channels], row by row
 */
export async function activationGrid(
  classifier: Classifier,
  runtime: Runtime,
  layer: Layer,
  bytes: Uint8Array,
): Promise<Float32Array> {
  const size = inputSize(classifier.preprocessing)
  const { tensor, channels, height, width } = layer
  const output = { name: tensor, type: 'float32', shape: ['N', channels, height, width] } as const
  const program = await runtime.load(
    withBytes(extract(withPlanes(classifier, classifier.graph, [layer]), [output]), classifier),
    {
      key: `grid ${layerIdentity(classifier, layer)}`,
    },
  )
  try {
    const result = await program.run({ [BYTES]: { type: 'uint8', dims: [1, size.height, size.width, 3], data: bytes } })
    const values = result[tensor]!.data as Float32Array
    requireFinite(values, classifier.name, `the activations of layer "${layer.name}"`)
    return transposed(values, channels, height * width)
  } finally {
    await program.release()
  }
}

/** [rows, columns] as [columns, rows]. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length)
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c]!
  return result
}
