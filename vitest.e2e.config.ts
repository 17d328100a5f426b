import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: ['test/e2e/global-setup.ts'],
    // Each test opens windows that are drawn in software: two at a time would only measure each other.
    maxWorkers: 1,
    pool: 'forks',
    reporters: ['default', './test/progress.ts', './test/reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
