import { existsSync, rmSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, extname, join } from 'node:path'
import type Database from 'better-sqlite3'
import { UserError } from '../../contract/errors.ts'

/** Distinguishes the open file from another that has replaced it at its path. */
export interface FileIdentity {
  readonly device: bigint
  readonly inode: bigint
}

/** @returns undefined when the file does not exist */
export const identityOf = (file: string): FileIdentity | undefined => {
  const about = statSync(file, { bigint: true, throwIfNoEntry: false })
  return about && { device: about.dev, inode: about.ino }
}

/** Files that SQLite keeps beside a database, and finds there by their names alone. */
const LOGS = ['-wal', '-shm', '-journal'] as const

/** A log beside the path of an open database. */
export interface Log {
  readonly path: string
  readonly identity: FileIdentity
}

export const logsBeside = (file: string): readonly Log[] =>
  LOGS.flatMap(suffix => {
    const identity = identityOf(file + suffix)
    return identity ? [{ path: file + suffix, identity }] : []
  })

export const isSameFile = (a: FileIdentity | undefined, b: FileIdentity | undefined): boolean =>
  a?.inode === b?.inode && a?.device === b?.device

/**
 * Saves a project whose file was deleted, moved or replaced while it was open, so that its writes would be lost. Copies
 * the open file to a new file beside the old path, or to the user's folder where that is not possible. Its logs are then
 * removed: SQLite would write them into whatever file is at the path next.
 * @param logs of the open database, when it was opened
 * @returns the error for the user, with the path of the copy
 */
export const rescue = (file: string, database: Database.Database, logs: readonly Log[]): UserError => {
  const event = existsSync(file) ? 'was replaced by another file' : 'was deleted or moved'
  try {
    // No process has locked the copy.
    database.prepare('DELETE FROM writer').run()
  } catch {
    // A full disk: the lock ends with this process.
  }
  for (const folder of [dirname(file), homedir()]) {
    const copy = freeName(join(folder, basename(file)))
    try {
      database.prepare('VACUUM INTO ?').run(copy)
      removeOwn(logs)
      return new UserError(
        `${file} ${event} while this process was writing to it: all results are in ${copy}; move it back and run the same command again`,
      )
    } catch {
      // A folder that is missing, or cannot be written to: the next one.
    }
  }
  return new UserError(
    `${file} ${event} while this process was writing to it, and the results could not be saved beside it; restore the file and run the same command again`,
  )
}

const removeOwn = (logs: readonly Log[]): void => {
  for (const { path, identity } of logs)
    try {
      if (isSameFile(identity, identityOf(path))) rmSync(path)
    } catch {
      // A folder that cannot be written to: the file is one that cannot be replaced either.
    }
}

/** `a.rescued.portolan`, `a.rescued-2.portolan`, … */
const freeName = (file: string): string => {
  const ending = extname(file)
  const stem = file.slice(0, file.length - ending.length)
  for (let attempt = 1; ; attempt++) {
    const name = `${stem}.rescued${attempt === 1 ? '' : `-${attempt}`}${ending}`
    if (!existsSync(name) && logsBeside(name).length === 0) return name
  }
}
