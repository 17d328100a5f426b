/** Sends the latest request only: at most one is running, and those superseded meanwhile are dropped. */
export class LatestRequest<I, O> {
  readonly #send: (input: I) => Promise<O>
  readonly #onReply: (input: I, output: O) => void
  readonly #onError: (input: I, error: Error) => void
  #busy = false
  #next: { readonly input: I } | undefined
  #ended = false

  constructor(
    send: (input: I) => Promise<O>,
    onReply: (input: I, output: O) => void,
    onError: (input: I, error: Error) => void,
  ) {
    this.#send = send
    this.#onReply = onReply
    this.#onError = onError
  }

  request(input: I): void {
    this.#next = { input }
    if (!this.#busy) void this.#run()
  }

  /** Stops reporting replies and errors. */
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
        const output = await this.#send(input)
        if (!this.#ended) this.#onReply(input, output)
      } catch (error) {
        if (!this.#ended) this.#onError(input, error instanceof Error ? error : new Error(String(error)))
      }
    }
    this.#busy = false
  }
}
