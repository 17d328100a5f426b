import { existsSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { type ChecksumResult, compareChecksums, type Inspect } from './checksums.ts'
import { damagedValue, explained } from './failures.ts'
import { type ResultRule, resultRules } from './result-rules.ts'
import { requireOwnSchema } from './schema.ts'
import type { Command, Query, Readable } from './sql.ts'

/** How long a transaction waits for another process's, in milliseconds; no transaction of ours takes a tenth of it. */
const patience = 10_000

/**
 * Page size for blobs of up to 33 MB: 17 MB are written in 110 ms and read in 9 ms; twice as fast as with 4 KiB, and
 * larger pages gain little while every small row then costs more in the log.
 */
const pageSize = 16_384

interface Prepared {
  readonly statement: Database.Statement<unknown[], unknown>
  readonly rules: readonly ResultRule[]
}

/** An open database: statements prepared once each, rows checked against their rules, failures as sentences. */
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
    if (row !== undefined) this.#hold(row, rules)
    // The text and its types were declared together, by `query`.
    return row as Row | undefined
  }

  all<Params extends object, Row>(query: Query<Params, Row>, params: Params): Row[] {
    const { statement, rules } = this.#prepared(query)
    const rows = explained(this.file, () => statement.all(params))
    if (rules.length > 0) for (const row of rows) this.#hold(row, rules)
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

  /** @throws UserError when a row holds what Portolan never writes */
  #hold(row: unknown, rules: readonly ResultRule[]): void {
    const values = row as Readonly<Record<string, unknown>>
    for (const { name, from, rule } of rules)
      if (!rule.holds(values[name])) throw damagedValue(this.file, from, rule, values[name])
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

/** The file may come from a stranger. That its schema can't be edited as text is better-sqlite3's own setting. */
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
  // After a large transaction the log shrinks to this again.
  database.pragma('journal_size_limit = 67108864')
  // No memory mapping: it gained nothing measurable for blobs, and a drive that goes away would kill the process.
  database.pragma('mmap_size = 0')
}
