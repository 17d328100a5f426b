/** What has to be waited for until it opens, or is shut for good. (Promise.withResolvers is younger than Electron 25.) */
export class Gate {
  readonly passed: Promise<void>
  #open: () => void = () => {}
  #shut: (why: Error) => void = () => {}

  constructor() {
    this.passed = new Promise((open, shut) => {
      this.#open = open
      this.#shut = shut
    })
    // Shut while nobody waits is no fault.
    this.passed.catch(() => {})
  }

  open(): void {
    this.#open()
  }

  shut(why: Error): void {
    this.#shut(why)
  }
}
