import type Database from 'better-sqlite3'
import { combined, markedSum, rowSum } from './row-sum.ts'

/**
 * Every row of the project is part of a checksum. Temporary triggers of each writing connection keep the sums up to date:
 * they are not part of the file, where a trigger would be a program from an untrusted source.
 */

/** Tables without checksums: the sums themselves, and the current writer, which is not part of the contents. */
const excluded = new Set(['checksums', 'writer'])

/**
 * Rows that share a checksum, where one for each row would be as large as the rows. `@` is replaced by the row.
 * All other tables have a checksum for each row, by primary key.
 */
const groups: Readonly<Record<string, string>> = {
  samples: `@.set_id || ' ' || (@.idx / 1024)`,
  cells: `@.atlas || ' ' || @.grid || ' ' || @.i`,
  images: `@.folder || ' ' || (@.id / 256)`,
  trials: `@.experiment || ' ' || @.model || ' ' || @.image`,
  job_log: `@.job`,
  attribution_columns: `@.matrix || ' ' || @.page`,
}

interface Relation {
  readonly name: string
  readonly columns: readonly string[]
  /** SQL for the part that a row belongs to. */
  readonly part: (row: string) => string
  readonly grouped: boolean
}

/** The tables with checksums, in their order. */
const relationsOf = (database: Database.Database): Relation[] => {
  const tables = database
    .prepare<[], string>(`SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'`)
    .pluck()
    .all()
  const columnsOf = database.prepare<[string], { name: string; pk: number }>(
    'SELECT name, pk FROM pragma_table_info(?) ORDER BY cid',
  )
  return tables
    .filter(name => !excluded.has(name))
    .map(name => {
      const columns = columnsOf.all(name)
      const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk)
      const group = groups[name]
      return {
        name,
        columns: columns.map(column => column.name),
        part: row =>
          group?.replaceAll('@', row) ?? key.map(column => `${row}.${quoted(column.name)}`).join(` || ' ' || `),
        grouped: group !== undefined,
      }
    })
}

const quoted = (name: string): string => `"${name}"`
const functionOf = ({ name }: Relation): string => `row_sum_${name}`
const sumOf = (relation: Relation, row: string): string =>
  `${functionOf(relation)}(${relation.columns.map(column => `${row}.${quoted(column)}`).join(', ')})`

/** The version of a project from which on the sums of adopted parts are marked. */
const MARKED_SINCE = 16

/** Receives a row that is read for its checksum: its values in the order of the columns. */
export type Inspect = (table: string, columns: readonly string[], values: readonly unknown[]) => void

const register = (database: Database.Database, relation: Relation, inspect?: Inspect): void => {
  const { name, columns } = relation
  const sum = rowSum(columns)
  const look =
    inspect &&
    ((...values: unknown[]): number => {
      inspect(name, columns, values)
      return sum(...values)
    })
  database.function(functionOf(relation), { varargs: true, deterministic: true }, look ?? sum)
}

/** Exclusive or, which SQLite has no operator for; on integers this cannot overflow. */
const xor = (a: string, b: string): string => `(${a} | ${b}) - (${a} & ${b})`

/** Installs triggers that keep the checksums up to date with all writes of this connection. */
export const keepChecksums = (database: Database.Database): void => {
  // Without it, rows that INSERT OR REPLACE removes would not fire the delete trigger.
  database.pragma('recursive_triggers = ON')
  for (const relation of relationsOf(database)) {
    register(database, relation)
    const { name, part, grouped } = relation
    const place = (row: string) => `relation = '${name}' AND part = ${part(row)}`
    const add = `
      INSERT INTO checksums (relation, part, rows, sum) VALUES ('${name}', ${part('NEW')}, 1, ${sumOf(relation, 'NEW')})
      ON CONFLICT (relation, part) DO UPDATE SET rows = rows + 1, sum = ${xor('sum', 'excluded.sum')};`
    const subtract = `
      UPDATE checksums SET rows = rows - 1, sum = ${xor('sum', sumOf(relation, 'OLD'))} WHERE ${place('OLD')};`
    // The only row of a part is removed without reading it: it may be a page of activations.
    const drop = `DELETE FROM checksums WHERE ${place('OLD')} ${grouped ? 'AND rows <= 0' : ''};`
    database.exec(`
      CREATE TEMP TRIGGER checksum_insert_${name} AFTER INSERT ON main.${quoted(name)} BEGIN ${add} END;
      CREATE TEMP TRIGGER checksum_update_${name} AFTER UPDATE ON main.${quoted(name)} BEGIN ${subtract} ${add} END;
      CREATE TEMP TRIGGER checksum_delete_${name} AFTER DELETE ON main.${quoted(name)}
        BEGIN ${grouped ? subtract : ''} ${drop} END;
    `)
  }
}

