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
    const rows = new Map(rowsOf(body).map(([name, , value]) => [plain(name!), plain(value!)]))
    expect([...rows.keys()]).toEqual(expect.arrayContaining(Object.keys(BOUNDS)))
    // Of what follows the machine the table has the number for a large one, or none.
    const units = { GiB: GIBIBYTE, MiB: 2 ** 20, million: 1e6 } as const
    let compared = 0
    for (const [name, bound] of Object.entries(boundsOf({ memory: 2 ** 20 * GIBIBYTE, cores: 64 }))) {
      const number = /(\d[\d,]*)(?: (GiB|MiB|million))?/.exec(rows.get(name)!)
      if (number === null) continue
      const [, digits, unit] = number
      const stated = Number(digits!.replaceAll(',', '')) * (unit ? units[unit as keyof typeof units] : 1)
      expect(Math.abs(bound / stated - 1), `${name}: ${bound}, ${rows.get(name)}`).toBeLessThan(0.01)
      compared++
    }
    expect(compared).toBe(15)
  })
})
