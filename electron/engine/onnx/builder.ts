import { type Attributes, type Graph, int, ints, type Node, type ValueInfo } from './graph.ts'
import { int64, scalar, type Tensor } from './tensor.ts'

/** The operator set of the nodes that Portolan adds. Models of other sets are converted when they are read. */
export const OPSET = 17

/** The domain of composite operators, which `lower` rewrites into standard ONNX. */
export const PORTOLAN = 'portolan'

/**
 * Builds a graph node by node. A value is referred to by its name, so expressions read as in a paper:
 * `g.mul(g.relu(x), mask)`. Names are generated in order, so equal calls give equal graphs.
 */
export class GraphBuilder {
  readonly #nodes: Node[] = []
  readonly #initializers = new Map<string, Tensor>()
  readonly #taken = new Set<string>()
  readonly #inputs: ValueInfo[] = []
  readonly #constants = new Map<string, string>()

  /** @param base a graph to extend: its nodes, initializers and inputs are kept */
  constructor(base?: Graph) {
    if (!base) return
    this.#nodes.push(...base.nodes)
    this.#inputs.push(...base.inputs)
    for (const [name, tensor] of base.initializers) this.#initializers.set(name, tensor)
    for (const name of this.#initializers.keys()) this.#taken.add(name)
    for (const input of base.inputs) this.#taken.add(input.name)
    this.take(base.nodes)
  }

  /**
   * A builder for a graph that is rewritten node by node: it has no nodes yet, and all names of the graph are taken.
   */
  static rewriting(graph: Graph): GraphBuilder {
    const g = new GraphBuilder({ ...graph, nodes: [] })
    g.take(graph.nodes)
    return g
  }

  /** Takes the names of nodes and of their values, so that no new one has them: nodes of renamed values keep theirs. */
  take(nodes: readonly Node[]): void {
    for (const node of nodes) for (const name of [node.name, ...node.outputs]) this.#taken.add(name)
  }

  /** A name that no value has yet. */
  fresh(hint: string): string {
    let name = hint
    for (let n = 1; this.#taken.has(name); n++) name = `${hint}.${n}`
    this.#taken.add(name)
    return name
  }

  input(info: ValueInfo): string {
    if (this.#taken.has(info.name)) throw new Error(`the graph has a value "${info.name}" already`)
    this.#taken.add(info.name)
    this.#inputs.push(info)
    return info.name
  }

  /** Adds a weight or other constant tensor under a new name. */
  initializer(tensor: Tensor, hint = 'constant'): string {
    const name = this.fresh(hint)
    this.#initializers.set(name, tensor)
    return name
  }

  /** A small constant; equal constants share one initializer. */
  shared(tensor: Tensor): string {
    const key = `${tensor.type}[${tensor.dims}]${Array.from<number | bigint, string>(tensor.data, String)}`
    const known = this.#constants.get(key)
    if (known) return known
    const name = this.initializer(tensor, 'constant')
    this.#constants.set(key, name)
    return name
  }

  /** A float32 scalar constant. */
  scalar(value: number): string {
    return this.shared(scalar(value))
  }

  /** A one-dimensional int64 constant. */
  integers(values: readonly number[]): string {
    return this.shared(int64(values))
  }

  /** The initializer of a name; undefined when the name is no initializer. */
  constant(name: string): Tensor | undefined {
    return this.#initializers.get(name)
  }

  /** Appends a node with several outputs. */
  nodes(op: string, inputs: readonly string[], outputs: number, attributes: Attributes = {}, domain = ''): string[] {
    const names = Array.from({ length: outputs }, () => this.fresh(`${op}.out`))
    this.append({ op, domain, name: names[0]!, inputs, outputs: names, attributes })
    return names
  }

  /** Appends a node with one output and returns the output's name. */
  node(op: string, inputs: readonly string[], attributes: Attributes = {}, domain = ''): string {
    return this.nodes(op, inputs, 1, attributes, domain)[0]!
  }

  /** Appends a composite operator, which `lower` rewrites. */
  composite(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.node(op, inputs, attributes, PORTOLAN)
  }

  /** Appends a node whose output names are given. */
  append(node: Node): void {
    for (const output of node.outputs) this.#taken.add(output)
    this.#nodes.push(node)
  }

  add = (a: string, b: string): string => this.node('Add', [a, b])
  sub = (a: string, b: string): string => this.node('Sub', [a, b])
  mul = (a: string, b: string): string => this.node('Mul', [a, b])
  div = (a: string, b: string): string => this.node('Div', [a, b])
  neg = (a: string): string => this.node('Neg', [a])
  pow = (a: string, exponent: number): string => this.node('Pow', [a, this.scalar(exponent)])
  sqrt = (a: string): string => this.node('Sqrt', [a])
  matmul = (a: string, b: string): string => this.node('MatMul', [a, b])
  /** Elements of `a` where the condition is true, of `b` elsewhere. */
  where = (condition: string, a: string, b: string): string => this.node('Where', [condition, a, b])
  greater = (a: string, b: string): string => this.node('Greater', [a, b])
  reshape = (x: string, dims: readonly number[]): string => this.node('Reshape', [x, this.integers(dims)])
  transpose = (x: string, perm: readonly number[]): string => this.node('Transpose', [x], { perm: ints(perm) })
  concat = (xs: readonly string[], axis: number): string =>
    xs.length === 1 ? xs[0]! : this.node('Concat', xs, { axis: int(axis) })

  /** The sum of any number of values of one shape; of none, undefined. */
  sum(xs: readonly string[]): string | undefined {
    if (xs.length < 2) return xs[0]
    return this.node(xs.length === 2 ? 'Add' : 'Sum', xs)
  }

  /** Sum over some axes. */
  reduceSum = (x: string, axes: readonly number[], keepdims: boolean): string =>
    this.node('ReduceSum', [x, this.integers(axes)], { keepdims: int(keepdims ? 1 : 0) })

  /** Elements starts, starts + step, … below ends, along some axes. Negative numbers count from the end. */
  slice(
    x: string,
    axes: readonly number[],
    starts: readonly number[],
    ends: readonly number[],
    steps: readonly number[] = axes.map(() => 1),
  ): string {
    return this.node('Slice', [x, ...[starts, ends, axes, steps].map(values => this.integers(values))])
  }

  /** Pads with a constant: `pads` are the beginnings of all axes, then the ends of all axes. */
  pad(x: string, pads: readonly number[], value = 0): string {
    return this.node('Pad', [x, this.integers(pads), this.scalar(value)])
  }

  /**
   * The finished graph. Outputs may be any of its values; nodes that no output depends on stay until a pass removes
   * them.
   */
  build(name: string, outputs: readonly ValueInfo[], opset = OPSET): Graph {
    return {
      name,
      opset,
      nodes: [...this.#nodes],
      initializers: new Map(this.#initializers),
      inputs: [...this.#inputs],
      outputs,
    }
  }
}
