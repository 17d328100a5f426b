import { createRequire } from 'node:module'
import { z } from 'zod'
import type { Backend } from '../backend.ts'
import { createCpuRuntime, processor } from './cpu-runtime.ts'

export const cpu: Backend = {
  name: 'cpu',
  find: async () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(createRequire(import.meta.url)('onnxruntime-node/package.json'))
    return {
      name: 'cpu',
      title: 'CPU',
      library: `onnxruntime-node ${version}`,
      device: processor(),
      missing: null,
      remedy: null,
      note: null,
      accelerated: false,
    }
  },
  open: ({ threads } = {}) => createCpuRuntime(threads === undefined ? {} : { threads }),
}
