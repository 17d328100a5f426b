/** Bytes that are shared among units: each waits until there is room for its own. */
export class Budget {
  #left: number
  readonly #all: number
  readonly #waiting: { readonly bytes: number; readonly start: () => void }[] = []

  constructor(bytes: number) {
    this.#left = bytes
    this.#all = bytes
  }

  take(bytes: number, signal: AbortSignal): Promise<void> {
    const wanted = Math.min(bytes, this.#all)
    if (this.#waiting.length === 0 && wanted <= this.#left) {
      this.#left -= wanted
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const one = { bytes: wanted, start: resolve }
      this.#waiting.push(one)
      signal.addEventListener('abort', () => {
        const at = this.#waiting.indexOf(one)
        if (at < 0) return
        this.#waiting.splice(at, 1)
        reject(signal.reason)
      })
    })
  }

  give(bytes: number): void {
    this.#left += Math.min(bytes, this.#all)
    while (this.#waiting[0] && this.#waiting[0].bytes <= this.#left) {
      const next = this.#waiting.shift()!
      this.#left -= next.bytes
      next.start()
    }
  }
}
