import type { Attributes, Node } from './graph.ts'
import type { Context } from './normalise-rules.ts'
import { float32, int64 } from './tensor.ts'

/** Replaces a node by a chain of nodes; the last has the outputs of the original. */
export class Chain {
  readonly nodes: Node[] = []
  readonly #node: Node
  readonly #context: Context

  constructor(node: Node, context: Context) {
    this.#node = node
    this.#context = context
  }

  number = (value: number): string => this.#context.initializer(float32([], [value]))

  integers = (values: readonly number[]): string => this.#context.initializer(int64(values))

  op(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = this.#context.fresh(`${this.#node.outputs[0]}.${op}`)
    this.nodes.push({ op, domain: '', name: output, inputs, outputs: [output], attributes })
    return output
  }

  last(op: string, inputs: readonly string[], attributes: Attributes = {}): readonly Node[] {
    const { name, outputs } = this.#node
    return [...this.nodes, { op, domain: '', name, inputs, outputs, attributes }]
  }
}