interface Sum {
  rows: number
  sum: number
}
interface StoredSum {
  readonly part: string
  readonly rows: number
  readonly sum: number | null
  readonly adopted: number
}

/** Reads a table to its end. @returns rows and sum by part */
const read = (database: Database.Database, relation: Relation, inspect?: Inspect): Map<string, Sum> => {
  register(database, relation, inspect)
  const sums = new Map<string, Sum>()
  const rows = database
    .prepare<[], [unknown, number]>(
      `SELECT ${relation.part('t')}, ${sumOf(relation, 't')} FROM main.${quoted(relation.name)} AS t`,
    )
    .raw()
    .iterate()
  for (const [part, sum] of rows) {
    // A damaged key is not necessarily text.
    const name = String(part)
    const known = sums.get(name)
    if (known === undefined) sums.set(name, { rows: 1, sum })
    else {
      known.rows++
      known.sum = combined(known.sum, sum)
    }
  }
  return sums
}

const storedSums = (database: Database.Database, relation: Relation): StoredSum[] =>
  database
    .prepare<[string], StoredSum>('SELECT part, rows, sum, adopted FROM main.checksums WHERE relation = ?')
    .all(relation.name)

/** Whether sums of adopted parts contain a mark: not in projects of earlier versions. */
const marksAdopted = (database: Database.Database): boolean =>
  Number(database.pragma('user_version', { simple: true })) >= MARKED_SINCE

/** The result of comparing a table with its checksums. */
export interface ChecksumResult {
  readonly table: string
  readonly rows: number
  /** Rows whose checksum an update has computed from existing data. */
  readonly adopted: number
  /** Parts that do not match their checksum. */
  readonly damaged: readonly string[]
}

/** Reads all tables to their ends, and compares them with their checksums, if they have any. One row in memory. */
export const compareChecksums = (database: Database.Database, inspect?: Inspect): ChecksumResult[] => {
  if (inspect !== undefined) for (const table of excluded) inspectAll(database, table, inspect)
  const marks = marksAdopted(database)
  return relationsOf(database).map(relation => {
    const found = read(database, relation, inspect)
    let [rows, adopted] = [0, 0]
    for (const each of found.values()) rows += each.rows
    const damaged: string[] = []
    for (const part of storedSums(database, relation)) {
      const now = found.get(part.part) ?? { rows: 0, sum: 0 }
      const isAdopted = part.adopted === 1
      if (isAdopted) adopted += now.rows
      const sum = markedSum(now.sum, marks && isAdopted)
      if (now.rows !== part.rows || sum !== part.sum) damaged.push(part.part)
      found.delete(part.part)
    }
    // Rows without a checksum were not written by Portolan.
    return { table: relation.name, rows, adopted, damaged: [...damaged, ...found.keys()] }
  })
}

/** Inspects the rows of a table without checksums. */
const inspectAll = (database: Database.Database, table: string, inspect: Inspect): void => {
  const statement = database.prepare<[], unknown[]>(`SELECT * FROM main.${quoted(table)}`).raw()
  const columns = statement.columns().map(({ name }) => name)
  for (const row of statement.iterate()) inspect(table, columns, row)
}

/** Takes the sums of damaged parts away, so that they stay damaged whatever a migration does with their tables. */
export const markDamaged = (database: Database.Database, results: readonly ChecksumResult[]): void => {
  const put = database.prepare(`
    INSERT INTO main.checksums (relation, part, rows, sum) VALUES (?, ?, 0, NULL)
    ON CONFLICT (relation, part) DO UPDATE SET sum = NULL`)
  for (const { table, damaged } of results) for (const part of damaged) put.run(table, part)
}

/** Recomputes all checksums after a migration to the database's version. Parts that are marked as damaged stay so. */
export const adoptChecksums = (database: Database.Database): void => {
  const marks = marksAdopted(database)
  const put = database.prepare(
    'INSERT OR REPLACE INTO main.checksums (relation, part, rows, sum, adopted) VALUES (?, ?, ?, ?, ?)',
  )
  const drop = database.prepare('DELETE FROM main.checksums WHERE relation = ? AND part = ?')
  for (const relation of relationsOf(database)) {
    const { name } = relation
    const known = new Map(storedSums(database, relation).map(each => [each.part, each]))
    const found = read(database, relation)
    for (const [part, { rows, sum }] of found) {
      const before = known.get(part)
      const isNew = before === undefined || before.adopted === 1
      put.run(name, part, rows, before?.sum === null ? null : markedSum(sum, marks && isNew), Number(isNew))
    }
    for (const [part, { sum }] of known) if (!found.has(part) && sum !== null) drop.run(name, part)
  }
}
