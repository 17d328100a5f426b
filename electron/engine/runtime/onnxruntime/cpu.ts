import { createRequire } from 'node:module'
import { availableParallelism, cpus } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { z } from 'zod'
import type { Backend } from '../backend.ts'
import type { WorkerSettings } from '../protocol.ts'
import type { Runtime } from '../runtime.ts'
import { createThreadedRuntime, workerOf } from '../threaded.ts'

interface CpuOptions {
  /** Threads of one run; as many as the machine has cores by default. Results may depend on it in the last bits. */
  readonly threads?: number
  /** Maximum number of open sessions, each with a copy of the weights. */
  readonly maxSessions?: number
  /** Starts the worker; for tests that replace it. */
  readonly start?: (settings: WorkerSettings) => Worker
}

/** Maximum number of shards: each has a copy of the weights. */
const MAX_SHARDS = 4
/** The sessions of one inversion: optimisation step, picture, fidelity. */
const SHARD_SESSIONS = 3

/** The name of the processor. */
export const processor = (): string => cpus()[0]?.model.trim() || process.arch

/** ONNX Runtime on the CPU: available on every machine, and the reference that others are compared with. */
export function createCpuRuntime(options: CpuOptions = {}): Promise<Runtime> {
  const threads = options.threads ?? availableParallelism()
  const shards = Math.min(threads, MAX_SHARDS)
  const share = { threads: Math.floor(threads / shards), maxSessions: SHARD_SESSIONS }
  return createThreadedRuntime({
    name: 'cpu',
    threads,
    maxSessions: options.maxSessions,
    weightsApart: true,
    start: options.start ?? workerOf(new URL('./cpu.worker.ts', import.meta.url)),
    device: processor(),
    ...(shards > 1 && { shards: () => Promise.all(Array.from({ length: shards }, () => createCpuRuntime(share))) }),
  })
}

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
