import { randomUUID } from 'node:crypto'
import { existsSync, linkSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type Database from 'better-sqlite3'
import { UserError } from '../../contract/errors.ts'
import { keepChecksums } from './checksums.ts'
import { Connection, closeAtRest, openDatabase, openDatabaseForReading } from './connection.ts'
import { explained } from './failures.ts'
import { applicationId, projectVersion } from './header.ts'
import { interruptUnfinished } from './jobs.ts'
import { migrate } from './migrate.ts'
import { currentVersion } from './migrations/all.ts'
import { storePagesByClass } from './pages-by-class.ts'
import { insertProject } from './project.ts'
import { requireSizes } from './promises.ts'
import { type FileIdentity, identityOf, isSameFile, type Log, logsBeside, rescue } from './rescue.ts'
import type { Command, Readable, Writable } from './sql.ts'
import {
  currentWriter,
  deleteAnyWriter,
  deleteWriter,
  lockedBy,
  replaceWriter,
  selectToken,
  takenOver,
  writerRow,
} from './writer.ts'

/** The writer, as shown to other processes. */
export interface Who {
  /** `portolan atlas build`, `the Portolan window`. */
  readonly command: string
}

/**
 * Opens a project for reading; any number of processes may, also while another one writes.
 * @throws UserError when it is missing, damaged, no project, or of another version; it is left untouched then
 */
export function openProject(file: string, options: { readonly mode: 'read' }): Readable
/**
 * Opens a project for writing, as its only writer, and migrates it. The lock of a process that has ended is replaced,
 * and its jobs are marked as interrupted.
 * @throws UserError as for reading, when the file is read-only, or when another process writes (it is named)
 */
export function openProject(file: string, options: { readonly mode: 'write'; readonly who: Who }): Writable
export function openProject(
  file: string,
  options: { readonly mode: 'read' } | { readonly mode: 'write'; readonly who: Who },
): Readable | Writable {
  const path = resolve(file)
  const version = projectVersion(path)
  if (version > currentVersion) throw newer(path, version)
  if (options.mode === 'write') return openForWriting(path, options.who)
  if (version < currentVersion) throw older(path)
  return sound(new Connection(path, openDatabaseForReading(path)))
}

/** Opens a project for reading even if its rows contradict each other, to check it. */
export const openForCheck = (file: string): Connection => {
  const path = resolve(file)
  const version = projectVersion(path)
  if (version > currentVersion) throw newer(path, version)
  if (version < currentVersion) throw older(path)
  return new Connection(path, openDatabaseForReading(path))
}

/** @throws UserError when counts and sizes contradict each other; the connection is closed then */
const sound = <C extends Connection>(connection: C): C => {
  try {
    requireSizes(connection)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

/**
 * Creates a project and opens it for writing.
 * @throws UserError when the file exists already, or its folder cannot be written to
 */
export const createProject = (file: string, who: Who): Writable => {
  const path = resolve(file)
  requireShortName(path)
  if (existsSync(path)) throw exists(path)
  requireNoLogs(path)
  if (!existsSync(dirname(path)))
    throw new UserError(`cannot create ${path}: the folder ${dirname(path)} does not exist; create it first`)
  // Created under another name and then linked: a project is never partly written.
  const draft = join(dirname(path), `.portolan-${randomUUID()}`)
  try {
    const database = openDatabase(draft, { create: true })
    const connection = new Unguarded(path, database)
    try {
      explained(path, () => {
        database.pragma(`application_id = ${applicationId}`)
        migrate(database)
        keepChecksums(database)
      })
      connection.run(insertProject, { created: Date.now(), createdBy: who.command })
    } finally {
      closeAtRest(database)
    }
    publish(draft, path)
  } catch (error) {
    // The temporary name must not be in the message.
    throw error instanceof UserError ? new UserError(error.message.replaceAll(draft, path), { cause: error }) : error
  } finally {
    for (const suffix of ['', '-wal', '-shm']) rmSync(draft + suffix, { force: true })
  }
  return openProject(path, { mode: 'write', who })
}

/** Opens the project for writing, or creates it. */
export const openOrCreateProject = (file: string, who: Who): Writable =>
  existsSync(resolve(file)) ? openProject(file, { mode: 'write', who }) : createdByAny(file, who)

/** When several processes create the same project, one succeeds, and the others get an error that names it. */
const createdByAny = (file: string, who: Who): Writable => {
  try {
    return createProject(file, who)
  } catch (error) {
    if (error instanceof UserError && existsSync(resolve(file))) return openProject(file, { mode: 'write', who })
    throw error
  }
}

/** Maximum bytes of a file's name on all common systems, minus those that SQLite appends for its log. */
const MAX_NAME_BYTES = 255 - '-journal'.length

const requireShortName = (path: string): void => {
  if (Buffer.byteLength(basename(path)) > MAX_NAME_BYTES)
    throw new UserError(
      `cannot create ${path}: its name has more than ${MAX_NAME_BYTES} bytes, and SQLite writes a log with a longer name beside it; choose a shorter name`,
    )
}

/** SQLite would take the log of a project that was there, and whose process was killed, for that of the new one. */
const requireNoLogs = (path: string): void => {
  const left = logsBeside(path).map(log => log.path)
  if (left.length === 0) return
  throw new UserError(
    `cannot create ${path}: ${left.join(' and ')} belong to a project that was there; put it back to continue it, or delete them, or choose another name`,
  )
}

/**
 * Removes the lock of a project, for use after a crash of the machine that locked it. A writer that still runs fails at
 * its next transaction.
 */
export const unlockProject = (file: string): void => {
  using connection = openBriefly(file)
  connection.run(deleteAnyWriter, {})
}

/**
 * A connection beside the writer's, for the few rows that any process may change: requests to cancel.
 * It has no lock beyond a single statement.
 */
export const openBriefly = (file: string): Unguarded => {
  const path = resolve(file)
  const version = projectVersion(path)
  if (version > currentVersion) throw newer(path, version)
  if (version < currentVersion) throw older(path)
  const database = openDatabase(path)
  keepChecksums(database)
  return new Unguarded(path, database)
}

class Unguarded extends Connection {
  run<Params extends object>(command: Command<Params>, params: Params): number {
    return this.execute(command, params).changes
  }
}

/** The only writer: every transaction first checks that it still has the lock. */
class Writing extends Connection implements Writable {
  readonly #token: string
  readonly #identity: FileIdentity | undefined
  readonly #logs: readonly Log[]
  /** Set when the file at the path is not the open one any more. */
  #lost: UserError | undefined

  constructor(file: string, database: Database.Database, token: string) {
    super(file, database)
    this.#token = token
    this.#identity = identityOf(file)
    this.#logs = logsBeside(file)
  }

  run<Params extends object>(command: Command<Params>, params: Params): number {
    return this.#one(() => this.execute(command, params).changes)
  }

  insert<Params extends object>(command: Command<Params>, params: Params): number {
    return this.#one(() => Number(this.execute(command, params).lastInsertRowid))
  }

  /** A single statement: SQLite itself undoes one that fails, with its triggers, and a savepoint takes longer than most of them. */
  #one<Result>(statement: () => Result): Result {
    return this.database.inTransaction ? statement() : this.write(statement)
  }

  /** @throws UserError when the file was deleted, moved or replaced; the open project is then copied to a new file */
  #requireFile(): void {
    if (this.#lost === undefined) {
      if (isSameFile(identityOf(this.file), this.#identity)) return
      this.#lost = rescue(this.file, this.database, this.#logs)
    }
    throw this.#lost
  }

  write<Result>(body: () => Result): Result {
    if (!this.database.inTransaction) this.#requireFile()
    const guarded = (): Result => {
      if (this.one(selectToken, {})?.token !== this.#token) throw takenOver(this.file)
      return body()
    }
    // Inside a transaction this creates a savepoint, so that a part that fails and is caught is rolled back.
    return explained(this.file, () =>
      this.database.inTransaction ? this.database.transaction(body)() : this.database.transaction(guarded).immediate(),
    )
  }

  override close(): void {
    if (!this.database.open) return
    const wasLost = this.#lost !== undefined
    try {
      this.#requireFile()
    } catch (error) {
      // Files beside the path, a log included, may belong to another project now.
      this.database.close()
      if (wasLost) return
      throw error
    }
    try {
      this.execute(deleteWriter, { token: this.#token })
    } catch {
      // A full disk: the lock ends with this process anyway.
    }
    closeAtRest(this.database)
  }
}

const openForWriting = (file: string, who: Who): Writable => {
  const database = openDatabase(file)
  const token = randomUUID()
  const connection = new Unguarded(file, database)
  const take = (): void => {
    const version = Number(database.pragma('user_version', { simple: true }))
    if (version > currentVersion) throw newer(file, version)
    const writer = currentWriter(connection)
    if (writer !== undefined) throw lockedBy(file, writer)
    connection.run(replaceWriter, writerRow(token, who.command, Date.now()))
  }
  try {
    explained(file, () => {
      database.transaction(take).immediate()
      migrate(database)
      requireSizes(connection)
      keepChecksums(database)
    })
    const project = new Writing(file, database, token)
    storePagesByClass(project)
    interruptUnfinished(project, Date.now())
    return project
  } catch (error) {
    database.close()
    throw error
  }
}

/** Links the finished file to its name, unless another process was faster. */
const publish = (draft: string, path: string): void => {
  try {
    linkSync(draft, path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST' || existsSync(path)) throw exists(path)
    // A file system without hard links (exFAT).
    renameSync(draft, path)
  }
}

const exists = (file: string): UserError =>
  new UserError(`cannot create ${file}: it exists already; open it, or choose another name`)

const newer = (file: string, version: number): UserError =>
  new UserError(
    `${file} was written by a newer Portolan (file version ${version}, this one supports ${currentVersion}): update Portolan; the file was not changed`,
  )

const older = (file: string): UserError =>
  new UserError(
    `${file} was written by an older Portolan: open it once with a command that writes, such as "portolan atlas build", to update it`,
  )
