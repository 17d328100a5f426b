import { relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

/** Reports at the end, in one line that machines read, how it went; before it, why anything was skipped, and what failed with what. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly { readonly message: string }[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 }
    const reasons = new Map<string, number>()
    const failures: string[] = []
    const fail = (where: string, error: { readonly message: string } | undefined): void => {
      count.failed++
      failures.push(`failed: ${where}: ${error?.message.split('\n', 1)[0] ?? 'without an error'}`)
    }
    for (const error of errors) fail('outside of the tests', error)
    for (const module of modules) {
      const file = relative(process.cwd(), module.moduleId)
      // A file that does not even load has no tests to fail.
      const [first] = module.errors()
      if (first) fail(file, first)
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'failed') fail(`${file} > ${test.fullName}`, result.errors[0])
        else if (result.state !== 'pending') count[result.state]++
        if (result.state === 'skipped') {
          // Tests that are skipped as a whole have the reason in their names.
          const why = result.note ?? test.fullName
          reasons.set(why, (reasons.get(why) ?? 0) + 1)
        }
      }
    }
    const skipped = [...reasons].map(([why, times]) => `skipped ${times}: ${why}`)
    process.stdout.write(
      `\n${[...failures, ...skipped, `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`].join('\n')}\n`,
    )
  }
}
