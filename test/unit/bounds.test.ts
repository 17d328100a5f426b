import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BOUNDS, boundsOf, THIS_MACHINE } from '../../electron/engine/bounds/bounds.ts'
import { plain, rowsOf, sectionsOf } from '../fixtures/markdown.ts'

const GIBIBYTE = 2 ** 30

describe('limits on what files and calls may require', () => {
  test('follow the machine', () => {
    const small = boundsOf({ memory: 2 * GIBIBYTE, cores: 2 })
    expect(small).toMatchObject({ valueBytes: GIBIBYTE / 4, picturesAtOnce: 1, windows: 1, cacheBytes: GIBIBYTE / 16 })
    const large = boundsOf({ memory: 64 * GIBIBYTE, cores: 16 })
    expect(large).toMatchObject({ valueBytes: 8 * GIBIBYTE, picturesAtOnce: 4, windows: 16, cacheBytes: GIBIBYTE / 4 })
    expect(boundsOf({ memory: 64 * GIBIBYTE, cores: 1 }).picturesAtOnce).toBe(1)
    expect(small.constantElements).toBeLessThanOrEqual(large.constantElements)
  })

  test('leave room for all that may be in memory at once', () => {
    for (const gibibytes of [1, 2, 4, 8, 16, 64]) {
      const memory = gibibytes * GIBIBYTE
      const { valueBytes, picturesAtOnce, cacheBytes, constantElements } = boundsOf({ memory, cores: 4 })
      expect(valueBytes + cacheBytes + 4 * constantElements).toBeLessThan(memory / 2)
      if (picturesAtOnce > 1) expect(picturesAtOnce * 200e6).toBeLessThanOrEqual(memory / 8)
    }
  })

  test('are positive whole numbers or bytes, and never more than the machine has', () => {
    for (const value of Object.values(BOUNDS)) expect(value).toBeGreaterThanOrEqual(1)
    expect(THIS_MACHINE.memory).toBeGreaterThan(0)
    expect(THIS_MACHINE.memory).toBeLessThanOrEqual(totalmem())
  })

  test('are all in the documentation', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/formats.md'), 'utf8')
    const { body } = sectionsOf(text).find(({ title }) => title === 'Limits')!
    expect(rowsOf(body).map(([name]) => plain(name!))).toEqual(expect.arrayContaining(Object.keys(BOUNDS)))
  })
})
