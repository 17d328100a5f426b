import { basename } from 'node:path'
import { reason, UserError } from '../../contract/errors.ts'
import { type Graph, type Node, producers, type Shape } from '../onnx/graph.ts'
import { inferShapes } from '../onnx/shapes.ts'
import type { Probabilities } from './sidecar.ts'

/** A value that may be the logits of a model. */
export interface Head {
  readonly logits: string
  /** Number of classes. */
  readonly classes: number
  readonly probabilities: Probabilities
  /** Whether the graph itself applies the softmax or sigmoid; otherwise `probabilities` is a guess. */
  readonly activated: boolean
  /** The graph's output that depends on the head. */
  readonly output: string
}

/** The last layer of a head: a linear classifier (2), a convolution averaged over the image (1), or neither (0). */
type Strength = 2 | 1 | 0

interface Candidate extends Head {
  readonly strength: Strength
  /** Evidence from its name: 1 for scores, −1 for auxiliary heads and embeddings. */
  readonly named: number
  /** Number of convolutions and matrix products before it. */
  readonly depth: number
}

/**
 * Finds the logits by tracing every output back past the softmax, sigmoid or choice of a class to the linear layer or
 * convolution that scores the classes. Of several heads the likeliest is first: one with a linear
 * classifier before one without, then by name, then the one that the graph activates, then the one after more layers
 * (auxiliary heads branch off early).
 * @param input the image input, with the lengths that the model was exported for
 * @throws UserError when no output can be the scores of classes
 */
export function findHeads(graph: Graph, input: { readonly name: string; readonly shape: Shape }, file: string): Head[] {
  const inputs = graph.inputs.map(info => (info.name === input.name ? { ...info, shape: input.shape } : info))
  const shapes = shapesOf({ ...graph, inputs }, file)
  const trace = new Trace(graph, shapes)
  const candidates = graph.outputs.flatMap(output => trace.head(output.name) ?? [])
  const usable = candidates.filter(({ strength }) => strength > 0)
  if (usable.length === 0) {
    const outputs = graph.outputs.map(({ name }) => `"${name}" [${(shapes.get(name) ?? ['unknown']).join(', ')}]`)
    throw new UserError(
      `cannot use ${basename(file)}: it has no classifier, because no output has the scores of classes (${outputs.slice(0, 4).join(', ')}); export the complete network with its last linear layer`,
    )
  }
  const order = usable.toSorted(
    (a, b) =>
      b.strength - a.strength ||
      b.named - a.named ||
      Number(b.activated) - Number(a.activated) ||
      b.depth - a.depth ||
      usable.indexOf(a) - usable.indexOf(b),
  )
  const distinct = order.filter(({ logits }, at) => order.findIndex(other => other.logits === logits) === at)
  return distinct.map(({ logits, classes, probabilities, activated, output }) => ({
    logits,
    classes,
    probabilities,
    activated,
    output,
  }))
}

function shapesOf(graph: Graph, file: string): ReadonlyMap<string, Shape> {
  try {
    return new Map([...inferShapes(graph)].map(([name, { shape }]) => [name, shape]))
  } catch (cause) {
    throw new UserError(`cannot use ${basename(file)}: ${reason(cause)}; export the model again`, { cause })
  }
}

/** Operators that only reshape or convert their input. */
const LAYOUT = new Set(['Identity', 'Cast', 'Flatten', 'Reshape', 'Squeeze', 'Unsqueeze', 'Dropout'])
/** Operators that choose classes by their scores. */
const CHOICES = new Set(['ArgMax', 'TopK', 'Hardmax'])
const SCALES = new Set(['Mul', 'Div', 'Add', 'Sub', 'BatchNormalization'])
const POOLS = new Set(['GlobalAveragePool', 'GlobalMaxPool', 'AveragePool', 'ReduceMean', 'ReduceMax'])
const JOINS = new Set(['Add', 'Sub', 'Sum', 'Mean', 'Concat', 'Slice', 'Split', 'Gather'])
const WEIGHTED = new Set(['Conv', 'Gemm', 'MatMul'])

const SCORES = /logit|prob|score|class|label|pred|softmax/i
const OTHER = /aux|embed|feat|hidden|pool|bottleneck|represent|projection/i

class Trace {
  readonly #graph: Graph
  readonly #shapes: ReadonlyMap<string, Shape>
  readonly #producers: ReadonlyMap<string, Node>
  readonly #constant: ReadonlySet<string>

  constructor(graph: Graph, shapes: ReadonlyMap<string, Shape>) {
    this.#graph = graph
    this.#shapes = shapes
    this.#producers = producers(graph)
    const constant = new Set(graph.initializers.keys())
    for (const node of graph.nodes)
      if (node.inputs.every(name => !name || constant.has(name))) for (const name of node.outputs) constant.add(name)
    this.#constant = constant
  }

