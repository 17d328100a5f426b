import Database from 'better-sqlite3'

/** Everything that a project contains, table by table in the order of keys; what SQLite throws where it can't be read. */
export const dump = (file: string): Map<string, string> | Error => {
  let database: Database.Database | undefined
  try {
    database = new Database(file, { readonly: true })
    const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).pluck().all()
    return new Map(tables.map(table => [String(table), contents(database!, String(table))]))
  } catch (error) {
    return error as Error
  } finally {
    database?.close()
  }
}

const contents = (database: Database.Database, table: string): string => {
  const columns = database.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table)
  const row = columns.map(column => `quote("${column}")`).join(` || '|' || `)
  return database.prepare(`SELECT ${row} AS text FROM "${table}" NOT INDEXED ORDER BY text`).pluck().all().join('\n')
}
