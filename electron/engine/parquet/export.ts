import { join } from 'node:path'
import type { StageWork } from '../jobs/context.ts'
import type { Readable } from '../store/sql.ts'
import { atlasTables } from './atlas-tables.ts'
import { experimentTables } from './experiment-tables.ts'
import { writeParquet } from './file.ts'
import { matrixTables } from './matrix-tables.ts'
import { sampleTables } from './sample-tables.ts'
import type { Table } from './table.ts'

/** What is written on request only, because it is large. */
export interface ParquetChoice {
  readonly activations: boolean
  readonly attributions: boolean
  readonly pictures: boolean
}

export interface WrittenTable {
  readonly table: string
  readonly file: string
  readonly rows: number
  readonly bytes: number
}

/** All tables of a project by name; rows are read when they are written. */
export const parquetTables = (db: Readable, choice: ParquetChoice): Readonly<Record<string, Table<never>>> => ({
  ...sampleTables(db),
  ...matrixTables(db, choice),
  ...atlasTables(db, choice.pictures),
  ...experimentTables(db),
})

export const parquetFile = (folder: string, table: string): string => join(folder, `${table}.parquet`)

/**
 * Writes tables into a folder, one Parquet file each.
 * @param createdBy name and version of the program
 * @throws UserError when a file cannot be written; earlier ones stay
 */
export async function exportParquet(
  folder: string,
  tables: Readonly<Record<string, Table<never>>>,
  { signal, report, createdBy }: Pick<StageWork, 'signal' | 'report'> & { readonly createdBy: string },
): Promise<readonly WrittenTable[]> {
  const written: WrittenTable[] = []
  const all = Object.entries(tables)
  for (const [done, [name, table]] of all.entries()) {
    signal.throwIfAborted()
    report({ stage: 'export', done, total: all.length, unit: 'tables' })
    const file = parquetFile(folder, name)
    written.push({ table: name, file, ...(await writeParquet(table, file, { signal, createdBy })) })
  }
  report({ stage: 'export', done: all.length, total: all.length, unit: 'tables' })
  return written
}
