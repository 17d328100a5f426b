import { PORTOLAN } from './builder.ts'
import { Dims } from './dims.ts'
import type { Dim, Graph, Node, Shape, ValueInfo } from './graph.ts'
import { SMALL } from './shape-content.ts'
import { operatorShapes } from './shape-rules.ts'
import { elements, type Tensor, type TensorType } from './tensor.ts'

/** The type, shape and content of a value, as inferred without running the graph. */
export interface Known {
  readonly type: TensorType
  readonly shape: Shape
  /** The elements of a small value in row-major order, where they can be computed from lengths and constants. */
  readonly content?: readonly Dim[]
}

/** The context of a shape rule. */
export interface ShapeContext {
  readonly node: Node
  readonly dims: Dims
}

/**
 * The outputs of a node, from its inputs (undefined: an omitted optional one).
 * Returns undefined where the shapes are unknown. Throws when the inputs are incompatible.
 */
export type ShapeRule = (inputs: readonly (Known | undefined)[], context: ShapeContext) => readonly Known[] | undefined

export type ShapeRules = Readonly<Record<string, ShapeRule>>

export interface InferOptions {
  /** Lengths of inputs, by name: shapes are inferred for these. */
  readonly bound?: Readonly<Record<string, readonly number[]>>
  /** Rules of composite operators (domain `portolan`). */
  readonly composites?: ShapeRules
}

/** A value with its name, type and shape. */
export type Inferred = ValueInfo & Known

/** The inputs of a node are incompatible. In a model's file that is the file's fault, in a graph of Portolan a bug. */
export class ShapeMisfit extends Error {}

/**
 * Types and shapes of all values, inputs and initializers included. Unknown lengths get names: equal names are
 * equal lengths. Values after an operator without a rule are missing from the map.
 * @throws ShapeMisfit naming the node whose inputs are incompatible
 */
export function inferShapes(graph: Graph, options: InferOptions = {}): ReadonlyMap<string, Inferred> {
  const inference = new Inference(graph, options)
  for (const node of graph.nodes) inference.infer(node)
  return inference.known
}

/** Shape inference node by node, for passes that rewrite as they go. */
export class Inference {
  readonly #known = new Map<string, Inferred>()
  readonly #dims: Dims
  readonly #composites: ShapeRules

  constructor(graph: Pick<Graph, 'inputs' | 'initializers'>, { bound = {}, composites = {} }: InferOptions = {}) {
    const lengths = new Map<string, number>()
    for (const { name, shape } of graph.inputs) {
      const given = lengthsOf(bound, name)
      if (!given) continue
      if (given.length !== shape.length)
        throw new ShapeMisfit(`input "${name}" has ${shape.length} dimensions, not the ${given.length} of [${given}]`)
      for (const [axis, dim] of shape.entries()) if (typeof dim === 'string') lengths.set(dim, given[axis]!)
    }
    const names = graph.inputs.flatMap(({ shape }) => shape.filter(dim => typeof dim === 'string'))
    this.#dims = new Dims(names)
    this.#composites = composites
    for (const { name, type, shape } of graph.inputs)
      this.#set(name, { type, shape: lengthsOf(bound, name) ?? shape.map(dim => lengths.get(String(dim)) ?? dim) })
    for (const [name, tensor] of graph.initializers) this.constant(name, tensor)
  }

  get known(): ReadonlyMap<string, Inferred> {
    return this.#known
  }

  constant(name: string, tensor: Tensor): void {
    this.#set(name, knownOf(tensor))
  }

  /** Infers a node's outputs. */
  infer(node: Node): void {
    const rules = node.domain === '' ? operatorShapes : node.domain === PORTOLAN ? this.#composites : {}
    const rule = Object.hasOwn(rules, node.op) ? rules[node.op] : undefined
    const inputs = node.inputs.map(input => this.#known.get(input))
    if (!rule || node.inputs.some((input, index) => input && !inputs[index])) return
    let outputs: readonly Known[] | undefined
    try {
      outputs = rule(inputs, { node, dims: this.#dims })
    } catch (cause) {
      const shapes = inputs.map(input => (input ? `[${input.shape.join(', ')}]` : '-')).join(', ')
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new ShapeMisfit(`${node.op} "${node.name}" cannot take ${shapes}: ${why}`, { cause })
    }
    for (const [index, output] of outputs?.entries() ?? [])
      if (node.outputs[index]) this.#set(node.outputs[index], output)
  }

  #set(name: string, { type, shape, content }: Known): void {
    this.#known.set(name, { name, type, shape, ...(content && { content }) })
  }
}

/** An input may be called `constructor`. */
const lengthsOf = (bound: NonNullable<InferOptions['bound']>, name: string): readonly number[] | undefined =>
  Object.hasOwn(bound, name) ? bound[name] : undefined

/** Axes that have a factor in a Resize. */
const FACTORS = 8

function knownOf(tensor: Tensor): Known {
  const { type, dims } = tensor
  const integral = type === 'int64' || type === 'int32' || type === 'bool'
  // In floating point too: a single number may be a divisor of lengths, and some are the factors of a Resize.
  const small = elements(dims) <= (integral ? SMALL : FACTORS)
  return { type, shape: dims, ...(small && { content: Array.from<number | bigint, number>(tensor.data, Number) }) }
}
