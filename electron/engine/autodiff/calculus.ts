import { UserError } from '../../contract/errors.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { CODES } from '../onnx/elements.ts'
import { axisOf, type Graph, int, type Node, type Shape, type ValueInfo } from '../onnx/graph.ts'
import { float32, integers, type Tensor, type TensorType } from '../onnx/tensor.ts'
import { Lengths } from './lengths.ts'
import { type Derivatives, EXACT } from './options.ts'
import { sameDims } from './rule.ts'

/** Larger than any length: "to the end" for Slice. */
export const END = 2 ** 31 - 1

/**
 * A graph builder for derivatives. As well as the builder's expressions it has the shapes of the values of the original
 * graph, and the operations that most rules need: sum over broadcast axes, pad, crop and interleave along axes whose
 * lengths may be known only at run time.
 */
export class Calculus extends GraphBuilder {
  readonly options: Derivatives
  readonly #values: ReadonlyMap<string, ValueInfo>
  readonly #lengths = new Map<string, Lengths>()
  readonly #once = new Map<string, string>()

  /** @param values type and shape of every value of the graph */
  constructor(graph: Graph, values: ReadonlyMap<string, ValueInfo>, options: Derivatives = EXACT) {
    super(graph)
    this.#values = values
    this.options = options
  }

  /** @throws UserError: the node cannot be differentiated */
  refuse(node: Node, why: string): never {
    throw new UserError(
      `cannot differentiate ${node.op} "${node.name || node.outputs[0]}": ${why}; ` +
        'choose a layer after it, or export the model without it',
    )
  }

  info(value: string): ValueInfo {
    const info = this.#values.get(value)
    if (!info)
      throw new UserError(
        `cannot differentiate: the shape of "${value}" is unknown; export the model with a fixed input size`,
      )
    return info
  }

  type = (value: string): TensorType => this.info(value).type
  shape = (value: string): Shape => this.info(value).shape
  rank = (value: string): number => this.shape(value).length

  /** Lengths of a value along some axes. */
  lengths(value: string, axes: readonly number[]): Lengths {
    const dims = axes.map(axis => this.shape(value)[axis]!)
    if (dims.every(dim => typeof dim === 'number')) return Lengths.of(this, dims)
    const key = `${axes} of ${value}`
    const known = this.#lengths.get(key)
    if (known) return known
    const first = axes[0] ?? 0
    const run = axes.every((axis, i) => axis === first + i)
    const lengths = run
      ? this.node('Shape', [value], { start: int(first), end: int(first + axes.length) })
      : this.node('Gather', [this.node('Shape', [value]), this.integers(axes)], { axis: int(0) })
    this.#lengths.set(key, Lengths.at(this, lengths))
    return Lengths.at(this, lengths)
  }

  /** Lengths along all axes but the first two, batch and channels. */
  spatial(value: string): { readonly axes: readonly number[]; readonly lengths: Lengths } {
    const axes = this.shape(value).flatMap((_, axis) => (axis < 2 ? [] : [axis]))
    return { axes, lengths: this.lengths(value, axes) }
  }

  /** The numbers of a constant integer operand, or undefined when it is computed. */
  integersOf(value: string | undefined): readonly number[] | undefined {
    const tensor = value ? this.constant(value) : undefined
    return tensor && integers(tensor)
  }

  /** The value of a key, created at the first call. */
  once(key: string, create: () => string): string {
    const value = this.#once.get(key) ?? create()
    this.#once.set(key, value)
    return value
  }

  /** x · c; x itself when c is 1. */
  scale = (x: string, c: number): string => (c === 1 ? x : this.mul(x, this.scalar(c)))

  /** x where a condition holds, else 0. A product takes half the time of Where on a CPU. */
  only = (condition: string, x: string): string => this.mul(this.cast(condition, 'float32'), x)

  /** x where a condition does not hold, else 0. */
  except = (condition: string, x: string): string => this.only(this.not(condition), x)

