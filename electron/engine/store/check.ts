import { reason, UserError } from '../../contract/errors.ts'
import type { ChecksumResult } from './checksums.ts'
import type { Connection } from './connection.ts'
import { openForCheck } from './open.ts'
import { brokenPromises } from './promises.ts'
import { rules, shown } from './rules.ts'
import { type None, query } from './sql.ts'
import { flawOf } from './stored-forms.ts'

/** The faults of a project; it is undamaged when there are none. */
interface CheckResult {
  readonly file: string
  readonly faults: readonly string[]
  /** Rows that match their checksums. */
  readonly rows: number
  /** Rows whose checksums an update has computed: earlier damage is not detected. */
  readonly adopted: number
}

/** Maximum of faults of a kind that are listed: a damaged table may have thousands. */
const MAX_OF_A_KIND = 5

type Text = { readonly fault: string }

/** Unlike quick_check, integrity_check compares indices with their tables. */
const integrity = query<None, { result: string }>('SELECT integrity_check AS result FROM pragma_integrity_check')
const danglingReferences = query<None, Text>(`
  SELECT format('%d rows of %s refer to a missing row of %s', count(*), "table", parent) AS fault
  FROM pragma_foreign_key_check GROUP BY "table", parent
`)
/** Matrices that contain class numbers as well as values: their bytes are not all float16. */
const truncated = query<None, { id: number }>('SELECT id FROM matrices WHERE kept IS NOT NULL')

/**
 * Reads the complete file and checks the structure of the database, references between rows, counts, and the checksum and
 * column rules of every row. Pictures are decoded by `checkPictures`.
 * @throws UserError when the file is not a project that this Portolan can open
 */
export const checkProject = (file: string): CheckResult => {
  using db = openForCheck(file)
  try {
    return { file: db.file, ...db.snapshot(() => checked(db)) }
  } catch (error) {
    // The file is so damaged that it cannot be read to the end.
    if (error instanceof UserError) return { file: db.file, faults: [reason(error)], rows: 0, adopted: 0 }
    throw error
  }
}

const checked = (db: Connection): Omit<CheckResult, 'file'> => {
  const structure = db.all(integrity, {}).filter(row => row.result !== 'ok')
  // Where the structure is broken, counting rows would only repeat the same fault.
  if (structure.length > 0) return { faults: few(structure.map(row => row.result)), rows: 0, adopted: 0 }
  const values = new Findings(new Set(db.all(truncated, {}).map(({ id }) => id)))
  const sums = db.checksums((table, columns, row) => values.look(table, columns, row))
  return {
    faults: [
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
  few(damaged.map(part => `${table} ${shown(part)}: the contents do not match the checksum`))

const few = (faults: readonly string[]): string[] =>
  faults.length <= MAX_OF_A_KIND
    ? [...faults]
    : [...faults.slice(0, MAX_OF_A_KIND), `… and ${faults.length - MAX_OF_A_KIND} more of the kind`]

/** Values that break a rule, by column. */
class Findings {
  readonly #faults = new Map<string, string[]>()
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
      if (!rule.accepts(value)) this.#add(from, `${from} contains ${shown(value)} instead of ${rule.expected}`)
      else if (column !== 'data' || !this.#truncated.has(row[columns.indexOf('matrix')] as number)) {
        const flaw = flawOf(from, value)
        if (flaw !== undefined) this.#add(from, `${from}: ${flaw}`)
      }
    }
  }

  #add(from: string, fault: string): void {
    this.#faults.set(from, [...(this.#faults.get(from) ?? []), fault])
  }

  faults(): string[] {
    return [...this.#faults.values()].flatMap(few)
  }
}
