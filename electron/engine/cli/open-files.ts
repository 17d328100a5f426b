import { readFileSync } from 'node:fs'

/** Below this limit the native libraries crash while they load. */
const MIN_OPEN_FILES = 64

/**
 * A sentence when the limit of open files is too low for Portolan; undefined when it is high enough, or the system does
 * not report it.
 */
export function tooFewFiles(limits = '/proc/self/limits'): string | undefined {
  let text: string
  try {
    text = readFileSync(limits, 'utf8')
  } catch {
    return undefined
  }
  const soft = /^Max open files\s+(\d+)/m.exec(text)?.[1]
  if (soft === undefined || Number(soft) >= MIN_OPEN_FILES) return undefined
  return `the limit of open files is ${soft}, and Portolan needs ${MIN_OPEN_FILES}: raise the limit with "ulimit -n 1024"`
}
