import type { Dims } from './dims.ts'
import { attribute, axisOf, type Dim, type Node, type Shape } from './graph.ts'
import type { Known, ShapeContext } from './shapes.ts'
import { broadcastArray, gatheredArray, joinedArrays, slicePlaces, transposedArray } from './small-arrays.ts'
import { elements, integers } from './tensor.ts'

/** The elements of a node's first output, row-major, where they can be computed from its inputs. */
type ContentRule = (
  inputs: readonly (Known | undefined)[],
  outputs: readonly Known[],
  context: ShapeContext,
) => readonly Dim[] | undefined

/** The largest number of elements that is treated as lengths, not data. */
export const SMALL = 64

/** The lengths that a Shape node returns. */
export const shapeSpan = (shape: Shape, node: Node): Shape =>
  shape.slice(attribute(node, 'start', 'int', 0), attribute(node, 'end', 'int', shape.length))

/** The lengths of a value whose elements are known: all numbers. */
const lengthsOf = ({ shape }: Known): readonly number[] => shape.map(Number)

/** The lengths of a result that is small enough to be evaluated. */
function small(output: Known | undefined): readonly number[] | undefined {
  const dims = output?.shape.filter(dim => typeof dim === 'number')
  return dims && dims.length === output?.shape.length && elements(dims) <= SMALL ? dims : undefined
}

/** The numbers of a value; undefined where one is known only at run time. */
export const numbersOf = (known: Known | undefined): readonly number[] | undefined =>
  known?.content?.every(value => typeof value === 'number') ? known.content : undefined

const copied: ContentRule = ([x]) => x?.content

/** Elementwise over operands that broadcast. */
const zipped =
  (apply: (values: readonly Dim[], dims: Dims, floating: boolean) => Dim | undefined): ContentRule =>
  (inputs, [output], { dims }) => {
    const result = small(output)
    const contents = inputs.map(
      input => input?.content && result && broadcastArray(input.content, lengthsOf(input), result),
    )
    if (!result || contents.some(content => !content)) return undefined
    const floating = output!.type.startsWith('float')
    const values = Array.from({ length: elements(result) }, (_, at) =>
      apply(
        contents.map(content => content![at]!),
        dims,
        floating,
      ),
    )
    return values.every(value => value !== undefined) ? values : undefined
  }

/** A function of two numbers; for names, the result where it is certain without numbers. */
const binary = (
  numeric: (a: number, b: number, floating: boolean) => Dim,
  symbolic: (a: Dim, b: Dim, dims: Dims, floating: boolean) => Dim | undefined,
) =>
  zipped(([a, b], dims, floating) =>
    typeof a === 'number' && typeof b === 'number' ? numeric(a, b, floating) : symbolic(a!, b!, dims, floating),
  )

/** A named length is at least 0; negative values have a special meaning. */
const negative = (value: Dim): boolean => typeof value === 'number' && value < 0

/** The maximum or minimum of lengths. */
const extreme = (choose: (...values: number[]) => number, name: string): ContentRule =>
  zipped((values, dims) => {
    const distinct = [...new Set(values)]
    if (distinct.length === 1) return distinct[0]
    const numbers = distinct.filter(value => typeof value === 'number')
    if (numbers.length === distinct.length) return choose(...numbers)
    return dims.named(`${name} ${distinct.map(String).sort().join(', ')}`)
  })

const most = extreme(Math.max, 'max')
const least = extreme(Math.min, 'min')

/** Bounds that are left out bound nothing. */
const clip: ContentRule = (inputs, outputs, context) => {
  const [, low, high] = context.node.inputs
  const [x, lower, upper] = inputs
  const raised = low ? most([x, lower], outputs, context) : x?.content
  const content = raised && outputs[0] && { ...outputs[0], content: raised }
  return high ? least([content, upper], outputs, context) : raised
}

/** A function of one number; for a name, the name of the result. */
const unary = (apply: (a: number) => number, name: string): ContentRule =>
  zipped(([a], dims) => (typeof a === 'number' ? apply(a) : dims.named(`${name} ${a}`)))

