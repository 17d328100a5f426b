import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, type TestContext, test } from 'vitest'
import { UserError } from '../../../electron/contract/errors.ts'
import { findActivations } from '../../../electron/engine/store/activations.ts'
import { checkProject } from '../../../electron/engine/store/check.ts'
import { listModels } from '../../../electron/engine/store/models.ts'
import { createProject, openOrCreateProject, openProject } from '../../../electron/engine/store/open.ts'
import { appendSamples, sampleSet } from '../../../electron/engine/store/samples.ts'
import { type None, query, type Writable } from '../../../electron/engine/store/sql.ts'
import { mountRefused, mountSmallDisk, remountReadOnly } from './mounts.ts'
import { emptySet, markedRows, samplesOf, temporaryFolder, temporaryProject, who } from './project.ts'

const channels = 64
/** Appends batches of 1,000 samples until something is in the way. */
const appendUntilRefused = (db: Writable, set: number, image: number): { n: number; error: unknown } => {
  for (let n = 0; ; ) {
    try {
      n = appendSamples(db, set, n, samplesOf(image, 1000), new Map([['mixed4c', markedRows(n, 1000, channels)]]))
    } catch (error) {
      return { n, error }
    }
  }
}

/** A closed project with 3,000 samples. */
const filledProject = (folder = temporaryFolder()): string => {
  const db = createProject(join(folder, 'a.portolan'), who)
  const { set, image } = emptySet(db, [{ name: 'mixed4c', channels }])
  appendSamples(db, set.id, 0, samplesOf(image, 3000), new Map([['mixed4c', markedRows(0, 3000, channels)]]))
  db.close()
  return db.file
}

const modes = [{ mode: 'read' }, { mode: 'write', who }] as const
const openEach = (file: string): unknown[] =>
  modes.map(options => {
    try {
      const db = options.mode === 'read' ? openProject(file, options) : openProject(file, options)
      listModels(db)
      db.close()
    } catch (error) {
      return error
    }
    return undefined
  })
const expectSentence = (error: unknown, ...parts: readonly string[]): void => {
  expect(error).toBeInstanceOf(UserError)
  for (const part of parts) expect(String(error)).toContain(part)
  expect(String(error)).not.toContain('\n')
}

describe('a project', () => {
  test('is one file when it is closed, and opens again', () => {
    const folder = temporaryFolder()
    const file = filledProject(folder)
    expect(readdirSync(folder)).toEqual(['a.portolan'])
    expect(openEach(file)).toEqual([undefined, undefined])
    expect(readdirSync(folder)).toEqual(['a.portolan'])
  })

  test('is not created over a file, nor in a folder that is not there, and leaves no draft', () => {
    const folder = temporaryFolder()
    const file = join(folder, 'a.portolan')
    writeFileSync(file, 'something of value')
    expect(() => createProject(file, who)).toThrow('exists already')
    expect(readFileSync(file, 'utf8')).toBe('something of value')
    expect(() => createProject(join(folder, 'none', 'a.portolan'), who)).toThrow('does not exist')
    expect(readdirSync(folder)).toEqual(['a.portolan'])
  })

  test('is opened where it is, and created where it is not', () => {
    const file = join(temporaryFolder(), 'with spaces, 100 % and ?#.portolan')
    openOrCreateProject(file, who).close()
    openOrCreateProject(file, who).close()
    expect(existsSync(file)).toBe(true)
  })
})

