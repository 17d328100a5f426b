import type { ClassGroup } from '../../contract/cell-labels.ts'
import type { PhotographSums } from '../statistics/winner.ts'

/** A group in the hierarchy, or the classes of a group that are in none of its groups. */
interface Node {
  /** Null of the others of a group: a walk ends there. */
  readonly group: number | null
  readonly classes: Int32Array
  readonly children: number[]
}

/**
 * Scores of groups: the mean attribution to the group's classes minus the mean to all others, divided by its standard
 * deviation over the samples of the atlas, so that groups of different sizes can be compared.
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

  /** Takes a sample into the standard deviations. @param values attributions to all classes from `at` on */
  observe(values: Float32Array, at: number): void {
    this.#samples++
    const all = sumOf(values, at, this.#classes)
    for (const [node, { classes }] of this.#nodes.entries()) {
      const score = this.#contrast(sumOf(values, at, classes), all, classes.length)
      this.#sums[node]! += score
      this.#squares[node]! += score * score
    }
  }

  /** Sums of scores, one column per node, from sums of attributions to classes: scores are linear. */
  ofPhotographs({ sums, counts, width: classes }: PhotographSums): PhotographSums {
    const width = this.#nodes.length
    const scores = new Float64Array(counts.length * width)
    const deviations = this.#deviations()
    for (let r = 0; r < counts.length; r++) {
      const all = sumOf(sums, r * classes, this.#classes)
      for (const [node, { classes: its }] of this.#nodes.entries())
        scores[r * width + node] = this.#contrast(sumOf(sums, r * classes, its), all, its.length) / deviations[node]!
    }
    return { sums: scores, counts, width }
  }

  #contrast(sum: number, all: number, size: number): number {
    const others = this.#classes.length - size
    return sum / size - (others > 0 ? (all - sum) / others : 0)
  }

  #deviations(): Float64Array {
    return this.#sums.map((sum, node) => {
      const mean = sum / this.#samples
      return Math.sqrt(Math.max(0, this.#squares[node]! / this.#samples - mean * mean)) || 1
    })
  }

  /** Adds a node of the classes that none of some groups has. */
  #addOthers(children: number[], classes: Int32Array): void {
    const covered = new Set(children.flatMap(node => [...this.#nodes[node]!.classes]))
    const others = classes.filter(index => !covered.has(index))
    if (others.length === 0 || children.length === 0) return
    children.push(this.#nodes.push({ group: null, classes: others, children: [] }) - 1)
  }
}

function sumOf(values: Float32Array | Float64Array, at: number, indices: Int32Array): number {
  let sum = 0
  for (let k = 0; k < indices.length; k++) sum += values[at + indices[k]!]!
  return sum
}
