import type { MaxPoolDerivative } from '../autodiff/options.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { requireFinite } from '../model/finite.ts'
import { headIdentity } from '../model/identity.ts'
import { activationOutput, type Samples, unitFeeds, unitGraph } from '../model/units.ts'
import type { Tensor } from '../onnx/tensor.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { attributing, attributionKey, attributionOutput } from './graph.ts'

interface Attributed {
  /** [samples, channels] */
  readonly activations: Float32Array
  /** [samples, classes] */
  readonly attributions: Float32Array
}

/** Activations and attributions of single units of photographs. */
export interface Attributor {
  /**
   * @param bytes   sRGB, [n, size, size, 3]
   * @param samples any number for each of the n photographs
   * @returns by layer name
   */
  run(bytes: Uint8Array, samples: Samples): Promise<ReadonlyMap<string, Attributed>>
  release(): Promise<void>
}

/**
 * Prepares the attribution of some layers.
 * @param pool the derivative of max-pooling: `exact` unless the project sets another
 * @throws UserError naming the operator, when one after a layer cannot be differentiated
 */
export async function createAttributor(
  classifier: Classifier,
  runtime: Runtime,
  layers: readonly Layer[],
  pool: MaxPoolDerivative = 'exact',
): Promise<Attributor> {
  const graph = unitGraph(classifier, layers, attributing(classifier, layers, pool))
  const key = `${attributionKey(layers, pool)} ${headIdentity(classifier)}`
  const program = await runtime.load(graph, { key })
  const finite = (tensor: Tensor | undefined, subject: string): Float32Array => {
    const values = floats(tensor)
    requireFinite(values, classifier.name, subject)
    return values
  }
  return {
    run: async (bytes, samples) => {
      const results = await program.run(unitFeeds(classifier, layers, bytes, samples))
      return new Map(
        layers.map(layer => [
          layer.name,
          {
            activations: finite(results[activationOutput(layer)], `the activations of layer "${layer.name}"`),
            attributions: finite(results[attributionOutput(layer)], `the attributions of layer "${layer.name}"`),
          },
        ]),
      )
    },
    release: () => program.release(),
  }
}

function floats(tensor: Tensor | undefined): Float32Array {
  if (tensor?.type !== 'float32') throw new TypeError(`expected float32, not ${tensor?.type ?? 'nothing'}`)
  return tensor.data
}
