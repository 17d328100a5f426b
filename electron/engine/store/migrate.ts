import type Database from 'better-sqlite3'
import { adoptChecksums, compareChecksums, markDamaged } from './checksums.ts'
import { addFunctions } from './migration-functions.ts'
import { migrations } from './migrations/all.ts'

/**
 * Migrates a database, each step in a transaction together with its number: a process killed in between leaves a valid
 * project of an older version. Checksums are recomputed, because tables may have changed; a part that did not match its
 * checksum before does not match afterwards either.
 * @param steps replaced only by tests
 */
export const migrate = (database: Database.Database, steps: readonly string[] = migrations): void => {
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version >= steps.length) return
  addFunctions(database)
  // A step may rebuild a table that others refer to; references are checked before it is committed.
  database.pragma('foreign_keys = OFF')
  try {
    if (hasChecksums(database))
      database.transaction(() => markDamaged(database, compareChecksums(database))).immediate()
    for (const [index, step] of steps.entries()) {
      if (index < version) continue
      database
        .transaction(() => {
          database.exec(step)
          const dangling = database.pragma('foreign_key_check')
          if (Array.isArray(dangling) && dangling.length > 0)
            throw new Error(`migration ${index + 1} leaves ${dangling.length} dangling references`)
          database.pragma(`user_version = ${index + 1}`)
          if (hasChecksums(database)) adoptChecksums(database)
        })
        .immediate()
    }
  } finally {
    database.pragma('foreign_keys = ON')
  }
  // The version has to be in the file's header and not only in its log: an older Portolan reads it there first.
  database.pragma('wal_checkpoint(TRUNCATE)')
}

const hasChecksums = (database: Database.Database): boolean =>
  database.prepare(`SELECT 1 FROM main.sqlite_schema WHERE name = 'checksums'`).get() !== undefined
