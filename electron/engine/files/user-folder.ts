import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** The folder for data of the user and the machine, not of a project; set by the main process. */
export const userFolder = (): string => process.env['PORTOLAN_DATA'] || join(home(), '.portolan')

const home = (): string => {
  try {
    return homedir()
  } catch {
    // A user without a name and without HOME, as in many containers.
    return join(tmpdir(), `portolan-${process.getuid?.() ?? 'user'}`)
  }
}

/**
 * Creates a folder and its parents. (Node's recursive option does not return below /proc, where folders exist but can't
 * be created.)
 * @throws Error of the operating system
 */
export const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return
  const above = dirname(folder)
  if (above !== folder) makeFolder(above)
  try {
    mkdirSync(folder)
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/**
 * Writes a file of the user's folder atomically: another process may be reading it.
 * @param mode of the new file
 * @throws Error of the operating system
 */
export const replaceFile = (file: string, text: string, mode: number): void => {
  makeFolder(dirname(file))
  const draft = `${file}.${process.pid}`
  try {
    writeFileSync(draft, text, { mode })
    renameSync(draft, file)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}
