import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findPlace, placeOf } from '../../electron/engine/store/places.ts'

test('what moved along with the project is found relative to it, the absolute path comes first', () => {
  const root = mkdtempSync(join(tmpdir(), 'places '))
  const project = join(root, 'work', 'a.portolan')
  const photographs = join(root, 'photographs')
  mkdirSync(join(root, 'work'))
  mkdirSync(photographs)
  const place = placeOf(project, photographs)
  expect(place).toEqual({ path: photographs, beside: '../photographs' })
  expect(findPlace(project, place)).toBe(photographs)

  const moved = `${root} moved`
  renameSync(root, moved)
  const projectNow = join(moved, 'work', 'a.portolan')
  expect(findPlace(projectNow, place)).toBe(join(moved, 'photographs'))
  // Without the second path, and where nothing lies at either, the message names the absolute one.
  expect(findPlace(projectNow, { ...place, beside: null })).toBe(photographs)
  rmSync(join(moved, 'photographs'), { recursive: true })
  expect(findPlace(projectNow, place)).toBe(photographs)

  // Back at the old place, that one is taken although the other is there too.
  mkdirSync(photographs, { recursive: true })
  mkdirSync(join(moved, 'photographs'))
  expect(findPlace(projectNow, place)).toBe(photographs)
  rmSync(root, { recursive: true })
  rmSync(moved, { recursive: true })
})

test('the folder of the project itself has a relative path', () => {
  expect(placeOf('/data/a.portolan', '/data')).toEqual({ path: '/data', beside: '.' })
})
