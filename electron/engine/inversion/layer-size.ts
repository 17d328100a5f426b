import { reason, UserError } from '../../contract/errors.ts'
import type { Inversion } from '../../contract/inversion.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { inputSize } from '../model/sidecar.ts'
import { inferShapes } from '../onnx/shapes.ts'
import { type Sized, sizedFor } from './frame.ts'
import { activationGraph, IMAGE } from './readout.ts'
import { type Draw, drawnEdges } from './transform.ts'

/** The reason for an image that is too small. */
const NO_UNITS = 'it would have no unit'

/** Units of a layer, rows and columns, or why an image of that size has none. */
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
    const [images, channels, rows, columns] = shapes.get(layer.tensor)?.shape ?? []
    // A Reshape with lengths of another size would take rows and columns for images.
    if (images !== 1) return { why: `it would be read as ${images} images` }
    if (channels !== layer.channels) return { why: `it would have ${channels} channels` }
    if (typeof rows === 'number' && typeof columns === 'number' && rows > 0 && columns > 0) return [rows, columns]
    return { why: NO_UNITS }
  } catch (cause) {
    return { why: reason(cause) }
  }
}

/**
 * Units of a layer, rows and columns, for a square image.
 * @throws UserError when the network does not accept the image up to the layer, or the image is too small for the layer
 */
export function layerSize(classifier: Classifier, layer: Layer, edge: number): readonly [number, number] {
  const size = sizeOf(classifier, layer, edge)
  if (!('why' in size)) return size
  throw new UserError(
    edge < layer.receptiveField && size.why === NO_UNITS
      ? `cannot invert layer "${layer.name}": it has no unit for an image of ${edge} px; use larger icons`
      : `cannot invert layer "${layer.name}": the network does not accept images of ${edge} px up to it (${size.why}); its size is fixed, so choose an earlier layer, or export the model with free height and width`,
  )
}

/** Maximum share of an edge to crop so that a network accepts it: less than one patch for a network of patches. */
const MAX_CROP = 1 / 4

/** The largest edge up to `edge` that the network accepts. @throws UserError when there is none close to it */
export function fittingEdge(classifier: Classifier, layer: Layer, edge: number): number {
  for (let smaller = edge; smaller > (1 - MAX_CROP) * edge; smaller--)
    if (!('why' in sizeOf(classifier, layer, smaller))) return smaller
  layerSize(classifier, layer, edge)
  return edge
}

/**
 * A transform with a result of a size that the network accepts, if necessary a few pixels smaller.
 * @throws UserError when it accepts no size close to it
 */
export function fitted(classifier: Classifier, layer: Layer, draw: Draw): Draw {
  const edge = fittingEdge(classifier, layer, draw.edge)
  const off = Math.floor((draw.edge - edge) / 2)
  return { ...draw, edge, lastOffset: [draw.lastOffset[0] + off, draw.lastOffset[1] + off] }
}

/**
 * A preset at a layer of a classifier, with every edge in pixels. Where the network takes images of one size only, icons
 * are made at this size.
 */
export function sizedAt(classifier: Classifier, layer: Layer, inversion: Inversion): Sized {
  return sizedFor(inversion, layer, fixedEdge(classifier, layer))
}

/** The edge of the images that a network takes, if it takes no others up to a layer. */
export const fixedEdge = (classifier: Classifier, layer: Layer): number | undefined =>
  invertsAtAnySize(classifier, layer) ? undefined : inputSize(classifier.preprocessing).height

/**
 * Checked before any work, so that an atlas does not fail after an hour of sampling.
 * @throws UserError when the layer does not accept images of the sizes of an inversion
 */
export function requireInvertible(classifier: Classifier, layer: Layer, inversion: Inversion): void {
  const { size, transforms, input } = sizedAt(classifier, layer, inversion)
  if (input !== undefined) {
    requireInputSize(classifier, layer, transforms)
    return
  }
  const edges = 'views' in transforms ? transforms.views.map(view => Number(view.size)) : drawnEdges(size, transforms)
  for (const edge of [Math.min(...edges), Math.max(...edges), size]) fittingEdge(classifier, layer, edge)
}

function requireInputSize(classifier: Classifier, layer: Layer, transforms: Inversion['transforms']): void {
  const { height, width } = inputSize(classifier.preprocessing)
  const fixed = `cannot invert layer "${layer.name}": the network takes images of ${height} × ${width} pixels only`
  if (height !== width) throw new UserError(`${fixed}, and icons are square; choose an earlier layer`)
  layerSize(classifier, layer, height)
  if (!('views' in transforms) && !transforms.fit)
    throw new UserError(
      `${fixed}, and this preset crops and scales them to other sizes; choose the preset atlas, draft, calm or recipe`,
    )
}

/**
 * Whether a layer can be inverted at other sizes than the network's: not where position embeddings, a Reshape or a pool
 * have a fixed size.
 */
export function invertsAtAnySize(classifier: Classifier, layer: Layer): boolean {
  const { height, width } = inputSize(classifier.preprocessing)
  const edge = Math.max(height, width)
  // Even and odd multiples: a network may require patches of a size.
  return [2 * edge, 3 * edge].some(other => !('why' in sizeOf(classifier, layer, other)))
}
