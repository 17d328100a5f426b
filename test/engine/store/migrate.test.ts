import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { applicationId } from '../../../electron/engine/store/header.ts'
import { findIcon } from '../../../electron/engine/store/icons.ts'
import { sha256 } from '../../../electron/engine/store/keys.ts'
import { migrate } from '../../../electron/engine/store/migrate.ts'
import { currentVersion, migrations } from '../../../electron/engine/store/migrations/all.ts'
import { openProject } from '../../../electron/engine/store/open.ts'
import { listImages } from '../../../electron/engine/store/photographs.ts'
import { projectOrigin } from '../../../electron/engine/store/project.ts'
import { temporaryFolder, who } from './project.ts'

const database = (steps: readonly string[]): Database.Database => {
  const file = join(temporaryFolder(), 'a.portolan')
  const db = new Database(file)
  onTestFinished(() => void db.close())
  db.pragma('journal_mode = WAL')
  db.pragma(`application_id = ${applicationId}`)
  migrate(db, steps)
  return db
}
const version = (db: Database.Database) => db.pragma('user_version', { simple: true })
const shape = (db: Database.Database) =>
  db.prepare('SELECT type, name, sql FROM sqlite_master ORDER BY type, name').all()

/** SHA-256 of every migration that was ever published: files in the world were made by exactly these. */
const published = [
  'd7a8f765fd1da98a48d75da3f84efebfb4ec47781eba016020dbf3b5a4270982',
  '2d26bddb1559e4719f1d43de808f4edacc8b826885a27272e94ac771c6d5d28f',
  '7ae93c063bb6875da2726c6b17f14ef398ed40b7eec97a785d92ddc6660c16f4',
  '3ae4ba4582bfd8c65d3e7ead864e72ea015299e97f38c9e09eb188609b43490c',
  'c54cf4ec076384c83cef775cb440c955ea3f9ba10480fd0ba1c644e363adf10b',
  '4f4e326bc2a9a362fc0a48eb0a548e2a718f0f74f58b24203f1b8f77020a3656',
  '8b0b1faa6788bfd06999e28dbfda419137404f6a9cac8c7abaa70aaf8beee8b9',
  'f5cba7101e626361b17970984a989ef7c8b366061ab3974b8962f63914f83c48',
  '45a4156e83441b4d41f07c665808e9a9342a62aa2d31c61fbbc547bc436a1aa6',
  '9dbd2cb3bbda9a86c4b46433f0c4f3526e277cefd7da619194b1eb84bb06c7cc',
  '84b4904f990af8e2843e904c7747c2e441bc2662cc9310d5f9c08c7016ce44af',
  '31f1205d18b7d701218117a7db036a2c484176e63f69d4e7baf4c941a9163c22',
  'f4a8406eadc9631ccd9d7b25a23820152c4fd63ea8fc49bed98976154c5bc200',
  '3aaa922ef1a9842ac8aafe0452394abd5a0a684e4953a910afa3645bb1ec19d0',
  'ff1fb1baaa98ffac699de891c0228dd848b02a4c50050d1ad8f0b70d2419e443',
  '57d50fcc322e69cf9182757942ac25d58b6dd2b41cb10c038265e19bc315dd8c',
  'b28305b72a1d7c17352672f01d55e9c7f4f38ecfa2fbac9fa551341eaa47f6c2',
  '854617b3b9e698c7d2e7e357c649f6fc8ba7fe2e784566d961d7d524c258935d',
  '8205a84812f3d4658e9f355d12d8acd45372058da68322c4c15ba59ead97c2df',
]

test('a published migration is never edited', () => {
  expect(migrations.map(sha256)).toEqual(published)
})

describe.each(migrations.map((_, index) => index + 1))('a project of version %i', from => {
  test('is brought up to date when it is opened for writing, and has the shape of a new one', () => {
    const old = database(migrations.slice(0, from))
    expect(version(old)).toBe(from)
    old.exec(`INSERT INTO project (one, created, created_by) VALUES (1, 42, 'portolan then')`)
    old.close()
    using project = openProject(old.name, { mode: 'write', who })
    expect(projectOrigin(project)).toEqual({ created: 42, createdBy: 'portolan then', version: currentVersion })
    project.close()
    expect(shape(new Database(old.name))).toEqual(shape(database(migrations)))
  })
})

test('photographs of an old project that were recorded as unreadable are tried again', () => {
  const old = database(migrations.slice(0, 3))
  old.exec(`INSERT INTO project (one, created, created_by) VALUES (1, 42, 'portolan then');
    INSERT INTO folders (id, name, path) VALUES (1, 'photos', '/photos');
    INSERT INTO images (id, folder, relative, hash, status, reason) VALUES
      (1, 1, 'away.jpg', 'aa', 'unreadable', 'there is no such file or folder'),
      (2, 1, 'never.jpg', NULL, 'unreadable', 'permission is denied'),
      (3, 1, 'good.jpg', 'bb', 'ok', NULL);`)
  old.close()
  using project = openProject(old.name, { mode: 'write', who })
  expect(listImages(project, 1).map(({ id, status }) => [id, status])).toEqual([
    [1, 'ok'],
    [3, 'ok'],
    [2, 'unreadable'],
  ])
})

test('icons of an old project stay, without the robust fidelity that was measured otherwise', () => {
  const old = database(migrations.slice(0, 8))
  old.exec(`INSERT INTO project (one, created, created_by) VALUES (1, 42, 'portolan then');
    INSERT INTO icons (key, status, attempts, size, fidelity, robust_fidelity, objective, preset, seed, runtime, batch, webp)
      VALUES ('aa', 'ok', 1, 80, 0.9, 0.6, 1, '{}', 0, '{}', 32, x'00');`)
  old.close()
  using project = openProject(old.name, { mode: 'write', who })
  expect(findIcon(project, 'aa')).toMatchObject({ status: 'ok', fidelity: 0.9, robustFidelity: null })
})

describe('a step', () => {
  const [base] = ['CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a INTEGER REFERENCES a (id));']
  test('runs once, and only after those before it', () => {
    const db = database([base])
    const steps = [base, 'CREATE TABLE c (x); INSERT INTO c VALUES (1);']
    migrate(db, steps)
    migrate(db, steps)
    expect(version(db)).toBe(2)
    expect(db.prepare('SELECT count(*) AS n FROM c').get()).toEqual({ n: 1 })
  })

  test('that fails leaves the version before it, whole', () => {
    const db = database([base])
    const before = shape(db)
    expect(() => migrate(db, [base, 'CREATE TABLE c (x); CREATE TABLE a (y);'])).toThrow('already exists')
    expect(version(db)).toBe(1)
    expect(shape(db)).toEqual(before)
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1)
  })

  test('may rebuild a table that others refer to, but not leave them dangling', () => {
    const db = database([base])
    db.exec('INSERT INTO a VALUES (1); INSERT INTO b VALUES (1);')
    const rebuild = (rows: string) => `CREATE TABLE a2 (id INTEGER PRIMARY KEY, more TEXT);
      INSERT INTO a2 SELECT id, 'x' FROM a ${rows}; DROP TABLE a; ALTER TABLE a2 RENAME TO a;`
    expect(() => migrate(db, [base, rebuild('WHERE false')])).toThrow('1 dangling references')
    expect(version(db)).toBe(1)
    migrate(db, [base, rebuild('')])
    expect(db.prepare('SELECT * FROM a').all()).toEqual([{ id: 1, more: 'x' }])
    expect(db.prepare('SELECT * FROM b').all()).toEqual([{ a: 1 }])
  })
})
