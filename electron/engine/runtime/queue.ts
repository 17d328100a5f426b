/**
 * A fair queue: first in, first out for one owner, round-robin between owners, so that a short request does not wait
 * for
 * all tasks of a job.
 */
export class FairQueue<Owner, Work> {
  /** In the order of their turns: an owner moves to the end after its turn. */
  readonly #lines = new Map<Owner, Work[]>()

  push(owner: Owner, work: Work): void {
    const line = this.#lines.get(owner)
    if (line) line.push(work)
    else this.#lines.set(owner, [work])
  }

  /** The next task, or undefined when the queue is empty. */
  shift(): Work | undefined {
    const next = this.#lines.entries().next()
    if (next.done) return undefined
    const [owner, line] = next.value
    const work = line.shift()
    this.#lines.delete(owner)
    if (line.length) this.#lines.set(owner, line)
    return work
  }

  /** Empties the queue. */
  drain(): Work[] {
    const all = [...this.#lines.values()].flat()
    this.#lines.clear()
    return all
  }

  get empty(): boolean {
    return this.#lines.size === 0
  }
}
