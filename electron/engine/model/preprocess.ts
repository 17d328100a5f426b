import { GraphBuilder } from '../onnx/builder.ts'
import { type Graph, int, type ValueInfo } from '../onnx/graph.ts'
import { float32 } from '../onnx/tensor.ts'
import type { Classifier } from './classifier.ts'
import { inputSize, type Preprocessing } from './sidecar.ts'

/** The parts of a classifier that define its input. */
type InputOf = Pick<Classifier, 'input' | 'preprocessing'>

/** Name of the input that `withBytes` adds. */
export const BYTES = 'portolan/bytes'
/** Name of the input that `withUnitRgb` adds. */
export const RGB = 'portolan/rgb'

/**
 * The network's input for a colour p in 0…1 is scale · p + offset, for each channel in the network's order:
 * (lo + p·(hi − lo) − mean) / std. All preprocessing uses it.
 */
export function colourScale({ range: [lo, hi], mean, std }: Preprocessing): { scale: number[]; offset: number[] } {
  return { scale: std.map(s => (hi - lo) / s), offset: mean.map((m, channel) => (lo - m) / std[channel]!) }
}

/**
 * Photographs as the network's input, for callers that try many preprocessings on one loaded graph.
 * @param bytes sRGB, [n, height, width, 3]
 * @returns [n, 3, height, width]
 */
export function prepare(bytes: Uint8Array, preprocessing: Preprocessing): Float32Array {
  const { channels } = preprocessing
  const { height, width } = inputSize(preprocessing)
  const { scale, offset } = colourScale(preprocessing)
  const plane = height * width
  const numbers = new Float32Array(bytes.length)
  for (let start = 0; start < bytes.length; start += 3 * plane)
    for (let channel = 0; channel < 3; channel++) {
      const colour = start + (channels === 'BGR' ? 2 - channel : channel)
      const target = start + channel * plane
      for (let pixel = 0; pixel < plane; pixel++)
        numbers[target + pixel] = (bytes[colour + 3 * pixel]! / 255) * scale[channel]! + offset[channel]!
    }
  return numbers
}

/**
 * A graph that takes decoded photographs.
 * @param graph reads `target.input`, [N, 3, H, W] in the network's numbers
 * @returns the graph with the input BYTES instead: uint8 sRGB, [N, H, W, 3]
 */
export function withBytes(graph: Graph, target: InputOf): Graph {
  const [n, , h, w] = imageInput(graph, target).shape
  return prefixed(graph, target, { name: BYTES, type: 'uint8', shape: [n!, h!, w!, 3] }, 255, (g, bytes) =>
    g.transpose(g.node('Cast', [bytes], { to: int(1) }), [0, 3, 1, 2]),
  )
}

/**
 * A graph that takes the images of an optimiser.
 * @param graph reads `target.input`, [N, 3, H, W] in the network's numbers
 * @returns the graph with the input RGB instead: float32, 0…1, [N, 3, H, W]
 */
export function withUnitRgb(graph: Graph, target: InputOf): Graph {
  const { shape } = imageInput(graph, target)
  return prefixed(graph, target, { name: RGB, type: 'float32', shape }, 1, (_, rgb) => rgb)
}

/** @param white the value of white in the result of `planes`: RGB, [N, 3, H, W] */
function prefixed(
  graph: Graph,
  { input, preprocessing }: InputOf,
  image: ValueInfo,
  white: number,
  planes: (g: GraphBuilder, image: string) => string,
): Graph {
  const g = new GraphBuilder({ ...graph, inputs: graph.inputs.filter(({ name }) => name !== input) })
  const { scale, offset } = colourScale(preprocessing)
  const constant = (values: number[]) => g.shared(float32([1, 3, 1, 1], values))
  let x = planes(g, g.input(image))
  if (preprocessing.channels === 'BGR') x = g.node('Gather', [x, g.integers([2, 1, 0])], { axis: int(1) })
  x = g.mul(x, constant(scale.map(factor => factor / white)))
  g.append({ op: 'Add', domain: '', name: input, inputs: [x, constant(offset)], outputs: [input], attributes: {} })
  const built = g.build(graph.name, graph.outputs, graph.opset)
  // The builder appends; the nodes that compute the input must come before those that read it.
  const prefix = built.nodes.slice(graph.nodes.length)
  return { ...built, nodes: [...prefix, ...graph.nodes] }
}

function imageInput(graph: Graph, { input }: InputOf): ValueInfo {
  const found = graph.inputs.find(({ name }) => name === input)
  if (!found) throw new Error(`graph "${graph.name}" does not read the image input "${input}"`)
  return found
}
