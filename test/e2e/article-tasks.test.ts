import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSyntheticProject } from '../fixtures/synthetic-project.ts'
import { type Effort, effortOf } from './effort.ts'
import { type Started, start } from './electron.ts'
import { atlasShown } from './steps.ts'
import { classOnLayers, compareIn, exportFigure } from './tasks.ts'

/** The article's tasks on a small project, by as few actions as when they were counted. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-tasks-'))
let window: Started

beforeAll(async () => {
  const file = await writeSyntheticProject(folder, { samples: 3_200, grids: [10, 20], layers: 3 })
  window = await start({ realEngine: true, args: [file] })
  await atlasShown(window.page, 3)
}, 120_000)
afterAll(async () => {
  await window.close()
  rmSync(folder, { recursive: true, force: true })
})

const print = (task: string, { clicks, keys, typed }: Effort): void =>
  void process.stdout.write(`${task}: ${clicks} clicks, ${keys} keys, ${typed} characters\n`)

test('one class on three layers: two keys and its name', async () => {
  const effort = await effortOf(window.page, () => classOnLayers(window.page, 'thing 3', 3))
  print('one class on three layers', effort)
  expect(effort).toEqual({ clicks: 0, keys: 2, typed: 'thing 3'.length })
})

test('a figure of it: one key and one click', async () => {
  const { app, page } = window
  const file = join(folder, 'figure.png')
  await app.evaluate(({ dialog }, path) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: path })
  }, file)
  const effort = await effortOf(page, () => exportFigure(page))
  print('a figure', effort)
  expect(effort).toEqual({ clicks: 1, keys: 1, typed: 0 })
  expect(statSync(file).size).toBeGreaterThan(10_000)
})

test('two classes against each other in one layer: one click, two keys and their names', async () => {
  const effort = await effortOf(window.page, () => compareIn(window.page, 1, 'thing 3', 'thing 5', 120_000))
  print('two classes in one layer', effort)
  expect(effort).toEqual({ clicks: 1, keys: 2, typed: 'thing 3 | thing 5'.length })
}, 180_000)