  less = (a: string, b: string): string => this.node('Less', [a, b])
  equal = (a: string, b: string): string => this.node('Equal', [a, b])
  both = (a: string, b: string): string => this.node('And', [a, b])
  not = (a: string): string => this.node('Not', [a])
  exp = (x: string): string => this.node('Exp', [x])
  reciprocal = (x: string): string => this.node('Reciprocal', [x])

  /** Reshapes to the shape of another value. */
  reshapeLike(x: string, like: string): string {
    return this.reshapeTo(x, this.shape(like), () => this.node('Shape', [like]))
  }

  /** Reshapes to a shape; `runtime` computes the shape when more than one length is unknown. */
  reshapeTo(x: string, shape: Shape, runtime: () => string): string {
    const unknown = shape.filter(dim => typeof dim === 'string').length
    if (unknown > 1) return this.node('Reshape', [x, runtime()])
    return this.reshape(
      x,
      shape.map(dim => (typeof dim === 'number' ? dim : -1)),
    )
  }

  /** Repeats along axes of length 1, up to the shape of another value. */
  expandLike(x: string, like: string, axes: readonly number[] = this.shape(like).map((_, axis) => axis)): string {
    const shape = this.shape(like)
    const dims = shape.map((dim, axis) => (axes.includes(axis) ? dim : 1))
    const known = dims.filter(dim => typeof dim === 'number')
    const target = known.length === dims.length ? this.integers(known) : this.node('Shape', [like])
    return this.node('Expand', [x, target])
  }

  /** A term of one value, repeated so that it has the shape of another that the first is broadcast to. */
  broadcast(term: string, from: string, to: string): string {
    return sameDims(this.shape(from), this.shape(to)) ? term : this.expandLike(term, to)
  }

  /** The reverse of broadcasting `to` up to `from`: sums over the axes that were repeated. */
  unbroadcast(term: string, from: string, to: string): string {
    return this.sumRepeated(term, this.shape(from), this.shape(to))
  }

  /**
   * Sums a term of a large shape over the axes along which a small shape was repeated.
   * Unknown lengths are assumed to equal their counterparts: an unknown length is never a broadcast 1.
   */
  sumRepeated(term: string, large: Shape, small: Shape): string {
    const added = large.length - small.length
    const leading = large.slice(0, added).map((_, axis) => axis)
    const repeated = small.flatMap((dim, axis) => (dim === 1 && large[added + axis] !== 1 ? [axis + added] : []))
    if (leading.length + repeated.length === 0) return term
    if (added === 0) return this.reduceSum(term, repeated, true)
    if (repeated.length === 0) return this.reduceSum(term, leading, false)
    return this.reduceSum(this.reduceSum(term, repeated, true), leading, false)
  }

  /** The product of some lengths as a float32 scalar. */
  count(lengths: Lengths): string {
    return this.cast(this.node('ReduceProd', [lengths.operand()], { keepdims: int(0) }), 'float32')
  }

  cast = (x: string, type: TensorType): string => this.node('Cast', [x], { to: int(CODES[type]) })

  /** The elements in reverse order along some axes. */
  reversed(x: string, axes: readonly number[]): string {
    const every = (value: number): number[] => axes.map(() => value)
    return this.slice(x, axes, every(-1), every(-END), every(-1))
  }

  /**
   * Inserts step − 1 zeros after each element along some axes: n elements become n·step.
   * @param like a value of the graph that has x's shape
   */
  interleaveZeros(x: string, like: string, axes: readonly number[], steps: readonly number[]): string {
    const spaced = axes.filter((_, i) => steps[i] !== 1)
    if (spaced.length === 0) return x
    const shape = this.shape(like)
    const step = perAxis(shape.length, axes, steps, 1)
    // [… n …] is read as [… n, 1 …], padded to [… n, step …] and read as [… n·step …].
    const ordered = spaced.toSorted((a, b) => a - b)
    const inserted = ordered.map((axis, i) => axis + 1 + i)
    const columns = this.node('Unsqueeze', [x, this.integers(inserted)])
    const rank = shape.length + inserted.length
    const [none, added] = [() => 0, (axis: number) => step[axis]! - 1].map(of => Lengths.of(this, ordered.map(of)))
    const wide = this.padAxes(columns, rank, inserted, none!, added!)
    const joined = shape.map((dim, axis) => (typeof dim === 'number' ? dim * step[axis]! : dim))
    const every = shape.map((_, axis) => axis)
    return this.reshapeTo(wide, joined, () => this.lengths(like, every).times(step).operand())
  }

