import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** What takes an hour: memory over thousands of steps. Run with `npm run test:long`. */
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    maxWorkers: 1,
    pool: 'forks',
    env: {
      // What is remembered of the machine's runtimes: not the user's own.
      PORTOLAN_DATA: join(tmpdir(), 'portolan-tests'),
      // For the tests that start ONNX Runtime's workers themselves.
      ORT_DISABLE_TELEMETRY: '1',
    },
    reporters: ['default', './test/progress.ts', './test/reporter.ts'],
    testTimeout: 90 * 60_000,
    hookTimeout: 60_000,
  },
})
