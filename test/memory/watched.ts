import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { BroadcastChannel, Worker } from 'node:worker_threads'
import type { WorkerSettings } from '../../electron/engine/runtime/protocol.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { installedKind } from '../../electron/engine/runtime/tensorflow/packages.ts'
import { createThreadedRuntime } from '../../electron/engine/runtime/threaded.ts'
import { REPORTS, type WatchedSettings } from './watched-settings.ts'

const WATCHABLE = {
  cpu: { file: 'onnxruntime/cpu.worker.ts', threads: availableParallelism(), more: {} },
  webgpu: { file: 'onnxruntime/device.worker.ts', threads: availableParallelism(), more: { provider: 'webgpu' } },
  tensorflow: { file: 'tensorflow/worker.ts', threads: 1, more: { kind: installedKind() } },
} as const
export type Watchable = keyof typeof WATCHABLE

/** What a process holds when it has given up its garbage. */
export interface Holding {
  /** Resident bytes: heaps of all threads, what native libraries have taken, code. */
  readonly rss: number
  /** TensorFlow's tensors; 0 for other runtimes. */
  readonly tensors: number
}

/** A runtime in its own thread as it is always run, of one shard, so that one thread holds all. */
export function watchedRuntime(name: Watchable, every: number): Promise<Runtime> {
  const { file, threads, more } = WATCHABLE[name]
  const worker = new URL(`../../electron/engine/runtime/${file}`, import.meta.url).href
  const start = (settings: WorkerSettings): Worker => {
    const workerData: WatchedSettings = { ...settings, worker, every, ...more }
    return new Worker(new URL('./watched.worker.ts', import.meta.url), { workerData, execArgv: [] })
  }
  return createThreadedRuntime({ name, threads, device: 'watched', start })
}

/** Reports what the watched thread holds, collects this thread's garbage as well, and measures the process. */
export function watch(report: (holding: Holding) => void): Disposable {
  const reports = new BroadcastChannel(REPORTS)
  reports.onmessage = ({ data }) => {
    globalThis.gc?.()
    report({ rss: resident(), tensors: Number(data) })
  }
  return { [Symbol.dispose]: () => reports.close() }
}

/** Resident bytes of this process. Linux counts pages for each core, and reports the sum to 128 kB, unless it has to walk. */
function resident(): number {
  try {
    const walked = /^Rss:\s+(\d+) kB/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))
    if (walked) return 1024 * Number(walked[1])
  } catch {
    // Another system, or no permission to read it.
  }
  return process.memoryUsage.rss()
}
