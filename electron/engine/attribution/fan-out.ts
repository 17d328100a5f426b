import { UserError } from '../../contract/errors.ts'
import { batchPlace } from '../onnx/axes/factors.ts'
import { followAxes, type Place } from '../onnx/axes/follow.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { attribute, axisOf, type Graph, int, type Node, producers } from '../onnx/graph.ts'
import { int64 } from '../onnx/tensor.ts'

/**
 * Gives the tangents of a forward-mode derivative a separate batch axis, so that many tangents share the values of one
 * image. Before, tangents and images have one batch; after, tangents have the batch M, images the batch N, and `index`
 * is the image of each tangent. Where a node combines a tangent with a value of the images (the mask of a ReLU, the
 * position of a maximum), the rows of its image are gathered along the axis that contains the batch. The network itself
 * then runs once for all samples of an image.
 * @param graph    lowered, so that values computed from the images alone are as small as possible before they are
 *                 repeated;
 *                 tangents and images are inputs with one name for the batch, along the first axis
 * @param tangents names of the inputs from which all tangents come
 * @param images   names of the inputs that all other values depend on
 * @param index    name of an int64 value, [M]: the image of each tangent
 * @throws UserError naming operator and node where a node combines a tangent with a value in which images are mixed
 */
export function fanOut(graph: Graph, tangents: readonly string[], images: readonly string[], index: string): Graph {
  const places = followAxes(graph, [...images, ...tangents])
  const many = new Set(tangents)
  const repeater = new Repeater(graph, places, many, index, images[0]!)
  for (const node of graph.nodes) {
    if (!node.inputs.some(input => many.has(input))) {
      repeater.append(node)
      continue
    }
    for (const output of node.outputs) {
      if (!output) continue
      many.add(output)
      const place = places.get(output)
      if (place?.kind === 'mixed') refuseMixed(place.by)
    }
    repeater.append({ ...node, inputs: node.inputs.map(input => repeater.perTangent(input)) })
  }
  return repeater.build()
}

/** @throws UserError: the derivative cannot be computed sample by sample */
export function refuseMixed(node: Node): never {
  throw new UserError(
    `cannot attribute through ${node.op} "${node.name || node.outputs[0]}": Portolan cannot track the images of a batch through it; ` +
      'choose a layer after it, or export the model so that this node keeps the batch as a separate axis',
  )
}

/** Extends a graph by values of the images, gathered for each tangent. */
class Repeater {
  readonly #graph: Graph
  readonly #g: GraphBuilder
  readonly #places: ReadonlyMap<string, Place>
  readonly #many: ReadonlySet<string>
  readonly #index: string
  readonly #image: string
  readonly #producers: ReadonlyMap<string, Node>
  readonly #repeated = new Map<string, string>()
  readonly #rows = new Map<string, string>()
  #count: string | undefined

  constructor(
    graph: Graph,
    places: ReadonlyMap<string, Place>,
    many: ReadonlySet<string>,
    index: string,
    image: string,
  ) {
    this.#graph = graph
    this.#g = GraphBuilder.rewriting(graph)
    this.#places = places
    this.#many = many
    this.#index = index
    this.#image = image
    this.#producers = producers(graph)
  }

  append(node: Node): void {
    this.#g.append(node)
  }

  build(): Graph {
    return this.#g.build(this.#graph.name, this.#graph.outputs, this.#graph.opset)
  }

  /** A value of the images, gathered for each tangent; any other value unchanged. */
  perTangent(value: string): string {
    const place = this.#places.get(value)
    if (!place || this.#many.has(value)) return value
    const known = this.#repeated.get(value)
    if (known !== undefined) return known
    if (place.kind === 'mixed') refuseMixed(place.by)
    const repeated = place.kind === 'lengths' ? this.#lengths(value) : this.#gathered(value, place)
    this.#repeated.set(value, repeated)
    return repeated
  }

  #gathered(value: string, place: Place & { readonly kind: 'images' }): string {
    const { axis, outer, inner } = batchPlace(place.axes)!
    if (typeof outer !== 'number' || typeof inner !== 'number') refuseMixed(this.#producers.get(value)!)
    return this.#named('Gather', [value, this.#rowsOf(outer, inner)], value, { axis: int(axis) })
  }

  /**
   * The rows of each tangent's image along an axis with the factors, slowest first, `outer`, images and `inner`:
   * (o·N + image)·inner + i, in the same order.
   */
  #rowsOf(outer: number, inner: number): string {
    if (outer === 1 && inner === 1) return this.#index
    const key = `${outer} ${inner}`
    const known = this.#rows.get(key)
    if (known !== undefined) return known
    const g = this.#g
    const range = (count: number, dims: readonly number[]): string =>
      g.shared(
        int64(
          Array.from({ length: count }, (_, i) => i),
          dims,
        ),
      )
    const one = (value: number): string => g.shared(int64([value], []))
    const images = g.node('Unsqueeze', [this.#index, g.integers([0, 2])])
    const blocks = g.mul(range(outer, [outer, 1, 1]), g.node('Shape', [this.#image], { end: int(1) }))
    const first = g.mul(outer === 1 ? images : g.add(blocks, images), one(inner))
    const rows = g.reshape(g.add(first, range(inner, [1, 1, inner])), [-1])
    this.#rows.set(key, rows)
    return rows
  }

  /** Lengths are not gathered but computed again, for as many images as there are tangents. */
  #lengths(value: string): string {
    const node = this.#producers.get(value)!
    if (node.op === 'Shape') return this.#shape(node)
    if (node.op === 'Size')
      return this.#g.node('ReduceProd', [this.#shape({ ...node, attributes: {} })], { keepdims: int(0) })
    const inputs = node.inputs.map(input => this.perTangent(input))
    return this.#named(node.op, inputs, value, node.attributes)
  }

  #shape(node: Node): string {
    const g = this.#g
    const measured = node.inputs[0]!
    const place = this.#places.get(measured)
    if (place?.kind === 'mixed') refuseMixed(place.by)
    if (place?.kind !== 'images') return node.outputs[0]!
    const { axis, outer, inner } = batchPlace(place.axes)!
    const rank = place.axes.length
    if (typeof outer !== 'number' || typeof inner !== 'number') refuseMixed(node)
    this.#count ??= g.node('Shape', [this.#index])
    const length = outer * inner === 1 ? this.#count : g.mul(this.#count, g.integers([outer * inner]))
    const part = (from: number, to: number): string[] =>
      from < to ? [g.node('Shape', [measured], { start: int(from), end: int(to) })] : []
    const [start, end] = [attribute(node, 'start', 'int', 0), attribute(node, 'end', 'int', rank)].map(at =>
      Math.max(0, Math.min(axisOf(at, rank), rank)),
    )
    if (axis < start! || axis >= end!) return node.outputs[0]!
    return g.concat([...part(start!, axis), length, ...part(axis + 1, end!)], 0)
  }

  #named(op: string, inputs: readonly string[], value: string, attributes: Node['attributes']): string {
    const output = this.#g.fresh(`${value} of each tangent`)
    this.#g.append({ op, domain: '', name: output, inputs, outputs: [output], attributes })
    return output
  }
}
