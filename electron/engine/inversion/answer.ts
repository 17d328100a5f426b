import { lower } from '../autodiff/lower.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { RGB, withUnitRgb } from '../model/preprocess.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { append } from '../onnx/compose.ts'
import { extract, type Graph, pruned, type ValueInfo } from '../onnx/graph.ts'
import { atCentre } from './centre.ts'
import { SpectrumImage } from './image.ts'
import { Warp } from './warp.ts'

/** The input of `activationGraph`: red, green, blue in 0 … 1, [N, 3, h, w]. */
export const IMAGE = RGB

/** The network up to a layer, for a fixed number of images of any height and width. */
export function activationGraph(classifier: Classifier, layer: Layer, images: number): Graph {
  const upTo = extract(classifier.graph, [
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
export function pictureGraph(size: number, icons: number): Graph {
  const g = new GraphBuilder()
  const x = g.input({ name: 'spectrum', type: 'float32', shape: [2 * size, size / 2 + 1, 3 * icons] })
  const [first, behind] = [g.integers([0]), g.integers([size])]
  const view = { top: first, bottom: behind, left: first, right: behind }
  const rgb = new SpectrumImage(g, size, icons, size, view).forward(x)
  return g.build('pictures', [{ name: rgb, type: 'float32', shape: [size * size, 3 * icons] }])
}

/** A graph that looks at the centre unit, and the reaches that its feeds need (`centreFeeds`). */
export interface Centred {
  readonly graph: Graph
  readonly reaches: readonly number[]
}

/**
 * What the network answers to pictures under one transform: `rgb` [size², 3N], the transform (`warpFeeds`) and the
 * centre (`centreFeeds`) → [N, channels], the centre unit's activation.
 */
export function answerGraph(classifier: Classifier, layer: Layer, size: number, icons: number): Centred {
  const g = new GraphBuilder()
  const rgb = g.input({ name: 'rgb', type: 'float32', shape: [size * size, 3 * icons] })
  const image = new Warp(g, icons, size).forward(rgb)
  const looking = atCentre(activationGraph(classifier, layer, icons), layer.tensor, icons, layer.channels)
  const unit: ValueInfo = { name: looking.unit, type: 'float32', shape: [icons, layer.channels] }
  const network = pruned(lower(looking.g.build(`centre of ${layer.name}`, [unit])))
  const wires = Object.fromEntries(
    network.inputs.map(input => [input.name, input.name === IMAGE ? image : g.input(input)]),
  )
  const answer = append(g, network, wires, '')[unit.name]!
  return { graph: g.build(`answer of ${layer.name}`, [{ ...unit, name: answer }]), reaches: looking.reaches }
}
