import { randomUUID } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { UserError } from '../../contract/errors.ts'
import { type Rule, shown } from './rules.ts'

/** The message for an error of SQLite that the user can act on; undefined for a bug. */
const sentence = (code: string, file: string): string | undefined => {
  // The shared-memory file beside the project is sized before use: on a full disk that fails with a separate code.
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE')
    return `cannot write to ${file}: the disk is full; free some space and run the same command again, it continues from the last batch`
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM')
    return `cannot write to ${file}: the file or its folder is read-only; copy it to a folder that you can write to`
  if (code.startsWith('SQLITE_CANTOPEN') && !isWritable(tmpdir()))
    return `cannot read or write ${file}: SQLite cannot write temporary files to ${tmpdir()}; set TMPDIR to a folder that you can write to`
  if (code.startsWith('SQLITE_CANTOPEN'))
    return `cannot open ${file}: the file or its folder cannot be written to, and SQLite writes its log beside the file; copy it to a folder that you can write to`
  if (code === 'SQLITE_NOTADB') return notAProject(file)
  if (code.startsWith('SQLITE_CORRUPT')) return damaged(file)
  if (code.startsWith('SQLITE_BUSY'))
    return `cannot write to ${file}: another process has been writing for more than ten seconds; try again later`
  if (code.startsWith('SQLITE_IOERR'))
    return `cannot read or write ${file}: the disk reports an error (${code}); check the drive, or copy the file to another`
  return undefined
}

const isWritable = (folder: string): boolean => {
  const file = join(folder, `.portolan-${randomUUID()}`)
  try {
    writeFileSync(file, '')
    rmSync(file)
    return true
  } catch {
    return false
  }
}

export const notAProject = (file: string): string =>
  `${file} is not a Portolan project; choose a *.portolan file, or a new name to create one`

export const damaged = (file: string): string =>
  `${file} is damaged; restore a backup, or build the project again (photographs and models are not part of it and not affected)`

/** Runs `body` and turns errors of SQLite that the user can act on into a UserError about `file`. */
export const explained = <Result>(file: string, body: () => Result): Result => {
  try {
    return body()
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error
    // Of statements that look into a stored text; those that write one check it first.
    if (error.message === 'malformed JSON') throw contradictory(file, 'a stored text is not JSON')
    const text = sentence(error.code, file)
    throw text === undefined ? error : new UserError(text, { cause: error })
  }
}

/** @param what the contradiction, as a clause */
export const contradictory = (file: string, what: string): UserError =>
  new UserError(
    `${file} is damaged or was changed by another program: ${what}; run "portolan project check ${file}" for details, or restore a backup`,
  )

/** @param from `table.column` */
export const damagedValue = (file: string, from: string, rule: Rule, value: unknown): UserError =>
  contradictory(file, `${from} contains ${shown(value)} instead of ${rule.expected}`)
