import { describe, expect, it } from 'vitest'
import { fidelityText, rankText } from '../../electron/contract/fidelity.ts'
import { Random } from '../../electron/engine/random/random.ts'
import { cosine } from '../../electron/engine/vectors/cosine.ts'
import { Directions } from '../../electron/engine/vectors/directions.ts'

describe('a vector against directions', () => {
  const random = new Random('directions')
  const rows = Array.from({ length: 30 }, () => random.normal(new Float32Array(13), 1))

  it('has the cosines and the rank of their definitions', () => {
    const directions = new Directions(rows)
    for (const [index, row] of rows.entries()) {
      const vector = row.map(value => value + 1.5 * random.gaussian())
      const all = rows.map(each => cosine(vector, each))
      const others = all.filter((_, k) => k !== index)
      const found = directions.compare(vector, index)
      expect(found.own).toBeCloseTo(all[index]!, 12)
      expect(found.others).toBeCloseTo(others.reduce((sum, each) => sum + each, 0) / others.length, 12)
      expect(found.rank).toBe(1 + others.filter(each => each > all[index]!).length)
    }
  })

  it('is nearest to itself', () => {
    const directions = new Directions(rows)
    for (const [index, row] of rows.entries()) expect(directions.compare(row, index).rank).toBe(1)
  })

  it('has no level of chance where there is one direction only', () => {
    expect(new Directions([rows[0]!]).compare(rows[1]!, 0)).toMatchObject({ others: Number.NaN, rank: 1 })
  })
})

describe('fidelity in words', () => {
  it('names the rank', () => {
    expect(rankText({ rank: 1, cells: 150 })).toBe('own direction nearest of 150')
    expect(rankText({ rank: 3, cells: 150 })).toBe('own direction ranks 3 of 150')
  })
  it('names chance, and how many icons are counted', () => {
    const summary = { icons: 40, of: 50, cells: 60, fidelity: 0.6, chance: 0.31, nearest: 10 }
    expect(fidelityText(summary)).toBe(
      "mean fidelity 0.60, to other cells' directions 0.31; 25 % of 40 icons (of 50) nearest to their own direction",
    )
    expect(fidelityText({ ...summary, icons: 0, fidelity: null, chance: null, nearest: 0 })).toBe(
      'the fidelity of the icons is not known yet',
    )
  })
})
