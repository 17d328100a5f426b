import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/{unit,engine}/**/*.test.ts'],
    // Inference and layout are native and use every core themselves: more than two files at once only makes them wait.
    maxWorkers: 2,
    pool: 'forks',
    env: {
      // What is remembered of the machine's runtimes: not the user's own.
      PORTOLAN_DATA: join(tmpdir(), 'portolan-tests'),
      // For the tests that load ONNX Runtime themselves; electron/engine/runtime/onnxruntime/telemetry.ts does it for all others.
      ORT_DISABLE_TELEMETRY: '1',
    },
    reporters: ['default', './test/reporter.ts'],
    // Against what hangs, not what is slow: a machine with other work takes several times as long as a quiet one.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})
