import { GraphBuilder } from './builder.ts'
import { attribute, axisOf, type Graph, int, type Node, producers } from './graph.ts'
import { type Inferred, inferShapes } from './shapes.ts'
import { broadcastArray } from './small-arrays.ts'
import { elements, int64, integers, type Tensor } from './tensor.ts'

/** Indices of a view, of two images: 4 million are the activations of a large layer. */
const MOST = 2 ** 22

/**
 * Views by strides, image by image. torch.export writes `as_strided` as one row of all elements of a batch, of which elements
 * are picked by indices: image · stride + places, where image is Range(0, batch). Where the stride is the number of elements
 * of an image, and the places are within one, each image is picked from itself, and the batch can stay an axis: a Reshape
 * where the places are in order, and otherwise a Gather along the elements of an image. Other views stay as they are: they
 * mix the images of a batch.
 */
export function stridedViews(graph: Graph): Graph {
  const made = producers(graph)
  const views = graph.nodes.filter(node => isPick(node) && isRow(made.get(node.inputs[0]!), graph.initializers))
  if (views.length === 0) return graph
  const known = shapesOf(graph)
  const g = GraphBuilder.rewriting(graph)
  for (const node of graph.nodes) {
    const view = views.includes(node) ? viewOf(node, graph, made, known) : undefined
    if (!view) {
      g.append(node)
      continue
    }
    const { x, places, dims } = view
    const inOrder = places.every((place, at) => place === at) && places.length === view.perImage
    const rows = inOrder
      ? x
      : g.node('Gather', [g.reshape(x, [0, view.perImage]), g.integers(places)], { axis: int(1) })
    g.append({ ...node, op: 'Reshape', inputs: [rows, g.integers([0, ...dims])], attributes: {} })
  }
  return g.build(graph.name, graph.outputs, graph.opset)
}

function shapesOf(graph: Graph): ReadonlyMap<string, Inferred> {
  try {
    return inferShapes(graph)
  } catch {
    // Said where the model is loaded, with the way out.
    return new Map()
  }
}

const isPick = (node: Node): boolean =>
  node.op === 'Gather' && node.domain === '' && attribute(node, 'axis', 'int', 0) === 0

/** A value as one row. */
function isRow(node: Node | undefined, constants: ReadonlyMap<string, Tensor>): boolean {
  const shape = node?.op === 'Reshape' ? constants.get(node.inputs[1]!) : undefined
  return shape !== undefined && integers(shape).join() === '-1'
}

interface View {
  /** The value that is viewed, [batch, …]. */
  readonly x: string
  readonly perImage: number
  /** Of the elements of an image, in the order of the view. */
  readonly places: readonly number[]
  /** Of the view of an image. */
  readonly dims: readonly number[]
}

function viewOf(
  node: Node,
  { initializers }: Graph,
  made: ReadonlyMap<string, Node>,
  known: ReadonlyMap<string, Inferred>,
): View | undefined {
  const x = made.get(node.inputs[0]!)!.inputs[0]!
  const [batch, ...lengths] = known.get(x)?.shape ?? []
  const own = lengths.filter(length => typeof length === 'number')
  if (batch === undefined || own.length !== lengths.length) return undefined
  const perImage = elements(own)
  const indicesFor = (images: number) => indicesOf(node.inputs[1]!, images, batch, { initializers, made, known })
  const [one, two] = [indicesFor(1), indicesFor(2)]
  if (one?.dims[0] !== 1 || two?.dims[0] !== 2 || two.values.length !== 2 * one.values.length) return undefined
  const isOfImages = two.values.every(
    (index, at) => index === one.values[at % one.values.length]! + (at < one.values.length ? 0 : perImage),
  )
  const isInside = one.values.every(place => place >= 0 && place < perImage)
  return isOfImages && isInside ? { x, perImage, places: one.values, dims: one.dims.slice(1) } : undefined
}

interface Indices {
  readonly dims: readonly number[]
  readonly values: readonly number[]
}

interface Known {
  readonly initializers: ReadonlyMap<string, Tensor>
  readonly made: ReadonlyMap<string, Node>
  readonly known: ReadonlyMap<string, Inferred>
}

/** Indices for a number of images: sums, and products by constants, of Range(0, batch); undefined for all else. */
function indicesOf(value: string, images: number, batch: number | string, from: Known): Indices | undefined {
  const constant = from.initializers.get(value)
  if (constant) return { dims: constant.dims, values: integers(constant) }
  const node = from.made.get(value)
  if (node?.domain !== '') return undefined
  const [a, b] = node.inputs
  const operand = (name: string | undefined) => (name ? indicesOf(name, images, batch, from) : undefined)
  if (node.op === 'Range') {
    const [start, limit, step] = node.inputs.map(name => from.known.get(name)?.content?.[0])
    return start === 0 && limit === batch && step === 1
      ? { dims: [images], values: [...new Array(images).keys()] }
      : undefined
  }
  const left = operand(a)
  if (!left) return undefined
  if (node.op === 'Identity') return left
  if (node.op === 'Unsqueeze') {
    const rank = left.dims.length + (from.initializers.get(b ?? '')?.data.length ?? 0)
    const axes = integers(from.initializers.get(b ?? '') ?? int64([])).map(axis => axisOf(axis, rank))
    const rest = [...left.dims]
    return {
      ...left,
      dims: Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!)),
    }
  }
  const right = operand(b)
  // A product of two ranges is no stride.
  const isLinear = node.op === 'Add' || (node.op === 'Mul' && [a, b].some(name => from.initializers.has(name!)))
  return right && isLinear ? joined(left, right, node.op === 'Add' ? (x, y) => x + y : (x, y) => x * y) : undefined
}

function joined(a: Indices, b: Indices, apply: (x: number, y: number) => number): Indices | undefined {
  const rank = Math.max(a.dims.length, b.dims.length)
  const [left, right] = [a, b].map(({ dims }) => [...new Array<number>(rank - dims.length).fill(1), ...dims])
  const dims = left!.map((length, axis) => (length === 1 ? right![axis]! : length))
  if (elements(dims) > MOST) return undefined
  const x = broadcastArray(a.values, a.dims, dims)
  const y = broadcastArray(b.values, b.dims, dims)
  return { dims, values: x.map((each, at) => apply(each, y[at]!)) }
}
