import { existsSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { type ChecksumResult, compareChecksums, type Inspect } from './checksums.ts'
import { damagedValue, explained } from './failures.ts'
import { type ResultRule, resultRules } from './result-rules.ts'
import { requireOwnSchema } from './schema.ts'
import type { Command, Query, Readable } from './sql.ts'

/** How long a transaction waits for another process's, in milliseconds; a transaction of Portolan takes less than a tenth. */
const BUSY_TIMEOUT = 10_000

/**
 * Page size for blobs of up to 33 MB: 17 MB are written in 110 ms and read in 9 ms; twice as fast as with 4 KiB, and
 * larger pages gain little while every small row then costs more in the log.
 */
const pageSize = 16_384

interface Prepared {
  readonly statement: Database.Statement<unknown[], unknown>
  readonly rules: readonly ResultRule[]
}

/** An open database: prepares each statement once, checks rows against their rules, and reports failures as UserError. */
export class Connection implements Readable {
  readonly file: string
  protected readonly database: Database.Database
  readonly #statements = new Map<string, Prepared>()

  constructor(file: string, database: Database.Database) {
    this.file = file
    this.database = database
  }

  one<Params extends object, Row>(query: Query<Params, Row>, params: Params): Row | undefined {
    const { statement, rules } = this.#prepared(query)
    const row = explained(this.file, () => statement.get(params))
    if (row !== undefined) this.#check(row, rules)
    // `query` declares the text together with its types.
    return row as Row | undefined
  }

  all<Params extends object, Row>(query: Query<Params, Row>, params: Params): Row[] {
    const { statement, rules } = this.#prepared(query)
    const rows = explained(this.file, () => statement.all(params))
    if (rules.length > 0) for (const row of rows) this.#check(row, rules)
    return rows as Row[]
  }

  snapshot<Result>(body: () => Result): Result {
    if (this.database.inTransaction) return body()
    return explained(this.file, () => this.database.transaction(body).deferred())
  }

  /** Reads everything, and compares it with its checksums. */
  checksums(inspect: Inspect): ChecksumResult[] {
    return explained(this.file, () => compareChecksums(this.database, inspect))
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
    return explained(this.file, () => this.#prepared(command).statement.run(params))
  }

  #prepared({ text }: { readonly text: string }): Prepared {
    const known = this.#statements.get(text)
    if (known !== undefined) return known
    const statement = explained(this.file, () => this.database.prepare<unknown[], unknown>(text))
    const prepared = { statement, rules: statement.reader ? resultRules(text) : [] }
    this.#statements.set(text, prepared)
    return prepared
  }

  /** @throws UserError when a row has a value that Portolan never writes */
  #check(row: unknown, rules: readonly ResultRule[]): void {
    const values = row as Readonly<Record<string, unknown>>
    for (const { name, from, rule } of rules)
      if (!rule.accepts(values[name])) throw damagedValue(this.file, from, rule, values[name])
  }
}

/**
 * Opens the database for reading and writing, with the settings of every connection.
 * @throws UserError when SQLite cannot open it
 */
export const openDatabase = (file: string, options: { readonly create?: boolean } = {}): Database.Database =>
  open(file, options.create === true, database => {
    if (options.create === true) database.pragma(`page_size = ${pageSize}`)
    database.pragma('journal_mode = WAL')
  })

/**
 * Opens the database for reading. SQLite opens it for writing and query_only then forbids writes, so that the last
 * connection to close can remove the log of a killed writer. On a read-only medium SQLite falls back to reading.
 * @throws UserError when SQLite cannot open it
 */
export const openDatabaseForReading = (file: string): Database.Database =>
  open(file, false, database => {
    database.pragma('query_only = ON')
  })

/**
 * Leaves a plain database without a write-ahead log, which opens on a read-only medium too. With open readers the log
 * stays.
 */
export const closeAtRest = (database: Database.Database): void => {
  try {
    database.pragma('busy_timeout = 0')
    database.pragma('journal_mode = DELETE')
  } catch {
    // An open reader, or a full disk: the log contains everything that was committed.
  }
  database.close()
}

const open = (file: string, create: boolean, prepare: (database: Database.Database) => void): Database.Database =>
  explained(file, () => {
    const database = new Database(file, { fileMustExist: !create, timeout: BUSY_TIMEOUT })
    try {
      distrust(database)
      if (!create) requireOwnSchema(file, database)
      prepare(database)
      configure(database)
      return database
    } catch (error) {
      database.close()
      throw error
    }
  })

/** The file may come from an untrusted source. better-sqlite3 itself forbids to edit the schema as text. */
const distrust = (database: Database.Database): void => {
  database.pragma('trusted_schema = OFF')
  database.pragma('cell_size_check = ON')
}

const configure = (database: Database.Database): void => {
  // With a write-ahead log a killed process loses no committed batch under NORMAL, and a power cut at most the last
  // ones, never the file. FULL would wait for the disk at every batch of icons, for work that can be done again.
  database.pragma('synchronous = NORMAL')
  database.pragma('foreign_keys = ON')
  database.pragma('cache_size = -32000')
  // The size that the log shrinks to after a large transaction.
  database.pragma('journal_size_limit = 67108864')
  // No memory mapping: it gained nothing measurable for blobs, and a removed drive would kill the process.
  database.pragma('mmap_size = 0')
}
