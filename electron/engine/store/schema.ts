import Database from 'better-sqlite3'
import { UserError } from '../../contract/errors.ts'
import { addFunctions } from './migration-functions.ts'
import { migrations } from './migrations/all.ts'

/** A table or an index, as SQLite keeps its definition. */
interface Definition {
  readonly type: string
  readonly name: string
  readonly sql: string | null
}

const definitions = (database: Database.Database): Definition[] =>
  database.prepare<[], Definition>('SELECT type, name, sql FROM main.sqlite_schema ORDER BY type, name').all()

const known = new Map<number, readonly Definition[]>()

/** What a project of that version consists of. */
const expected = (version: number): readonly Definition[] => {
  const before = known.get(version)
  if (before !== undefined) return before
  const database = new Database(':memory:')
  try {
    addFunctions(database)
    for (const step of migrations.slice(0, version)) database.exec(step)
    const made = definitions(database)
    known.set(version, made)
    return made
  } finally {
    database.close()
  }
}

/**
 * A database may bring programs of its own: views that never end, triggers that delete, tables that are computed.
 * Before anything of it is used it has to consist of exactly what Portolan puts into a project of its version.
 * @throws UserError which names what is there instead
 */
export const requireOwnSchema = (file: string, database: Database.Database): void => {
  const [version, found] = database.transaction((): [number, readonly Definition[]] => [
    Number(database.pragma('user_version', { simple: true })),
    definitions(database),
  ])()
  if (version > migrations.length) return
  const wanted = expected(version)
  const same = (a: Definition, b: Definition): boolean => a.type === b.type && a.name === b.name && a.sql === b.sql
  const strange = found.find(each => !wanted.some(other => same(each, other)))
  const missing = wanted.find(each => !found.some(other => same(each, other)))
  if (version > 0 && strange === undefined && missing === undefined) return
  const what =
    version === 0
      ? 'it has no version'
      : strange !== undefined
        ? `its ${strange.type} "${strange.name}" is not one of Portolan`
        : `its ${missing!.type} "${missing!.name}" is missing`
  throw new UserError(
    `${file} was not made by Portolan, or was changed by another program (${what}): it was not opened; take a copy from before`,
  )
}
