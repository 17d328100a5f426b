import { readFileSync } from 'node:fs'

/** Below this the native libraries end the process while they load. */
const LEAST = 64

/**
 * A sentence where this process may open too few files to run at all; undefined where it may open enough, or the system
 * does not say.
 */
export function tooFewFiles(limits = '/proc/self/limits'): string | undefined {
  let text: string
  try {
    text = readFileSync(limits, 'utf8')
  } catch {
    return undefined
  }
  const soft = /^Max open files\s+(\d+)/m.exec(text)?.[1]
  if (soft === undefined || Number(soft) >= LEAST) return undefined
  return `this process may open ${soft} files only, and needs ${LEAST}: raise the limit with "ulimit -n 1024"`
}