describe('refused in one sentence', () => {
  const damage = (file: string, from: number, bytes: Uint8Array): void => {
    const content = readFileSync(file)
    content.set(bytes, from)
    writeFileSync(file, content)
  }
  test.each([
    { name: 'no such file', make: (folder: string) => join(folder, 'none.portolan'), message: 'there is no project' },
    { name: 'a folder', make: (folder: string) => folder, message: 'not a Portolan project' },
    ...(process.platform === 'win32'
      ? []
      : [
          {
            name: 'a named pipe, which nobody writes to',
            make: (folder: string) => {
              const file = join(folder, 'pipe.portolan')
              execFileSync('mkfifo', [file])
              return file
            },
            message: 'not a Portolan project',
          },
        ]),
    {
      name: 'an empty file',
      make: (folder: string) => {
        writeFileSync(join(folder, 'a'), '')
        return join(folder, 'a')
      },
      message: 'not a Portolan project',
    },
    {
      name: 'a text',
      make: (folder: string) => {
        writeFileSync(join(folder, 'a'), 'A text, long enough to hold a header. '.repeat(20))
        return join(folder, 'a')
      },
      message: 'not a Portolan project',
    },
    {
      name: 'a database of another program',
      make: (folder: string) => {
        const file = filledProject(folder)
        damage(file, 68, Buffer.alloc(4))
        return file
      },
      message: 'not a Portolan project',
    },
    {
      name: 'a damaged header',
      make: (folder: string) => {
        const file = filledProject(folder)
        damage(file, 0, Buffer.alloc(16, 0xff))
        return file
      },
      message: 'not a Portolan project',
    },
    {
      name: 'a damaged table of tables',
      make: (folder: string) => {
        const file = filledProject(folder)
        damage(file, 100, Buffer.alloc(4000, 0xa5))
        return file
      },
      message: 'is damaged',
    },
    {
      name: 'a file cut short',
      make: (folder: string) => {
        const file = filledProject(folder)
        truncateSync(file, 100_000)
        return file
      },
      message: 'is damaged',
    },
  ])('$name', ({ make, message }) => {
    const file = make(temporaryFolder())
    for (const error of openEach(file)) expectSentence(error, file, message)
  })

  test('a newer version, untouched', () => {
    const folder = temporaryFolder()
    const file = filledProject(folder)
    damage(file, 60, Buffer.of(0, 0, 0, 99))
    const before = readFileSync(file)
    for (const error of openEach(file)) expectSentence(error, file, 'newer Portolan (file version 99', 'not changed')
    expect(readFileSync(file).equals(before)).toBe(true)
    expect(readdirSync(folder)).toEqual(['a.portolan'])
  })
})

describe('a check', () => {
  test('finds nothing in a sound project', () => {
    expect(checkProject(filledProject()).faults).toEqual([])
  })

  test('finds damaged pages', () => {
    const file = filledProject()
    const database = new Database(file)
    const ofSchema = database.prepare("SELECT pageno FROM dbstat WHERE name = 'sqlite_schema'").pluck().all()
    database.close()
    const content = readFileSync(file)
    // Every page but those of the schema, without which nothing can be read, loses its beginning.
    for (let page = 1; page <= content.length / 16_384; page++)
      if (!ofSchema.includes(page)) content.fill(0xa5, 16_384 * (page - 1), 16_384 * (page - 1) + 64)
    writeFileSync(file, content)
    expect(checkProject(file).faults.length).toBeGreaterThan(0)
  })

  test('finds counts that do not hold', () => {
    const db = temporaryProject()
    const { set, image } = emptySet(db, [{ name: 'mixed4c', channels }])
    appendSamples(db, set.id, 0, samplesOf(image, 10), new Map([['mixed4c', markedRows(0, 10, channels)]]))
    db.run({ text: 'DELETE FROM samples WHERE idx = 3', changes: true }, {})
    db.run({ text: 'UPDATE matrices SET n = 11', changes: true }, {})
    expect(checkProject(db.file).faults).toEqual([
      'activations of mixed4c count 11 rows for 10 samples',
      'activation of mixed4c has more rows (11) than samples (10)',
      'activation of mixed4c counts 1408 bytes and has 1280',
      `sample set ${set.id} counts 10 samples and has 9`,
      `sample set ${set.id} has samples numbered 0 to 9`,
    ])
  })
})

