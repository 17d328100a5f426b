import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { z } from 'zod'
import type { Backend } from './backend.ts'
import { createCpuRuntime } from './onnxruntime.ts'

const cpu: Backend = {
  name: 'cpu',
  find: async () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(createRequire(import.meta.url)('onnxruntime-node/package.json'))
    return {
      name: 'cpu',
      title: 'CPU',
      library: `onnxruntime-node ${version}`,
      device: cpus()[0]?.model.trim() || process.arch,
      missing: null,
      remedy: null,
      note: null,
      accelerated: false,
    }
  },
  open: ({ threads } = {}) => createCpuRuntime(threads === undefined ? {} : { threads }),
}

/** Every way to run graphs that this Portolan knows. The CPU is always there: its numbers decide. */
export const BACKENDS: readonly Backend[] = [cpu]
