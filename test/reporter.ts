import type { Reporter, TestModule } from 'vitest/node'

/** Reports at the end, in one line that machines read, how it went; before it, why anything was skipped. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0 }
    const reasons = new Map<string, number>()
    for (const module of modules) {
      // A file that does not even load has no tests to fail.
      if (module.errors().length > 0) count.failed++
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'pending') continue
        count[result.state]++
        if (result.state === 'skipped') {
          // Tests that are skipped as a whole have the reason in their names.
          const why = result.note ?? test.fullName
          reasons.set(why, (reasons.get(why) ?? 0) + 1)
        }
      }
    }
    const lines = [...reasons].map(([why, times]) => `skipped ${times}: ${why}`)
    process.stdout.write(
      `\n${[...lines, `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`].join('\n')}\n`,
    )
  }
}
