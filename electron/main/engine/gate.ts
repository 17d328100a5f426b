/** A promise that is resolved by `open` or rejected by `shut`. (Electron 25 has no Promise.withResolvers.) */
export class Gate {
  readonly passed: Promise<void>
  #open: () => void = () => {}
  #shut: (why: Error) => void = () => {}

  constructor() {
    this.passed = new Promise((open, shut) => {
      this.#open = open
      this.#shut = shut
    })
    // A rejection without a listener is not an error.
    this.passed.catch(() => {})
  }

  open(): void {
    this.#open()
  }

  shut(why: Error): void {
    this.#shut(why)
  }
}
