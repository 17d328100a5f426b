import type { Writable } from './sql.ts'

/**
 * Writes that are ready at about the same time, in one transaction: each transaction costs as much as to store several icons,
 * and results of many workers come in crowds.
 */
export class WritesTogether {
  readonly #db: Writable
  #waiting: { readonly body: () => void; readonly done: PromiseWithResolvers<void> }[] = []

  constructor(db: Writable) {
    this.#db = db
  }

  /**
   * @param body writes to the project; it is called once, in a transaction with others
   * @returns when it is committed
   * @throws the error of the transaction, of which then nothing is stored
   */
  write(body: () => void): Promise<void> {
    const done = Promise.withResolvers<void>()
    // After everything that the connections have delivered by now.
    if (this.#waiting.length === 0) setImmediate(() => this.#commit())
    this.#waiting.push({ body, done })
    return done.promise
  }

  #commit(): void {
    const all = this.#waiting
    this.#waiting = []
    try {
      this.#db.write(() => {
        for (const { body } of all) body()
      })
      for (const { done } of all) done.resolve()
    } catch (error) {
      for (const { done } of all) done.reject(error)
    }
  }
}
