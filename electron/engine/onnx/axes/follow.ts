import type { Graph, Node } from '../graph.ts'
import { numbersOf } from '../shape-content.ts'
import { type InferOptions, type Inferred, inferShapes } from '../shapes.ts'
import { type Axes, batchPlace, other, undivided } from './factors.ts'
import { axesRules } from './rules.ts'

/** How a value depends on the images. A value that does not depend on them has no place. */
export type Place =
  /** Exactly one axis contains the batch. */
  | { readonly kind: 'images'; readonly axes: Axes }
  /** A length, or a number computed from lengths, the number of images among them. */
  | { readonly kind: 'lengths' }
  /** A node mixes images, or their axis cannot be tracked after it. */
  | { readonly kind: 'mixed'; readonly by: Node }

export type Places = ReadonlyMap<string, Place>

/** Operands that only determine the size of the result, or which part of the input is taken. */
const SIZING = new Map<string, (input: number) => boolean>([
  ...['Reshape', 'Expand', 'Tile', 'Pad', 'Resize', 'Slice', 'Squeeze', 'Unsqueeze', 'Split'].map(
    (op): [string, (input: number) => boolean] => [op, input => input > 0],
  ),
  ['ConstantOfShape', () => true],
])

/**
 * Tracks the axes of images through a graph: which axis of each value contains the batch, which the rows and columns
 * of the image.
 * @param images inputs, or any other values, of shape [N, …]: with a name for N, and of four axes the last two counting
 *               rows and columns
 */
export function followAxes(graph: Graph, images: readonly string[], options: InferOptions = {}): Places {
  return followKnown(graph, images, inferShapes(graph, options))
}

/** The same, for a graph whose shapes are known. */
export function followKnown(graph: Graph, images: readonly string[], shapes: ReadonlyMap<string, Inferred>): Places {
  const places = new Map<string, Place>()
  const name = shapes.get(images[0]!)?.shape[0]
  const of: Values = { places, shapes, batch: typeof name === 'string' ? name : '' }
  for (const name of images) {
    const [batch, ...rest] = shapes.get(name)?.shape ?? []
    if (batch !== of.batch || batch === '') throw new Error(`the batch of "${name}" is not "${of.batch}"`)
    const axes = rest.map((dim, axis) =>
      rest.length === 3 && axis > 0 ? [undivided(axis === 1 ? 'rows' : 'columns', dim)] : other(dim),
    )
    places.set(name, { kind: 'images', axes: originated([[undivided('batch', of.batch)], ...axes], name) })
  }
  for (const node of graph.nodes)
    for (const output of node.outputs) {
      if (!output || places.has(output)) continue
      const place = placeOf(node, output, of)
      if (place) places.set(output, place)
    }
  return places
}

interface Values {
  readonly places: Places
  readonly shapes: ReadonlyMap<string, Inferred>
  readonly batch: string
}

function placeOf(node: Node, output: string, { places, shapes, batch }: Values): Place | undefined {
  const read = node.inputs.map(input => places.get(input))
  if (read.every(place => place === undefined)) return undefined
  const result = shapes.get(output)
  if (numbersOf(result) !== undefined) return undefined
  const lost = read.find(place => place?.kind === 'mixed')
  if (lost) return lost
  const mixed: Place = { kind: 'mixed', by: node }
  if (node.op === 'Shape' || node.op === 'Size') return { kind: 'lengths' }
  const sizing = SIZING.get(node.op)
  const data = read.filter((_, i) => !sizing?.(i))
  if (data.some(place => place?.kind === 'lengths'))
    return data.some(place => place?.kind === 'images') || node.op === 'Range' ? mixed : { kind: 'lengths' }
  const rule = node.domain === '' ? axesRules.get(node.op) : undefined
  const known = node.inputs.map(input => shapes.get(input))
  if (!rule || !result || node.inputs.some((input, i) => input && !known[i])) return mixed
  const axes = rule({
    node,
    batch,
    inputs: read.map(place => (place?.kind === 'images' ? place.axes : undefined)),
    known,
    shapes: [result.shape],
  })
  if (!axes || axes.length !== result.shape.length) return mixed
  if (batchPlace(axes)) return { kind: 'images', axes: originated(axes, output) }
  // Repeated by lengths of the image alone, the number of images is not among them.
  return axes.flat().some(({ of }) => of === 'batch') || data.some(place => place) ? mixed : undefined
}

/** Rows and columns that are counted like this for the first time begin here. */
const originated = (axes: Axes, value: string): Axes =>
  axes.map((axis, at) =>
    axis.map(factor =>
      (factor.of === 'rows' || factor.of === 'columns') && !factor.origin
        ? { ...factor, origin: { value, axis: at } }
        : factor,
    ),
  )
