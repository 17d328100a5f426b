import { closeSync, constants, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { UserError } from '../../contract/errors.ts'
import { damaged, notAProject } from './failures.ts'

/** 'Port' in ASCII: the application id of the database. */
export const applicationId = 0x506f7274

const HEADER_BYTES = 100
const MAGIC = 'SQLite format 3\0'

/**
 * Reads the header of a project file without opening it as a database, so that a refused file stays untouched: SQLite
 * would create files beside it, and recover an unfinished log.
 * Offsets are those of https://www.sqlite.org/fileformat2.html#the_database_header.
 * @returns the version of the project's schema
 * @throws UserError when the file is missing, is not a project, or is shorter than its header states
 */
export const projectVersion = (file: string): number => {
  const header = new DataView(new ArrayBuffer(HEADER_BYTES))
  try {
    // Without O_NONBLOCK, opening a named pipe would block.
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (!fstatSync(descriptor).isFile()) throw new UserError(notAProject(file))
      if (readSync(descriptor, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) throw new UserError(notAProject(file))
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(unreadable(file, error), { cause: error })
  }
  if (Buffer.from(header.buffer, 0, MAGIC.length).toString('latin1') !== MAGIC) throw new UserError(notAProject(file))
  if (header.getUint32(68) !== applicationId) throw new UserError(notAProject(file))
  // A page size of 65,536 does not fit its two bytes and is written as 1.
  const page = header.getUint16(16) === 1 ? 65_536 : header.getUint16(16)
  const isShort = (): boolean => statSync(file).size < header.getUint32(28) * page
  // A log may contain the rest; and a file may be short only while another process writes its log back.
  if (isShort() && !hasLog(file) && isShort()) throw new UserError(damaged(file))
  return header.getUint32(60)
}

const hasLog = (file: string): boolean => existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0

const unreadable = (file: string, error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return `there is no project ${file}; check the path, or create it with portolan atlas build`
  if (code === 'EACCES' || code === 'EPERM')
    return `cannot read ${file}: permission denied; request read permission from its owner`
  return `cannot read ${file} (${String(code)}); check the drive`
}
