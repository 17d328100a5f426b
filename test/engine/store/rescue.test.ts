import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { UserError } from '../../../electron/contract/errors.ts'
import { checkProject } from '../../../electron/engine/store/check.ts'
import { createProject, openProject } from '../../../electron/engine/store/open.ts'
import { listSavedItems, putSavedItem } from '../../../electron/engine/store/saved-items.ts'
import { startChild } from './children.ts'
import { temporaryFolder, temporaryProject, who } from './project.ts'

const refusal = (body: () => void): UserError => {
  try {
    body()
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return error as UserError
  }
  throw new Error('nothing was refused')
}

test.each([
  [
    'deleted',
    (file: string) => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
    },
    'was deleted or moved',
  ],
  ['moved', (file: string) => renameSync(file, `${file}.away`), 'was deleted or moved'],
  [
    'replaced by another project',
    (file: string) => {
      const other = createProject(join(temporaryFolder(), 'other.portolan'), who)
      putSavedItem(other, 'note', 'whose', 'the other', 1)
      other.close()
      renameSync(other.file, file)
    },
    'was replaced',
  ],
])(
  'a project whose file is %s while it is written to ends in a sentence, and what was computed is kept',
  (_, change, message) => {
    const db = temporaryProject()
    const rescued = db.file.replace('.portolan', '.rescued.portolan')
    putSavedItem(db, 'note', 'a', 'computed', 1)
    change(db.file)
    const names = readdirSync(dirname(db.file))
    const before = names.includes('test.portolan') ? readFileSync(db.file) : undefined
    const error = refusal(() => putSavedItem(db, 'note', 'b', 'late', 2))
    expect(error.message).toContain(message)
    expect(error.message).toContain(rescued)
    expect(refusal(() => putSavedItem(db, 'note', 'c', 'later', 3)).message).toBe(error.message)
    db.close()
    if (before !== undefined) expect(readFileSync(db.file).equals(before)).toBe(true)
    expect(readdirSync(dirname(db.file)).filter(name => name.includes('rescued'))).toEqual(['test.rescued.portolan'])
    expect(checkProject(rescued).faults).toEqual([])
    using again = openProject(rescued, { mode: 'write', who })
    expect(listSavedItems(again, 'note')).toEqual([{ name: 'a', value: 'computed', updated: 1 }])
    again.close()
    // The log of the lost file must not be taken for that of whatever is at the path, or is put there as the sentence says.
    if (before === undefined) renameSync(rescued, db.file)
    expect(checkProject(db.file).faults).toEqual([])
    using there = openProject(db.file, { mode: 'read' })
    expect(listSavedItems(there, 'note')).toHaveLength(1)
  },
)

test('the log that a killed writer has left is not taken for that of a new project', async () => {
  const file = join(temporaryFolder(), 'a.portolan')
  createProject(file, who).close()
  const child = startChild('store/hold.child.ts', file)
  await child.line()
  await child.kill()
  expect(existsSync(`${file}-wal`)).toBe(true)
  const away = join(temporaryFolder(), 'a.portolan')
  renameSync(file, away)
  expect(refusal(() => createProject(file, who)).message).toBe(
    `cannot create ${file}: ${file}-wal and ${file}-shm belong to a project that was there; put it back to continue it, or delete them, or choose another name`,
  )
  renameSync(away, file)
  openProject(file, { mode: 'write', who }).close()
  expect(checkProject(file).faults).toEqual([])
  rmSync(file)
  createProject(file, who).close()
})

test('a project whose file goes away after the last batch is not closed silently', () => {
  const db = createProject(join(temporaryFolder(), 'a.portolan'), who)
  putSavedItem(db, 'note', 'a', 'computed', 1)
  rmSync(db.file)
  expect(refusal(() => db.close()).message).toContain('a.rescued.portolan')
})
