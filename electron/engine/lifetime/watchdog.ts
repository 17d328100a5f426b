import { Worker } from 'node:worker_threads'

/** Milliseconds between two signs of life of the main thread. */
const BEAT = 500

/**
 * Ends this process when its parent has ended and the main thread cannot react, because it is inside a long call into
 * SQLite or another library. Without it such a process would remain as an orphan at full load.
 * A process without a channel (a command in a shell) is not watched: it may outlive its parent.
 */
export function watchParent(): void {
  if (process.channel === undefined || process.channel === null) return
  const beats = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(new URL('./watchdog.worker.ts', import.meta.url), {
    workerData: { beats, beat: BEAT, parent: process.ppid },
    // It must work when everything else hangs: it loads no other modules.
    execArgv: [],
    stdout: false,
  })
  worker.unref()
  setInterval(() => Atomics.add(beats, 0, 1), BEAT).unref()
}
