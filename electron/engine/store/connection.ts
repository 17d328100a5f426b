import { existsSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { explained } from './failures.ts'
import type { Command, Query, Readable } from './sql.ts'

/** How long a transaction waits for another process's, in milliseconds; no transaction of ours takes a tenth of it. */
const patience = 10_000

/**
 * Page size for blobs of up to 33 MB: 17 MB are written in 110 ms and read in 9 ms; twice as fast as with 4 KiB, and
 * larger pages gain little while every small row then costs more in the log.
 */
const pageSize = 16_384

/** An open database: statements prepared once each, failures as sentences. The only file that calls better-sqlite3. */
export class Connection implements Readable {
  readonly file: string
  protected readonly database: Database.Database
  readonly #statements = new Map<string, Database.Statement<unknown[], unknown>>()

  constructor(file: string, database: Database.Database) {
    this.file = file
    this.database = database
  }

  one<Params extends object, Row>(query: Query<Params, Row>, params: Params): Row | undefined {
    return explained(this.file, () => this.#prepared<Params, Row>(query).get(params))
  }

  all<Params extends object, Row>(query: Query<Params, Row>, params: Params): Row[] {
    return explained(this.file, () => this.#prepared<Params, Row>(query).all(params))
  }

  snapshot<Result>(body: () => Result): Result {
    if (this.database.inTransaction) return body()
    return explained(this.file, () => this.database.transaction(body).deferred())
  }

  bytes(): number {
    return [this.file, `${this.file}-wal`].reduce((sum, path) => sum + (existsSync(path) ? statSync(path).size : 0), 0)
  }

  close(): void {
    this.#statements.clear()
    this.database.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  protected execute<Params extends object>(command: Command<Params>, params: Params): Database.RunResult {
    return explained(this.file, () => this.#prepared<Params, never>(command).run(params))
  }

  #prepared<Params extends object, Row>(statement: { readonly text: string }): Database.Statement<[Params], Row> {
    let prepared = this.#statements.get(statement.text)
    if (prepared === undefined) {
      prepared = this.database.prepare(statement.text)
      this.#statements.set(statement.text, prepared)
    }
    // The text and its types were declared together, by `query` or `command`.
    return prepared as Database.Statement<[Params], Row>
  }
}

/**
 * Opens the database for reading and writing, with the settings that every connection of ours has.
 * @throws UserError in a sentence
 */
export const openDatabase = (file: string, options: { readonly create?: boolean } = {}): Database.Database =>
  open(file, options.create === true, database => {
    if (options.create === true) database.pragma(`page_size = ${pageSize}`)
    database.pragma('journal_mode = WAL')
  })

/**
 * Opens the database for reading. It is opened for writing and then forbidden to: the last connection to close can
 * tidy the log of a killed writer away. On a read-only medium SQLite falls back to reading by itself.
 * @throws UserError in a sentence
 */
export const openDatabaseForReading = (file: string): Database.Database =>
  open(file, false, database => {
    database.pragma('query_only = ON')
    // The first real access, so that what is wrong with the file or the place is said here.
    database.pragma('schema_version')
  })

/**
 * Leaves a plain database without a write-ahead log, which opens on a read-only medium too. Readers may still be
 * there; then it stays as it is.
 */
export const closeAtRest = (database: Database.Database): void => {
  try {
    database.pragma('busy_timeout = 0')
    database.pragma('journal_mode = DELETE')
  } catch {
    // A reader, or a full disk: the log keeps everything that was committed.
  }
  database.close()
}

const open = (file: string, create: boolean, prepare: (database: Database.Database) => void): Database.Database =>
  explained(file, () => {
    const database = new Database(file, { fileMustExist: !create, timeout: patience })
    try {
      prepare(database)
      configure(database)
      return database
    } catch (error) {
      database.close()
      throw error
    }
  })

const configure = (database: Database.Database): void => {
  // With a write-ahead log a killed process loses no committed batch under NORMAL, and a power cut at most the last
  // ones, never the file. FULL would wait for the disk at every batch of icons, for work that can be done again.
  database.pragma('synchronous = NORMAL')
  database.pragma('foreign_keys = ON')
  database.pragma('cache_size = -32000')
  // After a large transaction the log shrinks to this again.
  database.pragma('journal_size_limit = 67108864')
  // No memory mapping: it gained nothing measurable for blobs, and a drive that goes away would kill the process.
  database.pragma('mmap_size = 0')
}
