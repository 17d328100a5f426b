import { attribute, type Dim, type Node } from '../onnx/graph.ts'
import type { Calculus } from './calculus.ts'

/** A tangent or a cotangent; undefined where it is zero, so that no node is added for it. */
export type Term = string | undefined

/**
 * The derivatives of one operator in forward and reverse mode. Every tangent and cotangent has the shape of its value.
 * Both functions append nodes to the graph and return the names of the resulting values.
 */
export interface Rule {
  readonly op: string
  /** Forward, J·t: from the tangents of the node's inputs to the tangents of its outputs. */
  jvp(g: Calculus, at: Site, tangents: readonly Term[]): readonly Term[]
  /** Reverse, Jᵀ·d: from the cotangents of the node's outputs to the cotangents of its inputs, where `at.active`. */
  vjp(g: Calculus, at: Site, cotangents: readonly Term[]): readonly Term[]
}

/** A node as a rule reads it: names, attributes, and which inputs depend on the variables. */
export class Site {
  readonly node: Node
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly #active: ReadonlySet<string>

  /** @param active the values that depend on the variables of differentiation */
  constructor(node: Node, active: ReadonlySet<string>) {
    this.node = node
    this.inputs = node.inputs
    this.outputs = node.outputs
    this.#active = active
  }

  /** The first input. */
  get x(): string {
    return this.inputs[0]!
  }

  /** The first output. */
  get y(): string {
    return this.outputs[0]!
  }

  /** Whether an input depends on the variables of differentiation. */
  active(input: number): boolean {
    return this.#active.has(this.inputs[input] ?? '')
  }

  int(name: string): number | undefined
  int(name: string, otherwise: number): number
  int(name: string, otherwise?: number): number | undefined {
    return otherwise === undefined ? attribute(this.node, name, 'int') : attribute(this.node, name, 'int', otherwise)
  }

  float(name: string, otherwise: number): number {
    return attribute(this.node, name, 'float', otherwise)
  }

  string(name: string, otherwise: string): string {
    return attribute(this.node, name, 'string', otherwise)
  }

  ints(name: string): readonly number[] | undefined {
    return attribute(this.node, name, 'ints')
  }
}

type One = (g: Calculus, at: Site, term: string) => string

/** The rule of an operator with one output that has a derivative with respect to its first input only. */
export const byFirst = (op: string, { jvp, vjp }: { readonly jvp: One; readonly vjp: One }): Rule => ({
  op,
  jvp: (g, at, [t]) => [onlyFirst(g, at) && t && jvp(g, at, t)],
  vjp: (g, at, [d]) => [onlyFirst(g, at) && d && vjp(g, at, d)],
})

/** A rule of an operator whose Jacobian is symmetric, so that both modes are one formula: all that act elementwise. */
export const symmetric = (op: string, apply: One): Rule => byFirst(op, { jvp: apply, vjp: apply })

function onlyFirst(g: Calculus, at: Site): true {
  const other = at.inputs.findIndex((_, input) => input > 0 && at.active(input))
  if (other > 0)
    g.refuse(
      at.node,
      `it has a derivative only with respect to its first input, but its input "${at.inputs[other]}" depends on the variable too`,
    )
  return true
}

/** Whether two shapes are certainly equal. */
export const sameDims = (a: readonly Dim[], b: readonly Dim[]): boolean =>
  a.length === b.length && a.every((dim, i) => dim === b[i])
