import type { Classifier, Layer } from '../model/classifier.ts'
import { RGB, withUnitRgb } from '../model/preprocess.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { append } from '../onnx/compose.ts'
import { extract, type Graph } from '../onnx/graph.ts'
import { float32, type TypedTensor } from '../onnx/tensor.ts'
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

/**
 * What the network answers to pictures under one transform: `rgb` [size², 3N], the transform (`warpFeeds`) and
 * `centre` [1, 1, H, W] → [N, channels], the centre unit's activation.
 */
export function answerGraph(classifier: Classifier, layer: Layer, size: number, icons: number): Graph {
  const g = new GraphBuilder()
  const rgb = g.input({ name: 'rgb', type: 'float32', shape: [size * size, 3 * icons] })
  const centre = g.input({ name: 'centre', type: 'float32', shape: [1, 1, 'rows', 'columns'] })
  const image = new Warp(g, icons, size).forward(rgb)
  const activation = append(g, activationGraph(classifier, layer, icons), { [IMAGE]: image }, '')[layer.tensor]!
  const unit = g.reduceSum(g.mul(activation, centre), [2, 3], false)
  return g.build(`answer of ${layer.name}`, [{ name: unit, type: 'float32', shape: [icons, layer.channels] }])
}

/** 1 at the centre unit (H div 2, W div 2) of a layer, else 0. */
export function centreUnit(rows: number, columns: number): TypedTensor<'float32'> {
  const mask = float32([1, 1, rows, columns])
  mask.data[Math.floor(rows / 2) * columns + Math.floor(columns / 2)] = 1
  return mask
}
