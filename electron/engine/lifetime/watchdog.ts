import { Worker } from 'node:worker_threads'

/** Milliseconds between two signs of life of the main thread. */
const BEAT = 500

/**
 * Ends this process when its parent is gone and the main thread does not notice, because it is inside a call into SQLite
 * or another library that does not return. Without it such a process would stay as an orphan at full speed.
 * A process that nobody holds a channel to (a command typed into a shell) is left alone: its parent may go.
 */
export function watchParent(): void {
  if (process.channel === undefined || process.channel === null) return
  const beats = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(new URL('./watchdog.worker.ts', import.meta.url), {
    workerData: { beats, beat: BEAT, parent: process.ppid },
    // It is there for the case that everything else hangs: nothing of ours is loaded into it.
    execArgv: [],
    stdout: false,
  })
  worker.unref()
  setInterval(() => Atomics.add(beats, 0, 1), BEAT).unref()
}
