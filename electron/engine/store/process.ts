import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** A process, told from a later one that was given the same number. */
export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** An opaque text that two processes with the same number do not share; null where the system does not say. */
  readonly started: string | null
}

export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  host: hostname(),
  started: startOf(process.pid) ?? null,
})

/**
 * Whether the process still runs. Only processes of this machine can be asked about; one of another machine counts as
 * running, because taking a project from a living process is worse than asking the user.
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
    // EPERM: it is there, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  return true
}

const startOf = (pid: number): string | undefined =>
  process.platform === 'linux' ? linuxStart(pid) : process.platform === 'win32' ? undefined : unixStart(pid)

/** Boot and ticks since boot. A killed process whose parent has not asked for it yet (a zombie) runs no more. */
const linuxStart = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the program's name in parentheses and may hold anything, parentheses and spaces too.
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