describe('a full disk', () => {
  test('ends an append in one sentence and loses nothing (limit of the database)', () => {
    const db = temporaryProject()
    const { set, image } = emptySet(db, [{ name: 'mixed4c', channels }])
    db.all(query<None, unknown>('PRAGMA max_page_count = 300'), {})
    const { n, error } = appendUntilRefused(db, set.id, image)
    expectSentence(error, db.file, 'the disk is full')
    expect(n).toBeGreaterThan(0)
    expect(sampleSet(db, set.id)?.n).toBe(n)
    expect(checkProject(db.file).faults).toEqual([])
    db.all(query<None, unknown>('PRAGMA max_page_count = 1000000'), {})
    const next = new Map([['mixed4c', markedRows(n, 1000, channels)]])
    expect(appendSamples(db, set.id, n, samplesOf(image, 1000), next)).toBe(n + 1000)
  })

  test('ends an append in one sentence and loses nothing (a small disk)', (context: TestContext) => {
    const folder = temporaryFolder()
    const refused = mountRefused(folder)
    if (refused !== undefined) context.skip(refused)
    mountSmallDisk(folder, 6_000_000)
    const db = createProject(join(folder, 'a.portolan'), who)
    const { set, image } = emptySet(db, [{ name: 'mixed4c', channels }])
    const { n, error } = appendUntilRefused(db, set.id, image)
    expectSentence(error, db.file, 'the disk is full')
    expect(n).toBeGreaterThan(0)
    db.close()
    // As a user would: free some space, then go on.
    const elsewhere = join(temporaryFolder(), 'a.portolan')
    for (const suffix of ['', '-wal'])
      if (existsSync(db.file + suffix)) copyFileSync(db.file + suffix, elsewhere + suffix)
    expect(checkProject(elsewhere).faults).toEqual([])
    using again = openProject(elsewhere, { mode: 'write', who })
    expect(findActivations(again, set.id, 'mixed4c')?.n).toBe(n)
    const next = new Map([['mixed4c', markedRows(n, 1000, channels)]])
    expect(appendSamples(again, set.id, n, samplesOf(image, 1000), next)).toBe(n + 1000)
  })

  test('refuses a new project in one sentence and leaves no draft', (context: TestContext) => {
    const folder = temporaryFolder()
    const refused = mountRefused(folder)
    if (refused !== undefined) context.skip(refused)
    mountSmallDisk(folder, 100_000)
    expect(() => createProject(join(folder, 'a.portolan'), who)).toThrow(
      new RegExp(`${join(folder, 'a.portolan')}: the disk is full`),
    )
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('a read-only place', () => {
  /** A folder on a read-only medium with a project in it that was closed properly. */
  const readOnlyFolder = (context: TestContext): { readonly folder: string; readonly file: string } => {
    const folder = join(temporaryFolder(), 'medium')
    mkdirSync(folder)
    // For root a folder without the right to write is no obstacle: only a medium is.
    if (process.getuid?.() === 0) {
      const refused = mountRefused(folder)
      if (refused !== undefined) context.skip(refused)
      mountSmallDisk(folder, 20_000_000)
      const file = filledProject(folder)
      remountReadOnly(folder)
      return { folder, file }
    }
    const file = filledProject(folder)
    chmodSync(file, 0o444)
    chmodSync(folder, 0o555)
    // Finished in reverse order: writable again before temporaryFolder removes it.
    onTestFinished(() => chmodSync(folder, 0o755))
    return { folder, file }
  }

  test('lets a project be read, and reports in one sentence that it cannot be written', context => {
    const { folder, file } = readOnlyFolder(context)
    const [reading, writing] = openEach(file)
    expect(reading).toBeUndefined()
    expectSentence(writing, file, 'copy it to a folder that you can write to')
    expect(checkProject(file).faults).toEqual([])
    expect(() => createProject(join(folder, 'b.portolan'), who)).toThrow('b.portolan')
  })
})
