import { UserError } from '../../contract/errors.ts'
import { batchPlace } from '../onnx/axes/factors.ts'
import { followAxes, type Place } from '../onnx/axes/follow.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { attribute, axisOf, type Graph, int, type Node, producers } from '../onnx/graph.ts'
import { int64 } from '../onnx/tensor.ts'

/**
 * Lets many tangents share the few values that they are taken at. In a graph of a forward-mode derivative the
 * tangents and the values have one batch; here the tangents get a batch of their own, M, and each says to which of the
 * N images it belongs. Wherever a tangent meets a value of the images (the mask of a ReLU, the place of a
 * maximum) it meets the rows of its image, along whichever axis carries the batch. The network itself is then run once
 * for all samples of an image.
 * @param graph    lowered: what is computed from the images alone is then as small as it gets before it is repeated;
 *                 tangents and images are inputs with one name for the batch, along the first axis
 * @param tangents names of the inputs from which all tangents come
 * @param images   names of the inputs from which all else comes
 * @param index    name of an int64 value, [M]: the image of each tangent
 * @throws UserError naming operator and node where a tangent meets a value in which images are mixed
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
      if (place?.kind === 'mixed') mixes(place.by)
    }
    repeater.append({ ...node, inputs: node.inputs.map(input => repeater.perTangent(input)) })
  }
  return repeater.build()
}

/** Says that a derivative cannot be taken sample by sample. */
export function mixes(node: Node): never {
  throw new UserError(
    `cannot attribute through ${node.op} "${node.name || node.outputs[0]}": after it Portolan cannot tell the images of a batch apart; ` +
      'choose a layer after it, or export the model with the batch as an axis of its own there',
  )
}

/** A graph that grows by values of the images, one for each tangent. */
class Repeater {
  readonly #graph: Graph
  readonly #g: GraphBuilder
  readonly #places: ReadonlyMap<string, Place>
  readonly #many: ReadonlySet<string>
  readonly #index: string
  readonly #image: string
  readonly #made: ReadonlyMap<string, Node>
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
    this.#made = producers(graph)
  }

  append(node: Node): void {
    this.#g.append(node)
  }

  build(): Graph {
    return this.#g.build(this.#graph.name, this.#graph.outputs, this.#graph.opset)
  }

  /** A value of the images as each tangent meets it; any other value as it is. */
  perTangent(value: string): string {
    const place = this.#places.get(value)
    if (!place || this.#many.has(value)) return value
    const known = this.#repeated.get(value)
    if (known !== undefined) return known
    if (place.kind === 'mixed') mixes(place.by)
    const made = place.kind === 'lengths' ? this.#lengths(value) : this.#gathered(value, place)
    this.#repeated.set(value, made)
    return made
  }

  #gathered(value: string, place: Place & { readonly kind: 'images' }): string {
    const { axis, outer, inner } = batchPlace(place.axes)!
    if (typeof outer !== 'number' || typeof inner !== 'number') mixes(this.#made.get(value)!)
    return this.#named('Gather', [value, this.#rowsOf(outer, inner)], value, { axis: int(axis) })
  }

  /**
   * The rows of each tangent's image along an axis that counts, slowest first, `outer`, the images, and `inner`:
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

  /** Lengths are not repeated but made again, of as many images as there are tangents. */
  #lengths(value: string): string {
    const node = this.#made.get(value)!
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
    if (place?.kind === 'mixed') mixes(place.by)
    if (place?.kind !== 'images') return node.outputs[0]!
    const { axis, outer, inner } = batchPlace(place.axes)!
    const rank = place.axes.length
    if (typeof outer !== 'number' || typeof inner !== 'number') mixes(node)
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
