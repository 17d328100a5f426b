/** An undo history. A value that equals the present one (as JSON) adds no step. */
export class History<T> {
  readonly #past: T[] = []
  #future: T[] = []
  #present: T
  readonly #limit: number

  constructor(present: T, limit = 100) {
    this.#present = present
    this.#limit = limit
  }

  get present(): T {
    return this.#present
  }

  get canUndo(): boolean {
    return this.#past.length > 0
  }

  get canRedo(): boolean {
    return this.#future.length > 0
  }

  push(next: T): void {
    if (JSON.stringify(next) === JSON.stringify(this.#present)) return
    this.#past.push(this.#present)
    if (this.#past.length > this.#limit) this.#past.shift()
    this.#present = next
    this.#future = []
  }

  undo(): T | undefined {
    const back = this.#past.pop()
    if (back === undefined) return undefined
    this.#future.push(this.#present)
    this.#present = back
    return back
  }

  redo(): T | undefined {
    const forward = this.#future.pop()
    if (forward === undefined) return undefined
    this.#past.push(this.#present)
    this.#present = forward
    return forward
  }
}
