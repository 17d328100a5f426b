import { workerData } from 'node:worker_threads'

const { beats, beat, parent } = workerData as {
  readonly beats: Int32Array
  readonly beat: number
  readonly parent: number
}

/** How long the main thread may be silent once the parent is gone, in milliseconds. */
const SILENCE = 3000
/** How long a main thread that answers may take to finish its batch. */
const FINISHING = 60_000

const isGone = (): boolean => {
  if (process.ppid !== parent) return true
  try {
    // Windows keeps the number of a parent that is gone.
    process.kill(parent, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

let [last, silentSince, goneSince] = [-1, 0, Number.POSITIVE_INFINITY]
setInterval(() => {
  const now = performance.now()
  const count = Atomics.load(beats, 0)
  if (count !== last) [last, silentSince] = [count, now]
  if (goneSince === Number.POSITIVE_INFINITY && isGone()) [goneSince, silentSince] = [now, now]
  if (now - goneSince > FINISHING || (now - goneSince > SILENCE && now - silentSince > SILENCE))
    process.kill(process.pid, 'SIGKILL')
}, beat)
