import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProject } from '../../../electron/engine/store/open.ts'
import { command, query, type Writable } from '../../../electron/engine/store/sql.ts'
import { WritesTogether } from '../../../electron/engine/store/together.ts'

const add = command<{ name: string }>(`INSERT INTO folders (name, path) VALUES (@name, @name)`)
const names = query<Record<never, never>, { name: string }>('SELECT name FROM folders ORDER BY id')

describe('writes together', () => {
  let folder: string
  let db: Writable
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portolan-together-'))
    db = createProject(join(folder, 'p.portolan'), { command: 'a test' })
  })
  afterAll(async () => {
    db.close()
    await rm(folder, { recursive: true, force: true })
  })
  const stored = () => db.all(names, {}).map(({ name }) => name)

  it('are committed in one transaction, in their order, before any promise resolves', async () => {
    let transactions = 0
    const counting = Object.assign(Object.create(db), {
      write: (body: () => void) => {
        transactions++
        db.write(body)
      },
    })
    const together = new WritesTogether(counting)
    await Promise.all(['a', 'b', 'c'].map(name => together.write(() => void db.run(add, { name }))))
    expect(transactions).toBe(1)
    expect(stored()).toEqual(['a', 'b', 'c'])
    await together.write(() => void db.run(add, { name: 'd' }))
    expect(stored()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('are stored all or none: each rejects with the error of any of them, and later ones are written', async () => {
    const together = new WritesTogether(db)
    const before = stored()
    const results = await Promise.allSettled([
      together.write(() => void db.run(add, { name: 'e' })),
      together.write(() => {
        throw new Error('one of them')
      }),
    ])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(stored()).toEqual(before)
    await together.write(() => void db.run(add, { name: 'f' }))
    expect(stored()).toEqual([...before, 'f'])
  })
})
