import type { Dims } from './dims.ts'
import { attribute, type Dim, type Node, type Shape } from './graph.ts'
import type { Known, ShapeContext } from './shapes.ts'

/** The elements of a node's first output, where they follow from those of its inputs. */
type ContentRule = (
  inputs: readonly (Known | undefined)[],
  outputs: readonly Known[],
  context: ShapeContext,
) => readonly Dim[] | undefined

/** The lengths that a Shape node tells. */
export const shapeSpan = (shape: Shape, node: Node): Shape =>
  shape.slice(attribute(node, 'start', 'int', 0), attribute(node, 'end', 'int', shape.length))

const copied: ContentRule = ([x]) => x?.content

/** Elementwise over operands of one length, or of length 1. */
const zipped =
  (apply: (values: readonly Dim[], dims: Dims) => Dim | undefined): ContentRule =>
  (inputs, [output], { dims }) => {
    const contents = inputs.map(input => input?.content)
    const length = Math.max(...contents.map(content => content?.length ?? 0))
    if (
      output!.shape.length > 1 ||
      contents.some(content => !content || (content.length !== 1 && content.length !== length))
    )
      return undefined
    const values = Array.from({ length }, (_, at) =>
      apply(
        contents.map(content => content![content!.length === 1 ? 0 : at]!),
        dims,
      ),
    )
    return values.every(value => value !== undefined) ? values : undefined
  }

/** A function of two numbers; of names, what is certain without numbers. */
const binary = (numeric: (a: number, b: number) => Dim, symbolic: (a: Dim, b: Dim, dims: Dims) => Dim | undefined) =>
  zipped(([a, b], dims) => (typeof a === 'number' && typeof b === 'number' ? numeric(a, b) : symbolic(a!, b!, dims)))

/** A named length is at least 0; -1 and the like stand for something else. */
const negative = (value: Dim): boolean => typeof value === 'number' && value < 0

/** The larger, or the smaller, of lengths. */
const extreme = (choose: (...values: number[]) => number, name: string): ContentRule =>
  zipped((values, dims) => {
    const distinct = [...new Set(values)]
    if (distinct.length === 1) return distinct[0]
    const numbers = distinct.filter(value => typeof value === 'number')
    if (numbers.length === distinct.length) return choose(...numbers)
    return dims.named(`${name} ${distinct.map(String).sort().join(', ')}`)
  })

export const contentRules: Readonly<Record<string, ContentRule>> = {
  Shape: ([x], _, { node }) => shapeSpan(x!.shape, node),
  Size: ([x], _, { dims }) => [dims.product(x!.shape)],
  Identity: copied,
  Squeeze: copied,
  Unsqueeze: copied,
  Reshape: copied,
  Flatten: copied,
  Cast: ([x], [output]) => (output!.type === 'int64' || output!.type === 'int32' ? x?.content : undefined),
  Concat: inputs => {
    const contents = inputs.map(input => input?.content)
    // Rows of a matrix would interleave.
    const flat = inputs.every(input => input!.shape.length === 1) && contents.every(content => content !== undefined)
    return flat ? contents.flat() : undefined
  },
  Gather: ([x, indices]) => {
    const length = x!.shape.length === 1 ? x!.content?.length : undefined
    if (length === undefined) return undefined
    const picked = indices!.content?.map(at =>
      typeof at === 'number' ? x!.content![at < 0 ? at + length : at] : undefined,
    )
    return picked?.every(value => value !== undefined) ? picked : undefined
  },
  Slice: ([x, startsInput, endsInput, , stepsInput]) => {
    const [start, end, step] = [startsInput, endsInput, stepsInput].map(input => input?.content?.[0])
    if (x!.shape.length !== 1 || typeof start !== 'number' || typeof end !== 'number') return undefined
    if (stepsInput && step !== 1) return undefined
    return x!.content?.slice(start, end)
  },
  ConstantOfShape: ([target], [output], { node }) => {
    const value = attribute(node, 'value', 'tensor')
    const length = target!.content?.length === 1 ? target!.content[0] : undefined
    if (value?.type !== 'int64' || typeof length !== 'number' || length > 64) return undefined
    return output!.shape.length === 1 ? new Array<Dim>(length).fill(Number(value.data[0])) : undefined
  },
  Expand: ([x], [output]) => {
    const length = output!.shape.length === 1 ? output!.shape[0] : undefined
    if (typeof length !== 'number' || length > 64) return undefined
    return x!.content?.length === 1 ? new Array<Dim>(length).fill(x!.content[0]!) : x!.content
  },
  Range: ([start, , delta], [output]) => {
    const [from, step] = [start?.content?.[0], delta?.content?.[0]]
    const length = output!.shape[0]
    if (typeof from !== 'number' || typeof step !== 'number' || typeof length !== 'number' || length > 64)
      return undefined
    return Array.from({ length }, (_, index) => from + index * step)
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
    (a, b) => Math.trunc(a / b),
    (a, b, dims) => (b === 1 ? a : dims.named(`trunc ${a} / ${b}`)),
  ),
  Max: extreme(Math.max, 'max'),
  Min: extreme(Math.min, 'min'),
  Neg: zipped(([a]) => (typeof a === 'number' ? -a : undefined)),
  Equal: binary(
    (a, b) => (a === b ? 1 : 0),
    (a, b) => (a === b ? 1 : negative(a) || negative(b) ? 0 : undefined),
  ),
  Where: zipped(([condition, a, b]) => (condition === 1 ? a : condition === 0 ? b : a === b ? a : undefined)),
}
