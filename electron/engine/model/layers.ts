import { basename } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { sha256 } from '../images/read.ts'
import type { Graph } from '../onnx/graph.ts'
import type { Classifier, Layer } from './classifier.ts'
import { type Geometry, type Measured, measure } from './geometry.ts'
import { slugOf } from './labels.ts'
import { type Extent, inputSize } from './sidecar.ts'

/**
 * Named layers with their geometry, in the order in which the graph computes them.
 * @param tensors alias to tensor
 * @throws UserError when one has no channels or no positions
 */
export function measuredLayers(
  graph: Graph,
  input: string,
  size: Extent,
  tensors: ReadonlyMap<string, string>,
  file: string,
): readonly Layer[] {
  const geometry = geometryOf(graph, input, size)
  const order = new Map([...geometry.keys()].map((tensor, index) => [tensor, index]))
  return [...tensors]
    .map(([name, tensor]): Layer => {
      const measured = geometry.get(tensor)
      if (!measured)
        throw new UserError(
          `cannot use layer "${name}" of ${basename(file)}: "${tensor}" is not between the image and the logits, or has no channels at positions of the image; portolan model info ${file} lists the usable layers`,
        )
      return layer(name, tensor, measured)
    })
    .sort((a, b) => order.get(a.tensor)! - order.get(b.tensor)!)
}

const layer = (name: string, tensor: string, geometry: Geometry): Layer => {
  const { channels, height, width, stride, receptiveField } = geometry
  return { name, tensor, channels, height, width, stride, receptiveField }
}

/** The geometry of a loaded graph, by the size of its images: loading, graphs of layers and look-ups by name need it. */
const known = new WeakMap<Graph, Map<string, ReadonlyMap<string, Measured>>>()

function geometryOf(graph: Graph, input: string, size: Extent): ReadonlyMap<string, Measured> {
  const sizes = known.get(graph) ?? new Map<string, ReadonlyMap<string, Measured>>()
  known.set(graph, sizes)
  const key = `${size.height} × ${size.width}`
  const found = sizes.get(key) ?? measure(graph, input, size)
  sizes.set(key, found)
  return found
}

/** The geometry of every value of a classifier that can be a layer, at its own image size. */
const measuredValues = ({ graph, input, preprocessing }: Classifier): ReadonlyMap<string, Measured> =>
  geometryOf(graph, input, inputSize(preprocessing))

/** How a layer is held by the network, where that is not [N, C, H, W]. */
export const layoutOfLayer = (classifier: Classifier, { tensor }: Pick<Layer, 'tensor'>): Measured['layout'] =>
  measuredValues(classifier).get(tensor)?.layout

/** The part of a file name for a layer, with a checksum where characters were replaced. */
export function layerFileName(layer: string): string {
  const slug = slugOf(layer)
  return slug === layer ? slug : [slug, sha256(Buffer.from(layer)).slice(0, 6)].filter(Boolean).join('-')
}

/**
 * A layer by its alias or tensor, or any other value with channels and positions by its tensor.
 * @throws UserError that lists the layers
 */
export function findLayer(classifier: Classifier, name: string): Layer {
  const { layers, file } = classifier
  const named = layers.find(layer => layer.name === name) ?? layers.find(layer => layer.tensor === name)
  if (named) return named
  const geometry = measuredValues(classifier).get(name)
  if (geometry) return layer(name, name, geometry)
  const names = layers.map(layer => layer.name)
  const some = names.length > 3 ? `${names[0]} … ${names.at(-1)}` : names.join(', ')
  throw new UserError(
    `no layer "${name}" in ${basename(file)}: it has ${some || 'no named layers'} (portolan model info lists all)`,
    { exitCode: 2 },
  )
}

/**
 * The layer of a tensor, whatever its current name.
 * @param name the name of the returned layer; its current name by default
 */
export function layerAt(classifier: Classifier, tensor: string, name?: string): Layer {
  const { layers, file } = classifier
  const known = layers.find(layer => layer.tensor === tensor)
  const geometry = known ?? measuredValues(classifier).get(tensor)
  if (geometry) return layer(name ?? known?.name ?? tensor, tensor, geometry)
  throw new UserError(
    `cannot use ${basename(file)} for ${name ?? tensor}: "${tensor}" is not between its image and the logits "${classifier.head}"; use the model file that this was computed with`,
  )
}
