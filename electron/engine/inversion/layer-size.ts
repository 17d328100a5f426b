import { UserError } from '../../contract/errors.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { inferShapes } from '../onnx/shapes.ts'
import { activationGraph, IMAGE } from './answer.ts'

const known = new WeakMap<Classifier, Map<string, readonly [number, number]>>()

/**
 * Units of a layer, rows and columns, when the network is shown a square image.
 * @throws UserError when the image is too small for the layer
 */
export function layerSize(classifier: Classifier, layer: Layer, edge: number): readonly [number, number] {
  const sizes = known.get(classifier) ?? new Map<string, readonly [number, number]>()
  known.set(classifier, sizes)
  const key = `${layer.tensor}/${edge}`
  const found = sizes.get(key)
  if (found) return found
  const shapes = inferShapes(activationGraph(classifier, layer, 1), { bound: { [IMAGE]: [1, 3, edge, edge] } })
  const [, , rows, columns] = shapes.get(layer.tensor)?.shape ?? []
  if (typeof rows !== 'number' || typeof columns !== 'number' || rows < 1 || columns < 1)
    throw new UserError(
      `cannot invert layer "${layer.name}": an image of ${edge} px leaves it without a single unit; use larger icons`,
    )
  sizes.set(key, [rows, columns])
  return [rows, columns]
}
