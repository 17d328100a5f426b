import { reason, UserError } from '../../contract/errors.ts'
import type { Inversion } from '../../contract/inversion.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { inputSize } from '../model/sidecar.ts'
import { inferShapes } from '../onnx/shapes.ts'
import { sizedFor } from './frame.ts'
import { activationGraph, IMAGE } from './readout.ts'
import { type Draw, drawnEdges } from './transform.ts'

/** Units of a layer, rows and columns, or why an image of some size has none. */
type Size = readonly [number, number] | { readonly why: string }

const known = new WeakMap<Classifier, Map<string, Size>>()

function sizeOf(classifier: Classifier, layer: Layer, edge: number): Size {
  const sizes = known.get(classifier) ?? new Map<string, Size>()
  known.set(classifier, sizes)
  const key = `${layer.tensor}/${edge}`
  const found = sizes.get(key) ?? inferred(classifier, layer, edge)
  sizes.set(key, found)
  return found
}

function inferred(classifier: Classifier, layer: Layer, edge: number): Size {
  try {
    const shapes = inferShapes(activationGraph(classifier, layer, 1), { bound: { [IMAGE]: [1, 3, edge, edge] } })
    const [, channels, rows, columns] = shapes.get(layer.tensor)?.shape ?? []
    if (channels !== layer.channels) return { why: `it would have ${channels} channels` }
    if (typeof rows === 'number' && typeof columns === 'number' && rows > 0 && columns > 0) return [rows, columns]
    return { why: 'it is left without a single unit' }
  } catch (cause) {
    return { why: reason(cause) }
  }
}

/**
 * Units of a layer, rows and columns, when the network is shown a square image.
 * @throws UserError when the network does not take the image up to the layer, or it is too small for the layer
 */
export function layerSize(classifier: Classifier, layer: Layer, edge: number): readonly [number, number] {
  const size = sizeOf(classifier, layer, edge)
  if (!('why' in size)) return size
  throw new UserError(
    edge < layer.receptiveField && size.why === 'it is left without a single unit'
      ? `cannot invert layer "${layer.name}": an image of ${edge} px leaves it without a single unit; use larger icons`
      : `cannot invert layer "${layer.name}": the network does not take images of ${edge} px up to it (${size.why}); its size is fixed, so choose an earlier layer, or export the model with free height and width`,
  )
}

/** How much of an image may be left out so that a network takes it: one that wants patches leaves out less than one. */
const SHARE = 1 / 4

/** The largest edge that the network takes, from one downwards. @throws UserError when it takes none near that one */
export function fittingEdge(classifier: Classifier, layer: Layer, edge: number): number {
  for (let less = edge; less > (1 - SHARE) * edge; less--) if (!('why' in sizeOf(classifier, layer, less))) return less
  layerSize(classifier, layer, edge)
  return edge
}

/**
 * A transform with a result that the network takes: where it refuses some sizes, a few pixels less.
 * @throws UserError when it takes no size near that one
 */
export function fitted(classifier: Classifier, layer: Layer, draw: Draw): Draw {
  const edge = fittingEdge(classifier, layer, draw.edge)
  const off = Math.floor((draw.edge - edge) / 2)
  return { ...draw, edge, lastOffset: [draw.lastOffset[0] + off, draw.lastOffset[1] + off] }
}

/**
 * Asked before any work: an atlas without icons is no use after an hour of sampling.
 * @throws UserError when the layer cannot be shown images of the sizes that an inversion makes
 */
export function requireInvertible(classifier: Classifier, layer: Layer, inversion: Inversion): void {
  const { size, transforms } = sizedFor(inversion, layer)
  const edges = 'views' in transforms ? transforms.views.map(view => Number(view.size)) : drawnEdges(size, transforms)
  for (const edge of [Math.min(...edges), Math.max(...edges), size]) fittingEdge(classifier, layer, edge)
}

/** Whether a layer can be inverted at other sizes than the network's own: not where a Reshape or a pool is tied to it. */
export function invertsAtAnySize(classifier: Classifier, layer: Layer): boolean {
  const { height, width } = inputSize(classifier.preprocessing)
  const edge = Math.max(height, width)
  // Even and odd multiples: a network may want patches of a size.
  return [2 * edge, 3 * edge].some(other => !('why' in sizeOf(classifier, layer, other)))
}
