import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Display } from './display.ts'

/** Arguments that Electron takes before the application's folder. */
export const electronFlags = (display: Display, sandbox: boolean): readonly string[] => [
  ...(sandbox ? [] : ['--no-sandbox']),
  ...display.flags,
]

/**
 * Whether Chromium can build its sandbox here. It refuses to as root, and aborts where the system gives ordinary users
 * no namespaces of their own (containers; Ubuntu since 24.04) unless its helper belongs to root and is setuid. Without
 * it the window's own sandboxing (no Node, isolated bridge, its own page only) stays.
 * @param folder of the Electron
 */
export const canSandbox = (folder: string): boolean => {
  if (process.platform !== 'linux') return true
  if (process.getuid?.() === 0) return false
  const helper = statSync(join(folder, 'chrome-sandbox'), { throwIfNoEntry: false })
  if (helper !== undefined && helper.uid === 0 && (helper.mode & 0o4000) !== 0) return true
  // Mapping an id is what is refused where making the namespace alone is not.
  const tried = spawnSync('unshare', ['--user', '--map-root-user', '--net', 'true'])
  return tried.error !== undefined || tried.status === 0
}