  head(output: string): Candidate | undefined {
    let logits = output
    let activation: Probabilities | undefined
    const names = [output]
    for (let value: string | undefined = output; value !== undefined; ) {
      const node: Node | undefined = this.#producers.get(value)
      if (!node) break
      const before: string | undefined = activation ? undefined : this.#beforeActivation(node)
      const data: string | undefined = node.inputs[0]
      if (before !== undefined) {
        activation = node.op === 'Sigmoid' ? 'sigmoid' : 'softmax'
        logits = before
        value = before
      } else if (CHOICES.has(node.op)) {
        logits = data!
        value = data
      } else if (!activation && (LAYOUT.has(node.op) || node.op === 'Log' || node.op === 'Clip')) value = data
      else break
      names.push(logits, node.name)
    }
    const classes = this.#classesOf(logits)
    if (classes === undefined) return undefined
    const producer = this.#producers.get(logits)
    if (producer) names.push(producer.name)
    const activated = activation !== undefined
    const strength = this.#strength(logits)
    const text = names.join(' ')
    return {
      logits,
      classes,
      // One score is binary.
      probabilities: activation ?? (classes === 1 ? 'sigmoid' : 'softmax'),
      activated,
      output,
      strength,
      named: OTHER.test(text) ? -1 : SCORES.test(text) ? 1 : 0,
      depth: this.#depth(logits),
    }
  }

  /** C of a value [N, C] or [N, C, 1, 1]. */
  #classesOf(value: string): number | undefined {
    const [batch, classes, ...rest] = this.#shapes.get(value) ?? []
    return batch !== undefined && typeof classes === 'number' && rest.every(length => length === 1)
      ? classes
      : undefined
  }

  /** The input of a softmax or sigmoid, also where the graph computes the softmax from simpler operators. */
  #beforeActivation(node: Node): string | undefined {
    if (node.domain !== '') return undefined
    const [a, b] = node.inputs
    if (['Softmax', 'LogSoftmax', 'Sigmoid'].includes(node.op)) return a
    const by = b ? this.#through(b) : undefined
    // exp(z) / Σ exp(z).
    if (node.op === 'Div' && this.#op(a) === 'Exp' && by?.op === 'ReduceSum' && by.inputs[0] === a)
      return this.#unshifted(this.#producers.get(a!)!.inputs[0]!)
    // z − log Σ exp(z).
    if (node.op === 'Sub' && by?.op === 'ReduceLogSumExp' && by.inputs[0] === a) return this.#unshifted(a!)
    if (node.op === 'Sub' && by?.op === 'Log') {
      const sum = this.#through(by.inputs[0]!)
      const exp = sum?.op === 'ReduceSum' ? this.#producers.get(sum.inputs[0]!) : undefined
      if (exp?.op === 'Exp' && exp.inputs[0] === a) return this.#unshifted(a!)
    }
    return undefined
  }

  /** z of z − max z, which a softmax computes to avoid overflow. */
  #unshifted(value: string): string {
    const node = this.#producers.get(value)
    const maximum = node?.op === 'Sub' ? this.#through(node.inputs[1]!) : undefined
    return maximum?.op === 'ReduceMax' && maximum.inputs[0] === node!.inputs[0] ? node!.inputs[0]! : value
  }

  #op = (value: string | undefined): string | undefined => (value ? this.#producers.get(value)?.op : undefined)

  /** The producer of a value, ignoring operators that only reshape or broadcast it. */
  #through(value: string): Node | undefined {
    const node = this.#producers.get(value)
    return node && (LAYOUT.has(node.op) || node.op === 'Expand') ? this.#through(node.inputs[0]!) : node
  }

  /**
   * The strength of the layer that scores the classes of a value.
   * @param pooled    whether the value is averaged over the image after it
   * @param rectified whether a ReLU is between the two, as in SqueezeNet's head
   */
  #strength(value: string, pooled = false, rectified = false): Strength {
    const node = this.#producers.get(value)
    if (node?.domain !== '') return 0
    const data = node.inputs.filter(name => name && !this.#constant.has(name))
    const [first] = data
    if (first === undefined) return 0
    if (WEIGHTED.has(node.op)) return data.length > 1 ? 0 : rectified ? 1 : 2
    if (POOLS.has(node.op)) return this.#strength(first, true, rectified)
    const passes = LAYOUT.has(node.op) || node.op === 'Clip' || (SCALES.has(node.op) && data.length === 1)
    if (passes) return this.#strength(first, pooled, rectified)
    // The mean of joined branches is a feature of the network, not a score.
    if (JOINS.has(node.op) && !pooled)
      return data.reduce<Strength>((min, name) => Math.min(min, this.#strength(name)) as Strength, 2)
    if (node.op === 'Relu' && pooled && !rectified) return this.#strength(first, pooled, true)
    return 0
  }

  #depth(value: string): number {
    const needed = new Set([value])
    let count = 0
    for (const node of this.#graph.nodes.toReversed()) {
      if (!node.outputs.some(name => needed.has(name))) continue
      for (const name of node.inputs) needed.add(name)
      if (WEIGHTED.has(node.op)) count++
    }
    return count
  }
}
