import type { ClassGroup } from '../../contract/cell-labels.ts'

/** A group in the hierarchy, or the classes of a group that are in none of its groups. */
interface Node {
  /** Null of the others of a group: a walk ends there. */
  readonly group: number | null
  readonly classes: Int32Array
  readonly children: number[]
}

/**
 * Scores of groups: the mean attribution to the group's classes minus the mean to all others, for each sample in standard
 * deviations of its attributions over the classes; then divided by the standard deviation of this score over the samples
 * of the atlas, so that groups of different sizes can be compared.
 */
export class GroupScores {
  /** The nodes at the top of the hierarchy. */
  readonly top: readonly number[]
  readonly #nodes: Node[]
  /** The classes that are scored. */
  readonly #classes: Int32Array
  #samples = 0
  readonly #sums: Float64Array
  readonly #squares: Float64Array

  /** @param excluded classes that are left out of all groups */
  constructor(groups: readonly ClassGroup[], classes: number, excluded: readonly number[]) {
    const left = Array.from({ length: classes }, (_, index) => index).filter(index => !excluded.includes(index))
    this.#classes = Int32Array.from(left)
    this.#nodes = groups.map(({ classes: its }, group) => ({
      group,
      classes: Int32Array.from(its.filter(index => !excluded.includes(index))),
      children: [],
    }))
    const top: number[] = []
    for (const [node, { parent }] of groups.entries())
      if (this.#nodes[node]!.classes.length > 0) (parent === null ? top : this.#nodes[parent]!.children).push(node)
    this.#addOthers(top, this.#classes)
    for (const node of this.#nodes.slice()) if (node.children.length > 0) this.#addOthers(node.children, node.classes)
    this.top = groups.length === 0 ? [] : top
    this.#sums = new Float64Array(this.#nodes.length)
    this.#squares = new Float64Array(this.#nodes.length)
  }

  /** Without groups, or with one that competes with nothing, there is nothing to walk. */
  get isEmpty(): boolean {
    return this.top.length < 2
  }

  groupOf(node: number): number | null {
    return this.#nodes[node]!.group
  }

  childrenOf(node: number): readonly number[] {
    return this.#nodes[node]!.children
  }

  /** Number of scores of a sample: of all groups, and of the others of each. */
  get width(): number {
    return this.#nodes.length
  }

  /**
   * The scores of a sample, not yet divided by their standard deviations.
   * @param values attributions to all classes from `at` on
   * @param into   [width]
   */
  ofSample(values: Float32Array, at: number, into: Float64Array): void {
    const n = this.#classes.length
    let [all, squares] = [0, 0]
    for (let k = 0; k < n; k++) {
      const value = values[at + this.#classes[k]!]!
      all += value
      squares += value * value
    }
    // Divided by its own standard deviation over the classes, every sample counts the same: the tails are heavy.
    const deviation = Math.sqrt(Math.max(0, squares / n - (all / n) ** 2)) || 1
    for (const [node, { classes }] of this.#nodes.entries()) {
      const sum = sumOf(values, at, classes)
      const others = n - classes.length
      into[node] = (sum / classes.length - (others > 0 ? (all - sum) / others : 0)) / deviation
    }
  }

  /** Takes the scores of a sample into the standard deviations. */
  observe(scores: Float64Array): void {
    this.#samples++
    for (let node = 0; node < scores.length; node++) {
      this.#sums[node]! += scores[node]!
      this.#squares[node]! += scores[node]! ** 2
    }
  }

  /** Divides rows of scores, or of their sums, by the standard deviations of the scores over the observed samples. */
  standardise(rows: Float64Array): void {
    const deviations = this.#sums.map((sum, node) => {
      const mean = sum / this.#samples
      return Math.sqrt(Math.max(0, this.#squares[node]! / this.#samples - mean * mean)) || 1
    })
    for (let k = 0; k < rows.length; k++) rows[k]! /= deviations[k % deviations.length]!
  }

  /** Adds a node of the classes that none of some groups has. */
  #addOthers(children: number[], classes: Int32Array): void {
    const covered = new Set(children.flatMap(node => [...this.#nodes[node]!.classes]))
    const others = classes.filter(index => !covered.has(index))
    if (others.length === 0 || children.length === 0) return
    children.push(this.#nodes.push({ group: null, classes: others, children: [] }) - 1)
  }
}

function sumOf(values: Float32Array, at: number, indices: Int32Array): number {
  let sum = 0
  for (let k = 0; k < indices.length; k++) sum += values[at + indices[k]!]!
  return sum
}
