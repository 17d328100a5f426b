import { workerData } from 'node:worker_threads'

const { beats, beat, parent } = workerData as {
  readonly beats: Int32Array
  readonly beat: number
  readonly parent: number
}

/** Maximum silence of the main thread after the parent has ended, in milliseconds. */
const SILENCE = 3000
/** Maximum time for a responsive main thread to finish its batch. */
const FINISHING = 60_000

const hasEnded = (): boolean => {
  if (process.ppid !== parent) return true
  try {
    // Windows keeps the process id of a parent that has ended.
    process.kill(parent, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

let [last, silentSince, endedAt] = [-1, 0, Number.POSITIVE_INFINITY]
setInterval(() => {
  const now = performance.now()
  const count = Atomics.load(beats, 0)
  if (count !== last) [last, silentSince] = [count, now]
  if (endedAt === Number.POSITIVE_INFINITY && hasEnded()) [endedAt, silentSince] = [now, now]
  if (now - endedAt > FINISHING || (now - endedAt > SILENCE && now - silentSince > SILENCE))
    process.kill(process.pid, 'SIGKILL')
}, beat)