export const contentRules: Readonly<Record<string, ContentRule>> = {
  Shape: ([x], _, { node }) => shapeSpan(x!.shape, node),
  Size: ([x], _, { dims }) => [dims.product(x!.shape)],
  Identity: copied,
  Squeeze: copied,
  Unsqueeze: copied,
  Reshape: copied,
  Flatten: copied,
  Cast: ([x], [output], { dims }) => {
    if (output!.type.startsWith('float') || x?.type.startsWith('int') || x?.type === 'bool')
      return output!.type === 'bool' ? undefined : x?.content
    // A cast to integers rounds towards zero.
    return x?.content?.map(value => (typeof value === 'number' ? Math.trunc(value) + 0 : dims.named(`trunc ${value}`)))
  },
  Concat: (inputs, [output], { node }) => {
    if (!small(output)) return undefined
    const rank = output!.shape.length
    const axis = attribute(node, 'axis', 'int', 1)
    const parts = inputs.flatMap(input => (input?.content ? [{ values: input.content, dims: lengthsOf(input) }] : []))
    return parts.length === inputs.length ? joinedArrays(parts, axisOf(axis, rank)) : undefined
  },
  Gather: ([x, indices], [output], { node }) => {
    const places = numbersOf(indices)
    if (!x?.content || !places || !small(output)) return undefined
    const dims = lengthsOf(x)
    const at = axisOf(attribute(node, 'axis', 'int', 0), dims.length)
    const length = dims[at]!
    return gatheredArray(
      x.content,
      dims,
      at,
      places.map(place => (place < 0 ? place + length : place)),
    )
  },
  Slice: ([x, startsInput, endsInput, axesInput, stepsInput], [output]) => {
    const [starts, ends] = [numbersOf(startsInput), numbersOf(endsInput)]
    if (!x?.content || !starts || !ends || !small(output)) return undefined
    const axes = axesInput ? numbersOf(axesInput) : starts.map((_, axis) => axis)
    const steps = stepsInput ? numbersOf(stepsInput) : starts.map(() => 1)
    if (!axes || !steps) return undefined
    let [values, dims] = [x.content, lengthsOf(x)]
    for (const [i, axis] of axes.entries()) {
      const at = axisOf(axis, dims.length)
      const places = slicePlaces(dims[at]!, starts[i]!, ends[i]!, steps[i]!)
      values = gatheredArray(values, dims, at, places)
      dims = dims.with(at, places.length)
    }
    return values
  },
  Transpose: ([x], _, { node }) => {
    const perm = attribute(node, 'perm', 'ints') ?? [...x!.shape.keys()].reverse()
    return x!.content && transposedArray(x!.content, lengthsOf(x!), perm)
  },
  ConstantOfShape: (_, [output], { node }) => {
    const value = attribute(node, 'value', 'tensor')
    const dims = small(output)
    if (!dims || (value?.type !== 'int64' && value?.type !== 'int32')) return undefined
    return new Array<Dim>(elements(dims)).fill(integers(value)[0]!)
  },
  Expand: ([x], [output]) => {
    const dims = small(output)
    return dims && x?.content ? broadcastArray(x.content, lengthsOf(x), dims) : undefined
  },
  Range: ([start, , delta], [output]) => {
    const [from, step] = [start?.content?.[0], delta?.content?.[0]]
    const dims = small(output)
    if (typeof from !== 'number' || typeof step !== 'number' || !dims) return undefined
    return Array.from({ length: dims[0]! }, (_, index) => from + index * step)
  },
  Add: binary(
    (a, b) => a + b,
    (a, b, dims) => dims.plus(a, b),
  ),
  Sub: binary(
    (a, b) => a - b,
    (a, b, dims) => dims.minus(a, b),
  ),
  Mul: binary(
    (a, b) => a * b,
    (a, b, dims) => dims.times(a, b),
  ),
  Div: binary(
    (a, b, floating) => (floating ? a / b : Math.trunc(a / b) + 0),
    (a, b, dims, floating) => (b === 1 ? a : dims.named(`${floating ? 'exact' : 'trunc'} ${a} / ${b}`)),
  ),
  Mod: binary(
    (a, b) => a - b * Math.floor(a / b),
    (a, b, dims) => dims.named(`${a} mod ${b}`),
  ),
  Max: most,
  Min: least,
  Clip: clip,
  Neg: zipped(([a], dims) => (typeof a === 'number' ? 0 - a : dims.minus(0, a!))),
  Floor: unary(Math.floor, 'floor of'),
  Ceil: unary(Math.ceil, 'ceil of'),
  Equal: binary(
    (a, b) => (a === b ? 1 : 0),
    (a, b) => (a === b ? 1 : negative(a) || negative(b) ? 0 : undefined),
  ),
  Where: zipped(([condition, a, b]) => (condition === 1 ? a : condition === 0 ? b : a === b ? a : undefined)),
}
