import type Database from 'better-sqlite3'
import { adoptChecksums, compareChecksums } from './checksums.ts'
import { addFunctions } from './migration-functions.ts'
import { migrations } from './migrations/all.ts'

/**
 * Brings a database up to date, each step in a transaction of its own together with its number: a process killed in
 * between leaves a project of an older version, whole. Checksums are recomputed, for tables may have another shape
 * now; what did not match its checksum before does not match afterwards either.
 * @param steps only tests give others
 */
export const migrate = (database: Database.Database, steps: readonly string[] = migrations): void => {
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version >= steps.length) return
  addFunctions(database)
  // A step may have to rebuild a table that others refer to; what it leaves is checked before it counts.
  database.pragma('foreign_keys = OFF')
  try {
    const damaged = hasChecksums(database) ? compareChecksums(database) : []
    for (const [index, step] of steps.entries()) {
      if (index < version) continue
      database
        .transaction(() => {
          database.exec(step)
          const dangling = database.pragma('foreign_key_check')
          if (Array.isArray(dangling) && dangling.length > 0)
            throw new Error(`migration ${index + 1} leaves ${dangling.length} dangling references`)
          if (hasChecksums(database)) adoptChecksums(database, damaged)
          database.pragma(`user_version = ${index + 1}`)
        })
        .immediate()
    }
  } finally {
    database.pragma('foreign_keys = ON')
  }
  // The version must stand in the file's header and not only in its log: an older Portolan looks there first.
  database.pragma('wal_checkpoint(TRUNCATE)')
}

const hasChecksums = (database: Database.Database): boolean =>
  database.prepare(`SELECT 1 FROM main.sqlite_schema WHERE name = 'checksums'`).get() !== undefined
