import type { Tensor, TensorType } from './tensor.ts'

/**
 * An ONNX graph as immutable data. A pass is a function from graph to graph that shares unchanged parts instead of
 * copying them.
 */
export interface Graph {
  readonly name: string
  /** Version of the default operator set that the nodes are written in. */
  readonly opset: number
  /** In topological order: a node comes after the nodes whose outputs it reads. */
  readonly nodes: readonly Node[]
  readonly initializers: ReadonlyMap<string, Tensor>
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
}

export interface Node {
  readonly op: string
  /** '' is the ONNX standard; `portolan` marks composites that `lower` rewrites before a runtime sees the graph. */
  readonly domain: string
  readonly name: string
  /** '' is an omitted optional input. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Attributes
}

export type Attributes = Readonly<Record<string, Attribute>>
export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }

/** A length, or a name of an unknown one: equal names are equal lengths. */
export type Dim = number | string
export type Shape = readonly Dim[]

export interface ValueInfo {
  readonly name: string
  readonly type: TensorType
  /** For an output, [] may also mean that the file does not state it; `inferShapes` computes it. */
  readonly shape: Shape
}

export const int = (value: number): Attribute => ({ kind: 'int', value })
/** ONNX stores attributes in single precision. */
export const float = (value: number): Attribute => ({ kind: 'float', value: Math.fround(value) })
export const string = (value: string): Attribute => ({ kind: 'string', value })
export const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value })
export const floats = (value: readonly number[]): Attribute => ({ kind: 'floats', value: value.map(Math.fround) })

type Value<K extends Attribute['kind']> = Extract<Attribute, { kind: K }>['value']

/** An attribute of a node, or the default where the node has none. */
export function attribute<K extends Attribute['kind']>(node: Node, name: string, kind: K): Value<K> | undefined
export function attribute<K extends Attribute['kind']>(node: Node, name: string, kind: K, otherwise: Value<K>): Value<K>
export function attribute(node: Node, name: string, kind: Attribute['kind'], otherwise?: Attribute['value']) {
  const found = node.attributes[name]
  if (found === undefined) return otherwise
  if (found.kind !== kind)
    throw new TypeError(`attribute "${name}" of ${node.op} "${node.name}" is of kind ${found.kind}, not ${kind}`)
  return found.value
}

/** An axis counted from the first: negative ones count from the end. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)

/** The axes from one to the last. */
export const axesFrom = (axis: number, rank: number): number[] =>
  Array.from({ length: rank - axis }, (_, i) => axis + i)

/** The attributes without those of some names. */
export const without = (attributes: Attributes, ...names: readonly string[]): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)))

/** For every value, the node that computes it. Inputs and initializers have none. */
export function producers(graph: Graph): ReadonlyMap<string, Node> {
  const producer = new Map<string, Node>()
  for (const node of graph.nodes) for (const output of node.outputs) if (output) producer.set(output, node)
  return producer
}

/** For every value, the nodes that read it, in order. */
export function consumers(graph: Graph): ReadonlyMap<string, readonly Node[]> {
  const read = new Map<string, Node[]>()
  for (const node of graph.nodes)
    for (const input of new Set(node.inputs)) {
      if (!input) continue
      const list = read.get(input)
      if (list) list.push(node)
      else read.set(input, [node])
    }
  return read
}

/**
 * The part of a graph that some of its values depend on: only those nodes, initializers and inputs remain.
 * @param outputs values to compute, which may be intermediate ones
 * @param inputs  values to start from instead of computing them; they become inputs of the extracted graph
 */
export function extract(graph: Graph, outputs: readonly ValueInfo[], inputs: readonly ValueInfo[] = []): Graph {
  const given = new Set(inputs.map(input => input.name))
  const needed = new Set(outputs.map(output => output.name))
  const nodes: Node[] = []
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some(output => needed.has(output) && !given.has(output))) continue
    nodes.push(node)
    for (const input of node.inputs) if (input && !given.has(input)) needed.add(input)
  }
  return {
    ...graph,
    nodes: nodes.reverse(),
    initializers: new Map([...graph.initializers].filter(([name]) => needed.has(name) && !given.has(name))),
    inputs: [...inputs, ...graph.inputs.filter(input => needed.has(input.name) && !given.has(input.name))],
    outputs,
  }
}

/**
 * A graph without the nodes that no output depends on. ONNX Runtime would compute them, and an unused Shape of a
 * convolution's output keeps it from fusing the convolution with its ReLU. Inputs stay: the graph is fed as before.
 */
export const pruned = (graph: Graph): Graph => ({ ...extract(graph, graph.outputs), inputs: graph.inputs })

/** Returns a function that generates names which no value of the graph has and which it has not returned before. */
export function freshNames({ nodes, initializers, inputs }: Graph): (hint: string) => string {
  const taken = new Set([...initializers.keys(), ...inputs.map(({ name }) => name)])
  for (const node of nodes) for (const output of node.outputs) taken.add(output)
  return hint => {
    let name = hint
    for (let n = 1; taken.has(name); n++) name = `${hint}.${n}`
    taken.add(name)
    return name
  }
}
