/**
 * Work that waits its turn: first come, first served for one owner, turn and turn about between owners,
 * so that a short request does not wait behind a whole job's.
 */
export class FairQueue<Owner, Work> {
  /** In the order of their turns: who was served goes to the end. */
  readonly #lines = new Map<Owner, Work[]>()

  push(owner: Owner, work: Work): void {
    const line = this.#lines.get(owner)
    if (line) line.push(work)
    else this.#lines.set(owner, [work])
  }

  /** The next piece of work, or undefined when none waits. */
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