  /** Pads along some axes with a constant. Beginnings and ends are not negative. */
  padAxes(x: string, rank: number, axes: readonly number[], begin: Lengths, end: Lengths, value = 0): string {
    if (begin.known && end.known) {
      const pads = [begin.known, end.known].flatMap(known => perAxis(rank, axes, known, 0))
      return pads.every(pad => pad === 0) ? x : this.pad(x, pads, value)
    }
    const pads = [begin, end].flatMap(lengths => this.#pieces(rank, axes, lengths))
    return this.node('Pad', [x, this.node('Concat', pads, { axis: int(0) }), this.scalar(value)])
  }

  /** A vector with one length for every axis, zeros where none is given, in pieces to be joined. */
  #pieces(rank: number, axes: readonly number[], lengths: Lengths): string[] {
    if (lengths.known) return [this.integers(perAxis(rank, axes, lengths.known, 0))]
    const run = axes.every((axis, i) => axis === axes[0]! + i)
    const zeros = (count: number): string[] => (count > 0 ? [this.integers(new Array<number>(count).fill(0))] : [])
    if (run) return [...zeros(axes[0]!), lengths.operand(), ...zeros(rank - axes.at(-1)! - 1)]
    return Array.from({ length: rank }, (_, axis) => axes.indexOf(axis)).map(i =>
      i < 0 ? this.integers([0]) : this.slice(lengths.operand(), [0], [i], [i + 1]),
    )
  }

  /** The elements begin … begin + length − 1 along some axes; `full` is the length of x there, when it is known. */
  crop(x: string, axes: readonly number[], begin: Lengths, length: Lengths, full?: Lengths): string {
    if (begin.known?.every(start => start === 0) && length.known && sameDims(length.known, full?.known ?? [])) return x
    const operands = [begin.operand(), begin.plus(length).operand(), this.integers(axes)]
    return this.node('Slice', [x, ...operands])
  }

  /** A value of ones in the shape of another. */
  onesLike(like: string): string {
    return this.rank(like) === 0 ? this.scalar(1) : this.expandLike(this.scalar(1), like)
  }

  /** Adds a boolean scalar as an input unless the graph has a value of that name. */
  switch(name: string): void {
    if (!this.#values.has(name)) this.input({ name, type: 'bool', shape: [] })
  }

  /** A value of zeros in the shape of another. */
  zerosLike(like: string): string {
    return this.expandLike(this.scalar(0), like)
  }

  /** A value with its axes permuted: of a constant a new constant, of any other value a Transpose node. */
  permuted(x: string, perm: readonly number[]): string {
    const tensor = this.constant(x)
    return tensor?.type === 'float32'
      ? this.initializer(permute(tensor.dims, tensor.data, perm), x)
      : this.transpose(x, perm)
  }
}

/** A vector of one number an axis from numbers for some axes. */
export const perAxis = (
  rank: number,
  axes: readonly number[],
  values: readonly number[],
  otherwise: number,
): number[] => Array.from({ length: rank }, (_, axis) => values[axes.indexOf(axis)] ?? otherwise)

function permute(dims: readonly number[], data: Float32Array, perm: readonly number[]): Tensor {
  const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((product, dim) => product * dim, 1))
  const out = float32(perm.map(axis => dims[axisOf(axis, dims.length)]!))
  const index = new Array<number>(perm.length).fill(0)
  for (let i = 0; i < data.length; i++) {
    out.data[i] = data[index.reduce((sum, at, axis) => sum + at * strides[perm[axis]!]!, 0)]!
    for (let axis = perm.length - 1; axis >= 0 && ++index[axis]! === out.dims[axis]; axis--) index[axis] = 0
  }
  return out
}
