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

  const axes = [Float32Array.of(1, 0, 0), Float32Array.of(0.8, 0.6, 0), Float32Array.of(0, 0, 1)]

  it('has as its level of chance the mean cosine to the others', () => {
    const { rank, others } = new Directions(axes).compare(Float32Array.of(2, 0, 0), 0)
    expect(rank).toBe(1)
    expect(others).toBeCloseTo((0.8 + 0) / 2, 6)
  })

  it('has rank 2 where another direction is nearer, and equal cosines do not flatter it', () => {
    expect(new Directions(axes).compare(Float32Array.of(0.8, 0.6, 0), 0).rank).toBe(2)
    expect(new Directions(axes).compare(Float32Array.of(0, 0, 0), 1).rank).toBe(3)
  })

  it('has the rank of the centred vectors where the mean is subtracted from all', () => {
    const without = (values: Float32Array): Float32Array => values.map((value, k) => value - (k === 0 ? 1 : 0))
    const near = [Float32Array.of(1.2, 0.1, 0), Float32Array.of(1.2, 0, 0.1)]
    const vector = Float32Array.of(1.2, 0.05, 0.02)
    expect(new Directions(near).compare(vector, 0).others).toBeGreaterThan(0.99)
    const centred = new Directions(near.map(without))
    expect(centred.compare(without(vector), 0)).toMatchObject({ rank: 1 })
    expect(centred.compare(without(vector), 1).rank).toBe(2)
  })

  it('is refused for a direction that does not exist', () => {
    expect(() => new Directions(axes).compare(Float32Array.of(1, 0, 0), 3)).toThrow(RangeError)
  })

  it('has no level of chance where there is one direction only', () => {
    expect(new Directions([rows[0]!]).compare(rows[1]!, 0)).toMatchObject({ others: Number.NaN, rank: 1 })
  })
})

describe('fidelity in words', () => {
  it('names the rank', () => {
    expect(rankText({ rank: 1, cells: 150 })).toBe('own direction ranks 1 of 150')
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
