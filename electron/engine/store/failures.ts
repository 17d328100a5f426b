import { randomUUID } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { UserError } from '../../contract/errors.ts'
import { type Rule, shown } from './rules.ts'

/** The sentence for what SQLite says, where the user can do something about it; undefined for what is a bug. */
const sentence = (code: string, file: string): string | undefined => {
  // The shared-memory file beside the project is sized before use: on a full disk that fails with a code of its own.
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE')
    return `cannot write to ${file}: the disk is full; free some space and run the same command again, it continues from the last batch`
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM')
    return `cannot write to ${file}: the file or its folder is read-only; copy it to a place where you may write`
  if (code.startsWith('SQLITE_CANTOPEN') && !isWritable(tmpdir()))
    return `cannot work on ${file}: temporary files cannot be written to ${tmpdir()}; set TMPDIR to a folder where you may write`
  if (code.startsWith('SQLITE_CANTOPEN'))
    return `cannot open ${file}: the file or its folder cannot be written to, and SQLite keeps its log beside the file; copy it to a place where you may write`
  if (code === 'SQLITE_NOTADB') return notAProject(file)
  if (code.startsWith('SQLITE_CORRUPT')) return damaged(file)
  if (code.startsWith('SQLITE_BUSY'))
    return `cannot write to ${file}: another process has been writing for longer than ten seconds; try again`
  if (code.startsWith('SQLITE_IOERR'))
    return `cannot read or write ${file}: the disk reports an error (${code}); check the drive, or copy the file to another one`
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
  `${file} is not a Portolan project; choose a *.portolan file, or a new name to begin one`

export const damaged = (file: string): string =>
  `${file} is damaged; restore a copy of it, or build the project anew (photographs and models are not in it and not affected)`

/** Runs `body` and turns what SQLite throws into a sentence about `file` wherever the user can act on it. */
export const explained = <Result>(file: string, body: () => Result): Result => {
  try {
    return body()
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error
    const text = sentence(error.code, file)
    throw text === undefined ? error : new UserError(text, { cause: error })
  }
}

/** @param from `table.column` */
export const damagedValue = (file: string, from: string, rule: Rule, value: unknown): UserError =>
  new UserError(
    `${file} is damaged or was changed by another program: ${from} holds ${shown(value)} and should be ${rule.wants}; "portolan project check ${file}" says more, restore a copy from before`,
  )
