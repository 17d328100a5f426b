import { basename } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { sha256 } from '../images/read.ts'
import type { Graph } from '../onnx/graph.ts'
import type { Classifier, Layer } from './classifier.ts'
import { type Geometry, measure } from './geometry.ts'
import { slugOf } from './labels.ts'
import { type Extent, inputSize } from './sidecar.ts'

/**
 * Named layers with their geometry, in the order in which the graph computes them.
 * @param tensors alias to tensor
 * @throws UserError when one has no height and width
 */
export function measuredLayers(
  graph: Graph,
  input: string,
  size: Extent,
  tensors: ReadonlyMap<string, string>,
  file: string,
): readonly Layer[] {
  const geometry = measure(graph, input, size)
  const order = new Map([...geometry.keys()].map((tensor, index) => [tensor, index]))
  return [...tensors]
    .map(([name, tensor]): Layer => {
      const measured = geometry.get(tensor)
      if (!measured)
        throw new UserError(
          `cannot use layer "${name}" of ${basename(file)}: "${tensor}" is not between the image and the logits, or has no channels, height and width; portolan model info ${file} lists the usable layers`,
        )
      return layer(name, tensor, measured)
    })
    .sort((a, b) => order.get(a.tensor)! - order.get(b.tensor)!)
}

const layer = (name: string, tensor: string, geometry: Geometry): Layer => ({ name, tensor, ...geometry })

/** The part of a file name for a layer, with a checksum where characters were replaced. */
export function layerFileName(layer: string): string {
  const slug = slugOf(layer)
  return slug === layer ? slug : [slug, sha256(Buffer.from(layer)).slice(0, 6)].filter(Boolean).join('-')
}

/**
 * A layer by its alias or tensor, or any other value with channels, height and width by its tensor.
 * @throws UserError that lists the layers
 */
export function findLayer(classifier: Classifier, name: string): Layer {
  const { graph, input, preprocessing, layers, file } = classifier
  const named = layers.find(layer => layer.name === name) ?? layers.find(layer => layer.tensor === name)
  if (named) return named
  const geometry = measure(graph, input, inputSize(preprocessing)).get(name)
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
  const { graph, input, preprocessing, layers, file } = classifier
  const known = layers.find(layer => layer.tensor === tensor)
  const geometry = known ?? measure(graph, input, inputSize(preprocessing)).get(tensor)
  if (geometry) return { ...geometry, name: name ?? known?.name ?? tensor, tensor }
  throw new UserError(
    `cannot use ${basename(file)} for ${name ?? tensor}: "${tensor}" is not between its image and the logits "${classifier.head}"; use the model file that this was computed with`,
  )
}
