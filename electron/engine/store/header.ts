import { closeSync, constants, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { UserError } from '../../contract/errors.ts'
import { damaged, notAProject } from './failures.ts'

/** 'Port' in ASCII: what `file` and SQLite call the application id of the database. */
export const applicationId = 0x506f7274

const headerBytes = 100
const magic = 'SQLite format 3\0'

/**
 * Looks at a project file without opening it as a database, so that what we refuse stays untouched: SQLite would
 * create files beside it, and take up an unfinished log.
 * Offsets are those of https://www.sqlite.org/fileformat2.html#the_database_header.
 * @returns the version of the project's schema
 * @throws UserError when there is no such file, or it is not a project, or shorter than it says
 */
export const projectVersion = (file: string): number => {
  const header = new DataView(new ArrayBuffer(headerBytes))
  try {
    // Without O_NONBLOCK a named pipe would be waited for.
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (!fstatSync(descriptor).isFile()) throw new UserError(notAProject(file))
      if (readSync(descriptor, header, 0, headerBytes, 0) < headerBytes) throw new UserError(notAProject(file))
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(unreadable(file, error), { cause: error })
  }
  if (Buffer.from(header.buffer, 0, magic.length).toString('latin1') !== magic) throw new UserError(notAProject(file))
  if (header.getUint32(68) !== applicationId) throw new UserError(notAProject(file))
  // A page size of 65,536 does not fit its two bytes and is written as 1.
  const page = header.getUint16(16) === 1 ? 65_536 : header.getUint16(16)
  const isShort = (): boolean => statSync(file).size < header.getUint32(28) * page
  // A log may hold the rest; and what looked short while another process wrote its log back no longer does afterwards.
  if (isShort() && !hasLog(file) && isShort()) throw new UserError(damaged(file))
  return header.getUint32(60)
}

const hasLog = (file: string): boolean => existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0

const unreadable = (file: string, error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return `there is no project ${file}; check the path, or build an atlas to begin it`
  if (code === 'EACCES' || code === 'EPERM')
    return `cannot read ${file}: permission denied; ask its owner for the right to read it`
  return `cannot read ${file} (${String(code)}); check the drive`
}
