import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { app } from 'electron'

const most = 2 ** 20

/** A line for whoever looks for a fault: in the log of the profile, and on standard error. */
export const log = (text: string): void => {
  process.stderr.write(`${text}\n`)
  try {
    const folder = app.getPath('logs')
    const file = join(folder, 'portolan.log')
    mkdirSync(folder, { recursive: true })
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > most) renameSync(file, `${file}.old`)
    appendFileSync(file, `${new Date().toISOString()} ${text}\n`)
  } catch {
    // A full disk must not stop the window from saying so.
  }
}
