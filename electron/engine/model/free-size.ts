import { isDeepStrictEqual } from 'node:util'
import type { Axes, Axis, Factor } from '../onnx/axes/factors.ts'
import { followKnown } from '../onnx/axes/follow.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { simplify } from '../onnx/fold.ts'
import { attribute, extract, type Graph, int, type ValueInfo } from '../onnx/graph.ts'
import { numbersOf } from '../onnx/shape-content.ts'
import { inferShapes, ShapeMisfit } from '../onnx/shapes.ts'
import type { Classifier } from './classifier.ts'
import { type Extent, inputSize } from './sidecar.ts'

const sized = (graph: Graph, input: string, { height, width }: Extent): Graph => ({
  ...graph,
  inputs: graph.inputs.map(
    (info): ValueInfo => (info.name === input ? { ...info, shape: ['N', 3, height, width] } : info),
  ),
})

/**
 * A classifier's graph for its own image size. Where it computes lengths from the image's, they are folded: the graph
 * gets smaller, and more of it can be differentiated. Any other graph is unchanged except for the input.
 * @param keep intermediate values that must keep their names
 */
export function atInputSize({ graph, input, preprocessing }: Classifier, keep: readonly string[]): Graph {
  const fixed = sized(graph, input, inputSize(preprocessing))
  return fixed.nodes.some(node => node.op === 'Shape') ? simplify(fixed, { keep }) : fixed
}

/** Cached results: several layers and atlases of a model need them. */
const dependent = new WeakMap<Graph, Map<string, boolean>>()

/**
 * Whether a value depends on the image's size by more than the image itself: a gate that divides by height × width, or
 * a slice of half the rows. Lengths that are only read (the batch's, those of channels) don't count: the
 * graphs folded for two sizes are compared.
 * @param tensor an intermediate value
 */
export function dependsOnSize({ graph, input, preprocessing }: Classifier, tensor: string): boolean {
  const known = dependent.get(graph) ?? new Map<string, boolean>()
  dependent.set(graph, known)
  let depends = known.get(tensor)
  if (depends === undefined) {
    const before = extract(graph, [{ name: tensor, type: 'float32', shape: [] }])
    const { height, width } = inputSize(preprocessing)
    const folded = (times: number): Graph =>
      simplify(sized(before, input, { height: times * height, width: times * width }), { keep: [tensor] })
    depends = before.nodes.some(({ op }) => op === 'Shape') && differ(folded)
    known.set(tensor, depends)
  }
  return depends
}

function differ(folded: (times: number) => Graph): boolean {
  const own = parts(folded(1))
  try {
    return !isDeepStrictEqual(own, parts(folded(2)))
  } catch (error) {
    // It takes no other size, so that its values are those of its own.
    if (error instanceof ShapeMisfit) return false
    throw error
  }
}

const parts = ({ nodes, initializers }: Graph) => ({ nodes, initializers })

/**
 * Makes lengths variable that a file fixes for the size it was exported at: a Reshape to [N, 2, 58, 28, 28] whose last
 * two lengths are the numbers of rows and columns reads them from the value, so that it is valid at every size. Lengths
 * of parts of rows or columns, such as windows, stay fixed: it is unknown which of them would grow.
 * @param graph with an input of free height and width
 * @param size  of the image that the model was exported for
 */
export function freeSize(graph: Graph, input: string, size: Extent): Graph {
  const own = sized(graph, input, size)
  const shapes = inferShapes(own)
  const free = inferShapes(graph)
  const places = followKnown(own, [input], shapes)
  const g = GraphBuilder.rewriting(graph)
  for (const node of graph.nodes) {
    const [x, target] = node.inputs
    const place = places.get(node.outputs[0]!)
    const given = numbersOf(free.get(target ?? ''))
    const reshapes = node.op === 'Reshape' && node.domain === '' && !attribute(node, 'allowzero', 'int', 0)
    const lengths = reshapes && place?.kind === 'images' && places.has(x!) && given && freed(given, place.axes)
    g.append(lengths ? { ...node, inputs: [x!, asOperand(g, lengths)] } : node)
  }
  return g.build(graph.name, graph.outputs, graph.opset)
}

/**
 * The target of a Reshape with some lengths replaced by those of an axis; undefined where none needs to be, or can be.
 */
function freed(given: readonly number[], axes: Axes): readonly (number | Axis)[] | undefined {
  const lengths = given.map((length, at): number | Axis | undefined => {
    const axis = axes[at]!
    const positions = axis.filter(({ of }) => of === 'rows' || of === 'columns')
    // A 0 copies a length, and -1 is the remainder: both are variable already.
    if (positions.length === 0 || length < 1) return length
    return positions.every(({ length, total, origin }) => length === total && origin) ? axis : undefined
  })
  const known = lengths.filter(length => length !== undefined)
  if (known.length < lengths.length || known.every(length => typeof length === 'number')) return undefined
  const variable = known.flatMap((length, at) => (typeof length === 'number' ? [] : [at]))
  return variable.length === 1 && !given.includes(-1) ? given.with(variable[0]!, -1) : known
}

/** Lengths as an operand; those of axes are read from the value in which the axis first appears. */
function asOperand(g: GraphBuilder, lengths: readonly (number | Axis)[]): string {
  const known = lengths.filter(length => typeof length === 'number')
  if (known.length === lengths.length) return g.integers(known)
  const length = (factor: Factor): string => {
    const { value, axis } = factor.origin!
    return g.node('Shape', [value], { start: int(axis), end: int(axis + 1) })
  }
  const parts = lengths.map(axis =>
    typeof axis === 'number'
      ? g.integers([axis])
      : axis
          .map(factor => (factor.origin ? length(factor) : g.integers([Number(factor.length)])))
          .reduce((product, part) => g.mul(product, part)),
  )
  return g.concat(parts, 0)
}
