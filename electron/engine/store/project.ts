import { contradictory } from './failures.ts'
import { command, type None, query, type Readable } from './sql.ts'

export const insertProject = command<{ created: number; createdBy: string }>(`
  INSERT INTO project (one, created, created_by) VALUES (1, @created, @createdBy)
`)
const select = query<None, { created: number; createdBy: string }>(`
  SELECT created, created_by AS createdBy FROM project
`)
const selectVersion = query<None, { version: number }>(`
  SELECT user_version AS version FROM pragma_user_version
`)

/** When the project was created, by which command, and the version of its schema. */
export const projectOrigin = (
  db: Readable,
): { readonly created: number; readonly createdBy: string; readonly version: number } => {
  const origin = db.one(select, {})
  if (origin === undefined) throw contradictory(db.file, 'the project has no creation date')
  return { ...origin, version: db.one(selectVersion, {})?.version ?? 0 }
}
