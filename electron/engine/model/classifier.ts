import type { Graph } from '../onnx/graph.ts'
import type { Preprocessing, Probabilities } from './sidecar.ts'

/** An image classifier that is ready to be looked into. */
export interface Classifier {
  readonly name: string
  /** Identity of the network, of graph and weights, hex: the root of every content key (see identity.ts). */
  readonly hash: string
  /** Absolute path of the .onnx file. */
  readonly file: string
  /** Float32, constants folded, batch normalisation folded into convolutions; input free in batch, height and width. */
  readonly graph: Graph
  /** Name of the graph's image input, [N, 3, H, W] in the network's own numbers. */
  readonly input: string
  readonly preprocessing: Preprocessing
  /** Name of the value before the softmax or sigmoid, [N, classes]. */
  readonly logits: string
  /** How the logits become probabilities (`probabilitiesOf`). */
  readonly probabilities: Probabilities
  /** The tensor that the sidecar names as the logits: their identity, however the graph was prepared. */
  readonly head: string
  /** What the sidecar says of probabilities: of a single score `probabilities` are those of two. */
  readonly activation: Probabilities | undefined
  readonly labels: readonly Label[]
  /** The named layers, from the image to the logits. */
  readonly layers: readonly Layer[]
  readonly license: string
  readonly source: string
}

/** Class names are not unique ("crane" is a bird and a machine), so a class is known by its index or synset. */
export interface Label {
  readonly index: number
  /** WordNet id such as n02012849, or '' where labels are plain names. */
  readonly synset: string
  /** The first name. */
  readonly name: string
  readonly synonyms: readonly string[]
}

export interface Layer {
  /** The field's name, mixed4c, or the tensor's own where the model has no alias for it. */
  readonly name: string
  readonly tensor: string
  readonly channels: number
  /** Units at the model's input size. */
  readonly height: number
  readonly width: number
  /** Pixels of the input between two neighbouring units. */
  readonly stride: number
  /** Edge of the square of input pixels that can reach one unit. */
  readonly receptiveField: number
}
