import type { GraphBuilder } from '../onnx/builder.ts'

/**
 * Lengths along some axes of a value. They are numbers where the sizes are known when the graph is built, and a
 * small integer value of the graph where they are known only at run time. Arithmetic of the first kind is computed
 * here,
 * of the second kind by the graph: one formula serves fixed and free image sizes.
 */
export class Lengths {
  readonly #g: GraphBuilder
  /** The numbers, when they are known at build time. */
  readonly known: readonly number[] | undefined
  readonly #name: string | undefined

  private constructor(g: GraphBuilder, known: readonly number[] | undefined, name: string | undefined) {
    this.#g = g
    this.known = known
    this.#name = name
  }

  static of(g: GraphBuilder, values: readonly number[]): Lengths {
    return new Lengths(g, values, undefined)
  }

  /** @param name a one-dimensional int64 value of the graph */
  static at(g: GraphBuilder, name: string): Lengths {
    return new Lengths(g, undefined, name)
  }

  /** The lengths as a one-dimensional int64 operand. */
  operand(): string {
    return this.#name ?? this.#g.integers(this.known ?? [])
  }

  /** One of the lengths. */
  only(index: number): Lengths {
    if (this.known) return Lengths.of(this.#g, [this.known[index]!])
    return Lengths.at(this.#g, this.#g.slice(this.operand(), [0], [index], [index + 1]))
  }

  plus = (other: Lengths | readonly number[]): Lengths => this.#with('Add', other, (a, b) => a + b, 0)
  minus = (other: Lengths | readonly number[]): Lengths => this.#with('Sub', other, (a, b) => a - b, 0)
  times = (other: Lengths | readonly number[]): Lengths => this.#with('Mul', other, (a, b) => a * b, 1)
  /** Rounds towards zero, as ONNX does. */
  over = (other: Lengths | readonly number[]): Lengths => this.#with('Div', other, (a, b) => Math.trunc(a / b), 1)
  atLeast = (other: Lengths | readonly number[]): Lengths => this.#with('Max', other, Math.max)
  atMost = (other: Lengths | readonly number[]): Lengths => this.#with('Min', other, Math.min)

  /** @param neutral the neutral operand, for which no node is added */
  #with(
    op: string,
    other: Lengths | readonly number[],
    apply: (a: number, b: number) => number,
    neutral?: number,
  ): Lengths {
    const right = other instanceof Lengths ? other : Lengths.of(this.#g, other)
    const { known } = right
    if (known?.every(value => value === neutral)) return this
    if (this.known && known)
      return Lengths.of(
        this.#g,
        this.known.map((value, i) => apply(value, known[i]!)),
      )
    return Lengths.at(this.#g, this.#g.node(op, [this.operand(), right.operand()]))
  }
}
