import { existsSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, extname, join } from 'node:path'
import type Database from 'better-sqlite3'
import { UserError } from '../../contract/errors.ts'

/** Distinguishes the file that is open from another one that has taken its path. */
export interface FileIdentity {
  readonly device: bigint
  readonly inode: bigint
}

/** @returns undefined where there is no such file */
export const identityOf = (file: string): FileIdentity | undefined => {
  const about = statSync(file, { bigint: true, throwIfNoEntry: false })
  return about && { device: about.dev, inode: about.ino }
}

/**
 * The file of a project was deleted, moved or replaced while it was open: what is written goes nowhere that can be found.
 * Copies what the open file holds to a new file beside the old path, or to the user's folder where that is not possible.
 * @returns the error for the user, which says where it is now
 */
export const rescue = (file: string, database: Database.Database): UserError => {
  const what = existsSync(file) ? 'was replaced by another file' : 'was deleted or moved'
  try {
    // No process holds the copy.
    database.prepare('DELETE FROM writer').run()
  } catch {
    // A full disk: the hold ends with this process.
  }
  for (const folder of [dirname(file), homedir()]) {
    const copy = freeName(join(folder, basename(file)))
    try {
      database.prepare('VACUUM INTO ?').run(copy)
      return new UserError(
        `${file} ${what} while this process was writing to it: all that was computed is in ${copy}; move that to where it belongs and run the same command again`,
      )
    } catch {
      // A folder that is gone, or cannot be written to: the next one.
    }
  }
  return new UserError(
    `${file} ${what} while this process was writing to it, and what was computed could not be saved beside it; put the file back and run the same command again`,
  )
}

/** `a.rescued.portolan`, `a.rescued-2.portolan`, … */
const freeName = (file: string): string => {
  const ending = extname(file)
  const stem = file.slice(0, file.length - ending.length)
  for (let attempt = 1; ; attempt++) {
    const name = `${stem}.rescued${attempt === 1 ? '' : `-${attempt}`}${ending}`
    if (!existsSync(name)) return name
  }
}
