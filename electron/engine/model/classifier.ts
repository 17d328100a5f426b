import type { Graph } from '../onnx/graph.ts'
import type { Preprocessing, Probabilities } from './sidecar.ts'

/** An image classifier that is loaded and prepared. */
export interface Classifier {
  readonly name: string
  /** Hash of the network's graph and weights, hex: part of every content key (see identity.ts). */
  readonly hash: string
  /** Absolute path of the .onnx file. */
  readonly file: string
  /**
   * Float32, constants folded, batch normalisation folded into convolutions; input with free batch, height and width.
   */
  readonly graph: Graph
  /** Name of the graph's image input, [N, 3, H, W] in the network's input range. */
  readonly input: string
  readonly preprocessing: Preprocessing
  /** Name of the value before the softmax or sigmoid, [N, classes]. */
  readonly logits: string
  /** How the logits become probabilities (`probabilitiesOf`). */
  readonly probabilities: Probabilities
  /** The tensor that the sidecar names as the logits: their identity, independent of how the graph was prepared. */
  readonly head: string
  /** `probabilities` of the sidecar; for a single score, `probabilities` above is that of the two classes. */
  readonly activation: Probabilities | undefined
  readonly labels: readonly Label[]
  /** The named layers, from the image to the logits. */
  readonly layers: readonly Layer[]
  readonly license: string
  readonly source: string
}

/** Class names are not unique ("crane" is a bird and a machine), so a class is identified by its index or synset. */
export interface Label {
  readonly index: number
  /** WordNet id such as n02012849, or '' where labels are plain names. */
  readonly synset: string
  /** The first name. */
  readonly name: string
  readonly synonyms: readonly string[]
}

export interface Layer {
  /** The field's name, mixed4c, or the tensor's name where the model has no alias for it. */
  readonly name: string
  readonly tensor: string
  readonly channels: number
  /** Units at the model's input size. */
  readonly height: number
  readonly width: number
  /** Pixels of the input between two neighbouring units. */
  readonly stride: number
  /** Edge of the square of input pixels that one unit depends on. */
  readonly receptiveField: number
}
