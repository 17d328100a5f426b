/** Asks for the newest thing only: one question is under way at most, and what was wanted in between is never asked. */
export class Latest<I, O> {
  readonly #ask: (input: I) => Promise<O>
  readonly #told: (input: I, output: O) => void
  readonly #failed: (input: I, error: Error) => void
  #busy = false
  #next: { readonly input: I } | undefined
  #ended = false

  constructor(
    ask: (input: I) => Promise<O>,
    told: (input: I, output: O) => void,
    failed: (input: I, error: Error) => void,
  ) {
    this.#ask = ask
    this.#told = told
    this.#failed = failed
  }

  want(input: I): void {
    this.#next = { input }
    if (!this.#busy) void this.#run()
  }

  /** Nothing is told any more. */
  end(): void {
    this.#ended = true
    this.#next = undefined
  }

  async #run(): Promise<void> {
    this.#busy = true
    while (this.#next !== undefined) {
      const { input } = this.#next
      this.#next = undefined
      try {
        const output = await this.#ask(input)
        if (!this.#ended) this.#told(input, output)
      } catch (error) {
        if (!this.#ended) this.#failed(input, error instanceof Error ? error : new Error(String(error)))
      }
    }
    this.#busy = false
  }
}
