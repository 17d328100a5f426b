import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { attributionOfCells } from '../../electron/engine/query/attribution.ts'
import { Project } from '../../electron/engine/query/project.ts'
import { atlasWithId } from '../../electron/engine/store/atlases.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import type { Readable } from '../../electron/engine/store/sql.ts'
import { writeSyntheticProject } from '../fixtures/synthetic-project.ts'

const noNetwork = () => Promise.reject(new Error('no network is needed'))

test('a class filter of all grids at once reads its class once, and no cells but to place the samples in them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-filter-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const grids = [4, 8, 16]
  const file = await writeSyntheticProject(join(folder, 'project'), { samples: 20_000, grids })
  using db = openProject(file, { mode: 'read' })
  const read: string[] = []
  const watched: Readable = Object.assign(Object.create(db) as Readable, {
    file: db.file,
    one: (query: Parameters<Readable['one']>[0], params: object) => {
      if (query.text.includes('attribution_columns')) read.push(JSON.stringify(params))
      return db.one(query, params)
    },
    all: (query: Parameters<Readable['all']>[0], params: object) => {
      if (/FROM cells/.test(query.text)) read.push('cells')
      return db.all(query, params)
    },
    snapshot: <Result>(body: () => Result) => body(),
  })
  const atlas = atlasWithId(db, 1)!
  const filter = (project: Project, classes: readonly number[]) =>
    Promise.all(grids.map(grid => attributionOfCells(project, atlas, grid, classes)))
  const project = new Project(file, watched, noNetwork)
  const together = await filter(project, [3])
  const pages = read.filter(each => each !== 'cells')
  expect(pages.length).toBeGreaterThan(1)
  expect(new Set(pages).size).toBe(pages.length)
  expect(read.length - pages.length).toBe(grids.length)
  read.length = 0
  const others = await filter(project, [3, 5, 5])
  expect(new Set(read).size).toBe(pages.length)
  expect(read.length).toBe(pages.length)
  for (const [at, grid] of grids.entries()) {
    const alone = await attributionOfCells(new Project(file, db, noNetwork), atlas, grid, [3])
    expect(together[at]).toEqual(alone)
    expect(others[at]!.values.subarray(0, alone.values.length)).toEqual(alone.values)
  }
})
