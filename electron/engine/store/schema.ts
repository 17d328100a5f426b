import Database from 'better-sqlite3'
import { UserError } from '../../contract/errors.ts'
import { addFunctions } from './migration-functions.ts'
import { migrations } from './migrations/all.ts'

/** The definition of a table or an index. */
interface Definition {
  readonly type: string
  readonly name: string
  readonly sql: string | null
}

const definitions = (database: Database.Database): Definition[] =>
  database.prepare<[], Definition>('SELECT type, name, sql FROM main.sqlite_schema ORDER BY type, name').all()

const SCHEMAS = new Map<number, readonly Definition[]>()

/** The tables and indices of a project of a version. */
const expected = (version: number): readonly Definition[] => {
  const cached = SCHEMAS.get(version)
  if (cached !== undefined) return cached
  const database = new Database(':memory:')
  try {
    addFunctions(database)
    for (const step of migrations.slice(0, version)) database.exec(step)
    const schema = definitions(database)
    SCHEMAS.set(version, schema)
    return schema
  } finally {
    database.close()
  }
}

/**
 * A database may contain programs: views that never end, triggers that delete, computed tables. Before it is used, its
 * schema has to equal that of a project of its version.
 * @throws UserError which names the difference
 */
export const requireOwnSchema = (file: string, database: Database.Database): void => {
  const [version, actual] = database.transaction((): [number, readonly Definition[]] => [
    Number(database.pragma('user_version', { simple: true })),
    definitions(database),
  ])()
  if (version > migrations.length) return
  const required = expected(version)
  const same = (a: Definition, b: Definition): boolean => a.type === b.type && a.name === b.name && a.sql === b.sql
  const strange = actual.find(each => !required.some(other => same(each, other)))
  const missing = required.find(each => !actual.some(other => same(each, other)))
  if (version > 0 && strange === undefined && missing === undefined) return
  const difference =
    version === 0
      ? 'it has no version'
      : strange !== undefined
        ? `its ${strange.type} "${strange.name}" is not one of Portolan`
        : `its ${missing!.type} "${missing!.name}" is missing`
  throw new UserError(
    `${file} was not written by Portolan, or was changed by another program (${difference}): it was not opened; restore a backup`,
  )
}
