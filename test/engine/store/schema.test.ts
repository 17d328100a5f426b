import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../../electron/contract/errors.ts'
import { checkProject } from '../../../electron/engine/store/check.ts'
import { projectInfo } from '../../../electron/engine/store/info.ts'
import { createProject, openBriefly, openProject, unlockProject } from '../../../electron/engine/store/open.ts'
import { resultRules } from '../../../electron/engine/store/result-rules.ts'
import { rules } from '../../../electron/engine/store/rules.ts'
import { emptySet, temporaryFolder, who } from './project.ts'

const changed = (sql: string): string => {
  const db = createProject(`${temporaryFolder()}/a.portolan`, who)
  emptySet(db, [{ name: 'mixed4c', channels: 4 }])
  db.close()
  const other = new Database(db.file)
  other.unsafeMode(true)
  other.pragma('foreign_keys = OFF')
  other.pragma('writable_schema = ON')
  other.exec(sql)
  other.close()
  return db.file
}
const refusals = (file: string): unknown[] =>
  [
    () => projectInfo(openProject(file, { mode: 'read' })),
    () => openProject(file, { mode: 'write', who }),
    () => openBriefly(file),
    () => unlockProject(file),
  ].map(open => {
    try {
      return open()
    } catch (error) {
      return error
    }
  })

const endless = '(WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c)'

describe('a project that brings a program of its own is refused in a sentence', () => {
  test.each([
    [
      'a view in place of a table',
      `ALTER TABLE models RENAME TO m2; CREATE VIEW models AS SELECT * FROM m2 WHERE ${endless} > 0`,
    ],
    ['a trigger that never ends', `CREATE TRIGGER t AFTER INSERT ON writer BEGIN SELECT ${endless}; END`],
    ['a trigger that deletes', 'CREATE TRIGGER t AFTER INSERT ON writer BEGIN DELETE FROM models; END'],
    ['another table', 'CREATE TABLE more (x)'],
    ['a virtual table', 'CREATE VIRTUAL TABLE more USING fts5(x)'],
    ['another index', `CREATE INDEX slow ON models (hex(name))`],
    ['a column that is computed', 'ALTER TABLE models ADD COLUMN y AS (hex(zeroblob(1000000000)))'],
    ['another column', 'ALTER TABLE models ADD COLUMN y'],
    ['no column', 'ALTER TABLE images DROP COLUMN class'],
    ['no table', 'DROP TABLE icons'],
    ['no index', 'DROP INDEX jobs_by_state'],
    [
      'another CHECK',
      `UPDATE sqlite_schema SET sql = replace(sql, 'one = 1', '${endless} > 0') WHERE name = 'project'`,
    ],
    ['no version', 'PRAGMA user_version = 0'],
    ['an older version than its tables', 'PRAGMA user_version = 1'],
  ])('%s', (_, sql) => {
    const file = changed(sql)
    for (const error of refusals(file)) {
      expect(error).toBeInstanceOf(UserError)
      expect(String(error)).toContain(file)
      expect(String(error)).toMatch(/was not written by Portolan|older Portolan|is damaged/)
    }
  })

  test('and one that does not is opened', () => {
    const file = changed('SELECT 1')
    expect(projectInfo(openProject(file, { mode: 'read' })).models).toHaveLength(1)
  })
})

describe('a row that Portolan never writes is refused in a sentence when it is read', () => {
  test.each([
    [`UPDATE models SET hash = ''`, '1 rows of sample_sets refer to a missing row of models'],
    [`UPDATE models SET sidecar = '{'`, 'models.sidecar contains "{" instead of JSON'],
    [`UPDATE models SET layers = x'00'`, 'models.layers contains 1 bytes'],
    [`UPDATE project SET created = 1e300`, 'project.created contains 1e+300'],
    [`UPDATE folders SET name = 5.5`, undefined],
    [`UPDATE folders SET name = x'ff'`, 'folders.name contains 1 bytes instead of a text'],
    [
      `UPDATE matrices SET layer = char(27) || '[2J'`,
      'matrices.layer contains "\\u001b[2J" instead of a name without control characters',
    ],
    [`UPDATE sample_sets SET n = -5`, 'has more rows (0) than samples (-5)'],
    [`UPDATE sample_sets SET n = 3`, 'counts 3 samples and has 0'],
    [`UPDATE matrices SET width = 2147483647`, 'rows of 8 bytes for 2147483647 values'],
    [`UPDATE matrices SET width = 0, row_bytes = 0`, 'matrices.width contains 0'],
    [
      `INSERT INTO moments (set_id, tensor, n, channels, data, fourth) VALUES (1, 'mixed4c', 1, 4, x'00', 1)`,
      'have 1 bytes',
    ],
  ])('%s', (sql, message) => {
    const file = changed(sql)
    const read = () => projectInfo(openProject(file, { mode: 'read' }))
    if (message === undefined) return void read()
    expect(read).toThrow(UserError)
    expect(read).toThrow(message)
  })
})

test('a check finds a wrong row in every table, also in the one without checksums', () => {
  const file = changed(`INSERT INTO writer VALUES (1, 't', 1, 'host', NULL, 'portolan', 'x')`)
  expect(checkProject(file).faults).toEqual([
    'writer.since contains "x" instead of a whole number from 0 to 8640000000000000',
  ])
})

test('every column of a project has a rule', () => {
  const file = changed('SELECT 1')
  const db = new Database(file)
  const columns = db
    .prepare(
      `SELECT m.name || '.' || c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
       WHERE m.type = 'table' ORDER BY 1`,
    )
    .pluck()
    .all()
  db.close()
  const ruled = Object.entries(rules).flatMap(([table, its]) => Object.keys(its).map(column => `${table}.${column}`))
  expect(ruled.toSorted()).toEqual(columns.map(String).toSorted())
})

test('the columns of a result are known by the table that they come from', () => {
  const named = (sql: string) => resultRules(sql).map(({ name, from }) => `${name} ${from}`)
  expect(
    named('SELECT id, set_id AS "set", row_bytes AS rowBytes, count(*) AS n FROM matrices WHERE id = @id'),
  ).toEqual(['id matrices.id', 'set matrices.set_id', 'rowBytes matrices.row_bytes'])
  const joined =
    'SELECT i, icons.key AS k, fidelity, iif(a, b, c) AS s FROM cells LEFT JOIN icons ON icons.key = cells.icon'
  expect(named(joined)).toEqual(['i cells.i', 'k icons.key', 'fidelity icons.fidelity'])
  expect(resultRules(joined).every(({ rule }) => rule.accepts(null))).toBe(true)
  expect(named('SELECT (SELECT count(*) FROM images) AS images, (SELECT 1 FROM models) AS models')).toEqual([])
})
