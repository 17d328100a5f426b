import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** A process, distinguished from a later one with the same number. */
interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** An opaque text that differs between processes with the same number; null where the system has none. */
  readonly started: string | null
}

export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  host: hostname(),
  started: startOf(process.pid) ?? null,
})

/**
 * Whether the process still runs. Only processes of this machine can be checked; one of another machine counts as
 * running, because to unlock a project of a running process is worse than to refuse.
 */
export const isRunning = (identity: ProcessIdentity): boolean => {
  if (identity.host !== hostname()) return true
  if (!exists(identity.pid)) return false
  const started = startOf(identity.pid)
  return identity.started === null || started === undefined || started === identity.started
}

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it exists, and belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  return true
}

const startOf = (pid: number): string | undefined =>
  process.platform === 'linux' ? linuxStart(pid) : process.platform === 'win32' ? undefined : unixStart(pid)

/** Boot and ticks since boot. A zombie (killed, but not yet waited for by its parent) does not run any more. */
const linuxStart = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the program's name in parentheses and may contain any character, parentheses and spaces included.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return 'ended'
    // Fields 1 and 2 are cut off: starttime, the 22nd of proc(5), is the 20th of the rest.
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${fields[19]}`
  } catch {
    return undefined
  }
}

const unixStart = (pid: number): string | undefined => {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}
