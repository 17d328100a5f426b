import type { Reporter, TestCase } from 'vitest/node'

/** Reports of each test when it begins and how long it took: for suites whose tests take minutes. */
export default class Progress implements Reporter {
  readonly #started = performance.now()

  onTestCaseReady(test: TestCase): void {
    if (test.options.mode === 'run') this.#report(test, 'begun')
  }

  onTestCaseResult(test: TestCase): void {
    const { state } = test.result()
    const took = test.diagnostic()?.duration
    this.#report(test, took === undefined ? state : `${state} after ${(took / 1000).toFixed(0)} s`)
  }

  #report(test: TestCase, what: string): void {
    const all = ((performance.now() - this.#started) / 1000).toFixed(0)
    process.stderr.write(`${test.module.relativeModuleId}: ${test.fullName}: ${what} (${all} s in all)\n`)
  }
}
