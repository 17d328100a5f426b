import type { Dim, Shape } from './graph.ts'

/** The expression of a generated length, as far as it helps to recognise equal lengths. */
interface Meaning {
  /** A length plus a number. */
  readonly base?: string
  readonly offset?: number
  /** A number times lengths. */
  readonly factor?: number
  readonly factors?: readonly string[]
}

/**
 * Arithmetic of lengths, known or not. The same expression of the same lengths always has the same name, so two
 * branches that halve an image by different kernels still meet in one Concat.
 */
export class Dims {
  readonly #taken: Set<string>
  readonly #names = new Map<string, string>()
  readonly #meanings = new Map<string, Meaning>()
  #generated = 0

  /** @param taken names of lengths that are in use already */
  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken)
  }

  /** The name of the length that an expression computes. */
  named(expression: string, meaning?: Meaning): string {
    const known = this.#names.get(expression)
    if (known) return known
    const name = this.fresh()
    this.#names.set(expression, name)
    if (meaning) this.#meanings.set(name, meaning)
    return name
  }

  /** The name of an unknown length. */
  fresh(): string {
    let name: string
    do name = `~${++this.#generated}`
    while (this.#taken.has(name))
    return name
  }

  plus(a: Dim, b: Dim): Dim {
    if (typeof a === 'number') [a, b] = [b, a]
    if (typeof a === 'number' || typeof b === 'string')
      return typeof a === 'number' ? a + Number(b) : this.named(`${[a, b].sort().join(' + ')}`)
    const { base = a, offset = 0 } = this.#meanings.get(a) ?? {}
    const total = offset + b
    return total === 0 ? base : this.named(`${base} + ${total}`, { base, offset: total })
  }

  minus(a: Dim, b: Dim): Dim {
    if (typeof b === 'number') return this.plus(a, -b)
    if (a === b) return 0
    const [left, right] = [a, b].map(dim => this.#affine(dim))
    if (left!.base === right!.base) return left!.offset - right!.offset
    return this.named(`${a} - ${b}`)
  }

  times = (a: Dim, b: Dim): Dim => this.product([a, b])

  /** The number of elements of a shape. */
  product(dims: Shape): Dim {
    const { factor, factors } = this.#factors(dims)
    if (factor === 0 || factors.length === 0) return factor
    if (factor === 1 && factors.length === 1) return factors[0]!
    return this.named([factor, ...factors].join(' · '), { factor, factors })
  }

  /** The quotient of two products; a fresh length where their names do not cancel. */
  quotient(above: Shape, below: Shape): Dim {
    const top = this.#factors(above)
    const bottom = this.#factors(below)
    const rest = [...top.factors]
    const kept = bottom.factors.filter(name => {
      const at = rest.indexOf(name)
      if (at >= 0) rest.splice(at, 1)
      return at < 0
    })
    const factor = top.factor / bottom.factor
    if (kept.length === 0 && Number.isInteger(factor)) return this.product([factor, ...rest])
    return this.named(`${[top.factor, ...rest].join(' · ')} / ${[bottom.factor, ...kept].join(' · ')}`)
  }

  /**
   * Positions of a window: ⌊(length + slack)/stride⌋ + 1, or with ⌈ ⌉.
   * @param slack  padding at both ends minus the window's extent
   * @param before padding at the beginning: in ceil mode no window may start after the end of the image
   */
  windows(length: Dim, slack: number, stride: number, ceil = false, before = 0): Dim {
    if (stride === 1) {
      const positions = this.plus(length, slack + 1)
      return typeof positions === 'number' ? Math.max(0, positions) : positions
    }
    if (typeof length === 'string')
      return this.named(`${ceil ? `ceil ${before}` : 'floor'} (${length} + ${slack}) / ${stride} + 1`)
    if (!ceil) return Math.max(0, Math.floor((length + slack) / stride) + 1)
    const positions = Math.max(0, Math.ceil((length + slack) / stride) + 1)
    return (positions - 1) * stride >= length + before ? positions - 1 : positions
  }

  /** The common length of two operands; undefined when they do not broadcast. */
  broadcast(a: Dim, b: Dim): Dim | undefined {
    if (a === b || b === 1) return a
    if (a === 1) return b
    if (typeof a === 'number' && typeof b === 'number') return undefined
    if (typeof a === 'number') return a
    if (typeof b === 'number') return b
    return this.named(`broadcast ${[a, b].sort().join(', ')}`)
  }

  #affine(dim: Dim): { readonly base: string; readonly offset: number } {
    if (typeof dim === 'number') return { base: '', offset: dim }
    const { base = dim, offset = 0 } = this.#meanings.get(dim) ?? {}
    return { base, offset }
  }

  #factors(dims: Shape): { readonly factor: number; readonly factors: readonly string[] } {
    let product = 1
    const names: string[] = []
    for (const dim of dims) {
      if (typeof dim === 'number') product *= dim
      else {
        const { factor = 1, factors = [dim] } = this.#meanings.get(dim) ?? {}
        product *= factor
        names.push(...factors)
      }
    }
    return { factor: product, factors: names.sort() }
  }
}
