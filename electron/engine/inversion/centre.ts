import { GraphBuilder } from '../onnx/builder.ts'
import { attribute, type Graph, ints, type Node, producers, type ValueInfo } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/shapes.ts'
import { float32, int64, type Tensor } from '../onnx/tensor.ts'

/** Input that chooses the unit: 1 there, else 0, [H·W, 1]. */
const CENTRE: ValueInfo = { name: 'portolan/centre', type: 'float32', shape: ['units', 1] }
/** Inputs that choose the window around it: its first row and column, and the ones behind its last, int64 [2]. */
const from = (reach: number): ValueInfo => ({ name: `portolan/from.${reach}`, type: 'int64', shape: [2] })
const behind = (reach: number): ValueInfo => ({ name: `portolan/behind.${reach}`, type: 'int64', shape: [2] })

/**
 * The activation of one unit of a layer, [N, channels].
 *
 * Only what reaches that unit is computed: the unit is asked of every branch of the last block, and of each
 * convolution only the one window that it looks at. The rest of the block is dropped, and its derivative with it. At
 * mixed4c this is a tenth of all work, at mixed3b nearly half.
 * @param graph  makes `layer` [N, channels, H, W]; its outputs do not matter
 * @returns the grown graph's builder, the name of the unit's activation, and the reaches that `centreFeeds` needs
 */
export function atCentre(
  graph: Graph,
  layer: string,
  images: number,
  channels: number,
): { readonly g: GraphBuilder; readonly unit: string; readonly reaches: readonly number[] } {
  const made = producers(graph)
  const shapes = inferShapes(graph)
  const depthOf = (value: string): number => {
    const depth = shapes.get(value)?.shape[1]
    if (typeof depth !== 'number') throw new Error(`the channels of "${value}" are unknown`)
    return depth
  }
  const g = new GraphBuilder(graph)
  const centre = g.input(CENTRE)
  const reaches = new Map<number, readonly string[]>()
  const window = (value: string, reach: number, depth: number): string => {
    if (reach === 0) {
      // A product with the mask: its reverse is one, too, and far cheaper than padding a slice back to the whole.
      const units = g.reshape(value, [images, depth, -1])
      return g.reshape(g.matmul(units, centre), [images, depth, 1, 1])
    }
    const bounds = reaches.get(reach) ?? [g.input(from(reach)), g.input(behind(reach))]
    reaches.set(reach, bounds)
    const padded = g.pad(value, [0, 0, reach, reach, 0, 0, reach, reach])
    return g.node('Slice', [padded, ...bounds, g.integers([2, 3])])
  }
  /** The centre of a value, [N, depth, 1, 1]. */
  const centred = (value: string, depth: number): string => {
    const node = made.get(value)
    if (node?.op === 'Concat' && [1, -3].includes(attribute(node, 'axis', 'int', 0)))
      return g.concat(
        node.inputs.map(input => centred(input, depthOf(input))),
        1,
      )
    if (node?.op === 'Relu') return g.node('Relu', [centred(node.inputs[0]!, depth)])
    const reach = node && reachOf(node, graph)
    if (node === undefined || reach === undefined) return window(value, 0, depth)
    const { pads: _, auto_pad: __, ...attributes } = node.attributes
    const [x, ...parameters] = node.inputs
    return g.node('Conv', [window(x!, reach, depthOf(x!)), ...parameters], { ...attributes, pads: ints([0, 0, 0, 0]) })
  }
  const unit = g.reshape(centred(layer, channels), [images, channels])
  return { g, unit, reaches: [...reaches.keys()] }
}

/** How far a convolution that keeps the size looks, in units; undefined when it is none, or its weights are computed. */
function reachOf(node: Node, graph: Graph): number | undefined {
  if (node.op !== 'Conv') return undefined
  const dims = graph.initializers.get(node.inputs[1] ?? '')?.dims
  if (dims?.length !== 4 || dims[2] !== dims[3] || dims[2]! % 2 === 0) return undefined
  const reach = (dims[2]! - 1) / 2
  const plain = (name: string): boolean => attribute(node, name, 'ints', [1, 1]).every(value => value === 1)
  const padded = attribute(node, 'pads', 'ints', [0, 0, 0, 0]).every(pad => pad === reach)
  const auto = attribute(node, 'auto_pad', 'string', 'NOTSET')
  return plain('strides') && plain('dilations') && padded && auto === 'NOTSET' ? reach : undefined
}

/** Feeds that choose the centre unit (H div 2, W div 2) of a layer. */
export function centreFeeds(rows: number, columns: number, reaches: readonly number[]): Record<string, Tensor> {
  const [row, column] = [Math.floor(rows / 2), Math.floor(columns / 2)]
  const mask = float32([rows * columns, 1])
  mask.data[row * columns + column] = 1
  const feeds: Record<string, Tensor> = { [CENTRE.name]: mask }
  for (const reach of reaches) {
    // Counted in the padded value, where the window around a unit begins at the unit's own row and column.
    feeds[from(reach).name] = int64([row, column])
    feeds[behind(reach).name] = int64([row + 2 * reach + 1, column + 2 * reach + 1])
  }
  return feeds
}
