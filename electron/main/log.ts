import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { app } from 'electron'

const MAX_BYTES = 2 ** 20

/** Writes a line to the log file of the profile and to standard error. */
export function log(text: string): void {
  process.stderr.write(`${text}\n`)
  try {
    const folder = app.getPath('logs')
    const file = join(folder, 'portolan.log')
    mkdirSync(folder, { recursive: true })
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MAX_BYTES) renameSync(file, `${file}.old`)
    appendFileSync(file, `${new Date().toISOString()} ${text}\n`)
  } catch {
    // A full disk must not stop the window from reporting it.
  }
}
