import { GraphBuilder } from '../onnx/builder.ts'
import { attribute, type Graph, ints, type Node, producers, type ValueInfo } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/shapes.ts'
import { float32, int64, type Tensor } from '../onnx/tensor.ts'

/** Input that selects the unit: 1 at the unit, else 0, [H·W, 1]. */
const CENTRE: ValueInfo = { name: 'portolan/centre', type: 'float32', shape: ['units', 1] }
/** Inputs that select the window around it: its first row and column, and the ones after its last, int64 [2]. */
const start = (radius: number): ValueInfo => ({ name: `portolan/start.${radius}`, type: 'int64', shape: [2] })
const end = (radius: number): ValueInfo => ({ name: `portolan/end.${radius}`, type: 'int64', shape: [2] })

/**
 * The activation of one unit of a layer, [N, channels].
 *
 * Only the values that the unit depends on are computed: the unit in every branch of the last block, and its one window
 * of each convolution. The rest of the block is dropped, and its derivative with it. At mixed4c this saves a tenth of
 * all work, at mixed3b nearly half.
 * @param graph  computes `layer` [N, channels, H, W]; its outputs are irrelevant
 * @returns the extended graph's builder, the name of the unit's activation, and the radii that `centreFeeds` needs
 */
export function atCentre(
  graph: Graph,
  layer: string,
  images: number,
  channels: number,
): { readonly g: GraphBuilder; readonly unit: string; readonly radii: readonly number[] } {
  const producerOf = producers(graph)
  const shapes = inferShapes(graph)
  const depthOf = (value: string): number => {
    const depth = shapes.get(value)?.shape[1]
    if (typeof depth !== 'number') throw new Error(`the channels of "${value}" are unknown`)
    return depth
  }
  const g = new GraphBuilder(graph)
  const centre = g.input(CENTRE)
  const radii = new Map<number, readonly string[]>()
  const window = (value: string, radius: number, depth: number): string => {
    if (radius === 0) {
      // A product with the mask: its reverse is a product too, and far cheaper than padding a slice to the full size.
      const units = g.reshape(value, [images, depth, -1])
      return g.reshape(g.matmul(units, centre), [images, depth, 1, 1])
    }
    const bounds = radii.get(radius) ?? [g.input(start(radius)), g.input(end(radius))]
    radii.set(radius, bounds)
    const padded = g.pad(value, [0, 0, radius, radius, 0, 0, radius, radius])
    return g.node('Slice', [padded, ...bounds, g.integers([2, 3])])
  }
  /** The centre of a value, [N, depth, 1, 1]. */
  const centred = (value: string, depth: number): string => {
    const node = producerOf.get(value)
    if (node?.op === 'Concat' && [1, -3].includes(attribute(node, 'axis', 'int', 0)))
      return g.concat(
        node.inputs.map(input => centred(input, depthOf(input))),
        1,
      )
    if (node?.op === 'Relu') return g.node('Relu', [centred(node.inputs[0]!, depth)])
    const radius = node && radiusOf(node, graph)
    if (node === undefined || radius === undefined) return window(value, 0, depth)
    const { pads: _, auto_pad: __, ...attributes } = node.attributes
    const [x, ...parameters] = node.inputs
    return g.node('Conv', [window(x!, radius, depthOf(x!)), ...parameters], { ...attributes, pads: ints([0, 0, 0, 0]) })
  }
  const unit = g.reshape(centred(layer, channels), [images, channels])
  return { g, unit, radii: [...radii.keys()] }
}

/**
 * The radius of a convolution that keeps the size, in units; undefined for other nodes, or if its weights are computed.
 */
function radiusOf(node: Node, graph: Graph): number | undefined {
  if (node.op !== 'Conv') return undefined
  const dims = graph.initializers.get(node.inputs[1] ?? '')?.dims
  if (dims?.length !== 4 || dims[2] !== dims[3] || dims[2]! % 2 === 0) return undefined
  const radius = (dims[2]! - 1) / 2
  const plain = (name: string): boolean => attribute(node, name, 'ints', [1, 1]).every(value => value === 1)
  const padded = attribute(node, 'pads', 'ints', [0, 0, 0, 0]).every(pad => pad === radius)
  const auto = attribute(node, 'auto_pad', 'string', 'NOTSET')
  return plain('strides') && plain('dilations') && padded && auto === 'NOTSET' ? radius : undefined
}

/** Feeds that select the centre unit (H div 2, W div 2) of a layer. */
export function centreFeeds(rows: number, columns: number, radii: readonly number[]): Record<string, Tensor> {
  const [row, column] = [Math.floor(rows / 2), Math.floor(columns / 2)]
  const mask = float32([rows * columns, 1])
  mask.data[row * columns + column] = 1
  const feeds: Record<string, Tensor> = { [CENTRE.name]: mask }
  for (const radius of radii) {
    // In the padded value, the window around a unit starts at the unit's row and column.
    feeds[start(radius).name] = int64([row, column])
    feeds[end(radius).name] = int64([row + 2 * radius + 1, column + 2 * radius + 1])
  }
  return feeds
}
