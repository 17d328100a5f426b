import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { pictureOf } from '../../electron/engine/query/pictures.ts'
import { Project } from '../../electron/engine/query/project.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import { command, type None } from '../../electron/engine/store/sql.ts'
import { writeSyntheticProject } from '../fixtures/synthetic-project.ts'

const swapIcons = command<None>(
  'UPDATE icons SET webp = (SELECT other.webp FROM icons AS other WHERE other.key <> icons.key LIMIT 1)',
)

test('of the revisions of a sheet the latest stays in memory', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-sheets-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = await writeSyntheticProject(join(folder, 'project'), { samples: 500, grids: [4] })
  using db = openProject(file, { mode: 'write', who: { command: 'test' } })
  const project = new Project(file, db, () => Promise.reject(new Error('no network is needed')))
  const sheet = async (revision: number) => {
    const place = { kind: 'icons', project: project.key, atlas: 1, grid: 4, tileI: 0, tileJ: 0, size: 16 } as const
    return Buffer.from((await pictureOf(project, { ...place, revision }))!.bytes)
  }
  const kept = () => project.peek<{ revision: number }>('tile 1 4 0 0 16')?.revision
  const first = await sheet(1)
  db.run(swapIcons, {})
  expect((await sheet(1)).equals(first)).toBe(true)
  expect(kept()).toBe(1)
  const second = await sheet(2)
  expect(second.equals(first)).toBe(false)
  expect(kept()).toBe(2)
  await sheet(1)
  expect(kept()).toBe(2)
  expect((await sheet(2)).equals(second)).toBe(true)
})
