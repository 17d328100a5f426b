import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSyntheticProject } from '../fixtures/synthetic-project.ts'
import { type Started, start } from './electron.ts'
import { atlasShown, barriers } from './steps.ts'

/** The start page of someone who had projects open before: one that is there, one that is gone. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-recent-'))
const gone = join(folder, 'gone.portolan')
let window: Started

beforeAll(async () => {
  const file = await writeSyntheticProject(join(folder, 'project'), { samples: 600, grids: [5], layers: 2 })
  const profile = join(folder, 'profile')
  mkdirSync(profile)
  const recent = [file, gone].map((each, k) => ({ file: each, opened: 1_780_000_000_000 - k }))
  writeFileSync(join(profile, 'memory.json'), JSON.stringify({ window: null, recent }))
  window = await start({ realEngine: true, profile })
}, 900_000)
afterAll(async () => {
  await window.close()
  rmSync(folder, { recursive: true, force: true })
})

test('shows recent projects with picture, network and layers; removes what is gone; opens what is there', async () => {
  const { page, screenshot } = window
  const there = page.getByRole('listitem').filter({ hasText: 'synthetic' })
  await there.getByText(/mixed3a, mixed3b · [\d.]+ MiB/).waitFor({ timeout: 60_000 })
  await expect.poll(() => there.locator('img').evaluate(e => (e as HTMLImageElement).naturalWidth)).toBe(144)
  const missing = page.getByRole('listitem').filter({ hasText: 'file not found' })
  expect(await missing.getByRole('button', { name: 'gone' }).first().isDisabled()).toBe(true)
  expect(await barriers(page)).toEqual([])
  await screenshot('recent')
  await page.getByRole('button', { name: 'Remove gone from the list' }).click()
  await missing.waitFor({ state: 'detached' })
  expect(await page.getByRole('listitem').count()).toBe(1)
  await there.getByRole('button').first().click()
  await atlasShown(page)
}, 180_000)
