import { reason, UserError } from '../../contract/errors.ts'
import type { ChecksumResult } from './checksums.ts'
import type { Connection } from './connection.ts'
import { openForCheck } from './open.ts'
import { brokenPromises } from './promises.ts'
import { rules, shown } from './rules.ts'
import { type None, query } from './sql.ts'
import { flawOf } from './stored-forms.ts'

/** What is wrong with a project; nothing when `faults` is empty. */
export interface CheckResult {
  readonly file: string
  readonly faults: readonly string[]
  /** Rows that match the checksums they were written with. */
  readonly rows: number
  /** Rows whose checksums an update has computed from what it found: damage from before that is not seen. */
  readonly adopted: number
}

/** A table in which everything is wrong says so in a few lines. */
const MOST_OF_A_KIND = 5

type Text = { readonly fault: string }

/** Unlike quick_check it also compares the indices with their tables. */
const integrity = query<None, { result: string }>('SELECT integrity_check AS result FROM pragma_integrity_check')
const danglingReferences = query<None, Text>(`
  SELECT format('%d rows of %s refer to a missing row of %s', count(*), "table", parent) AS fault
  FROM pragma_foreign_key_check GROUP BY "table", parent
`)
/** Matrices that keep class numbers beside their values: their bytes are not all float16. */
const truncated = query<None, { id: number }>('SELECT id FROM matrices WHERE kept IS NOT NULL')
const origins = query<None, { origins: number }>('SELECT count(*) AS origins FROM project')

/**
 * Reads the whole file: the structure of the database, references between rows, what the counts promise, every row
 * against its checksum and against the rules of its columns. Pictures are decoded elsewhere.
 * @throws UserError when the file is not a project that this Portolan can open
 */
export const checkProject = (file: string): CheckResult => {
  using db = openForCheck(file)
  try {
    return { file: db.file, ...db.snapshot(() => checked(db)) }
  } catch (error) {
    // The file is so damaged that it can't be read to the end.
    if (error instanceof UserError) return { file: db.file, faults: [reason(error)], rows: 0, adopted: 0 }
    throw error
  }
}

const checked = (db: Connection): Omit<CheckResult, 'file'> => {
  const structure = db.all(integrity, {}).filter(row => row.result !== 'ok')
  // Where the structure is broken, counting rows would only repeat it in other words.
  if (structure.length > 0) return { faults: few(structure.map(row => row.result)), rows: 0, adopted: 0 }
  const values = new Findings(new Set(db.all(truncated, {}).map(({ id }) => id)))
  const sums = db.checksums((table, columns, row) => values.look(table, columns, row))
  return {
    faults: [
      ...(db.one(origins, {})?.origins === 1 ? [] : ['the project does not say when it was begun']),
      ...db.all(danglingReferences, {}).map(row => row.fault),
      ...brokenPromises(db),
      ...values.faults(),
      ...sums.flatMap(unlike),
    ],
    rows: sums.reduce((sum, { rows }) => sum + rows, 0),
    adopted: sums.reduce((sum, { adopted }) => sum + adopted, 0),
  }
}

const unlike = ({ table, damaged }: ChecksumResult): string[] =>
  few(damaged.map(part => `${table} ${shown(part)}: the contents do not match their checksum`))

const few = (faults: readonly string[]): string[] =>
  faults.length <= MOST_OF_A_KIND
    ? [...faults]
    : [...faults.slice(0, MOST_OF_A_KIND), `… and ${faults.length - MOST_OF_A_KIND} more of the kind`]

/** Values that break a rule, by column. */
class Findings {
  readonly #found = new Map<string, string[]>()
  readonly #truncated: ReadonlySet<number>

  constructor(truncatedMatrices: ReadonlySet<number>) {
    this.#truncated = truncatedMatrices
  }

  look(table: string, columns: readonly string[], row: readonly unknown[]): void {
    for (const [at, column] of columns.entries()) {
      const rule = rules[table]?.[column]
      if (rule === undefined) continue
      const value = row[at]
      const from = `${table}.${column}`
      if (!rule.holds(value)) this.#add(from, `${from} holds ${shown(value)} and should be ${rule.wants}`)
      else if (column !== 'data' || !this.#truncated.has(row[columns.indexOf('matrix')] as number)) {
        const flaw = flawOf(from, value)
        if (flaw !== undefined) this.#add(from, `${from}: ${flaw}`)
      }
    }
  }

  #add(from: string, fault: string): void {
    this.#found.set(from, [...(this.#found.get(from) ?? []), fault])
  }

  faults(): string[] {
    return [...this.#found.values()].flatMap(few)
  }
}
