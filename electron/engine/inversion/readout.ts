import type { ImageParams } from '../../contract/inversion.ts'
import { lower } from '../autodiff/lower.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { withPlanes } from '../model/planes.ts'
import { RGB, withUnitRgb } from '../model/preprocess.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { append } from '../onnx/compose.ts'
import { extract, type Graph, pruned, type ValueInfo } from '../onnx/graph.ts'
import { atCentre } from './centre.ts'
import { imageOf } from './image.ts'
import { viewed } from './views.ts'

/** The input of `activationGraph`: red, green, blue in 0 … 1, [N, 3, h, w]. */
export const IMAGE = RGB

/** The network up to a layer, for a fixed number of images of any height and width. */
export function activationGraph(classifier: Classifier, layer: Layer, images: number): Graph {
  const upTo = extract(withPlanes(classifier, classifier.graph, [layer]), [
    { name: layer.tensor, type: 'float32', shape: [images, layer.channels, 'rows', 'columns'] },
  ])
  const sized = {
    ...upTo,
    inputs: upTo.inputs.map(input =>
      input.name === classifier.input ? { ...input, shape: [images, 3, 'h', 'w'] } : input,
    ),
  }
  return withUnitRgb(sized, classifier)
}

/** The finished pictures: `spectrum` [2·size, size/2+1, 3N] → [size², 3N] in 0 … 1. */
export function pictureGraph(size: number, icons: number, image: ImageParams | undefined): Graph {
  const g = new GraphBuilder()
  const x = g.input({ name: 'spectrum', type: 'float32', shape: [2 * size, size / 2 + 1, 3 * icons] })
  const [first, end] = [g.integers([0]), g.integers([size])]
  const full = { top: first, bottom: end, left: first, right: end }
  const rgb = imageOf(g, x, full, { size, window: size, icons, image })
  return g.build('pictures', [{ name: rgb, type: 'float32', shape: [size * size, 3 * icons] }])
}

/** A graph that computes the centre unit, and the radii that its feeds need (`centreFeeds`). */
export interface Centred {
  readonly graph: Graph
  readonly radii: readonly number[]
}

/**
 * Adds the network up to the centre unit of a layer.
 * @param edge of the image where the network takes one size only: known lengths tell what is repeated, such as the one mean
 *   of a pool as large as its layer, and what is not
 * @returns the unit's activation [N, channels], and the radii
 */
export function addCentre(
  g: GraphBuilder,
  image: string,
  classifier: Classifier,
  layer: Layer,
  icons: number,
  edge?: number,
): { readonly unit: string; readonly radii: readonly number[] } {
  const centred = atCentre(activationGraph(classifier, layer, icons), layer.tensor, icons, layer.channels)
  const unit: ValueInfo = { name: centred.unit, type: 'float32', shape: [icons, layer.channels] }
  const network = pruned(centred.g.build(`centre of ${layer.name}`, [unit]))
  const seen = edge === undefined ? image : g.reshape(image, [0, 3, edge, edge])
  const wires = Object.fromEntries(
    network.inputs.map(input => [input.name, input.name === IMAGE ? seen : g.input(input)]),
  )
  return { unit: append(g, network, wires, 'network/')[unit.name]!, radii: centred.radii }
}

/**
 * The activations of the centre unit for pictures in one view: `rgb` [size², 3N], the view (`viewFeeds`) and the
 * centre (`centreFeeds`) → [N, channels].
 */
export function centreGraph(classifier: Classifier, layer: Layer, size: number, icons: number): Centred {
  const g = new GraphBuilder()
  const rgb = g.input({ name: 'rgb', type: 'float32', shape: [size * size, 3 * icons] })
  const { unit, radii } = addCentre(g, viewed(g, rgb, icons, size), classifier, layer, icons)
  const output = { name: unit, type: 'float32', shape: [icons, layer.channels] } as const
  return { graph: pruned(lower(g.build(`activation of ${layer.name}`, [output]))), radii }
}
