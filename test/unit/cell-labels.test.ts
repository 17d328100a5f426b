import { describe, expect, it } from 'vitest'
import { MIN_AGREEMENT } from '../../electron/contract/cell-labels.ts'
import { labelsOfCells } from '../../electron/engine/layout/cell-labels.ts'
import { GROUPS, isRight, simulatedGrid } from '../fixtures/labelled-cells.ts'

describe('labels of cells of a known truth', () => {
  it('are right at least as often as documented, and found where classes differ', async () => {
    let [shown, right, sure, sureRight, real] = [0, 0, 0, 0, 0]
    for (let seed = 0; seed < 4; seed++) {
      const { labels, truths } = await simulatedGrid(seed, { cells: 60, photographs: 20, null_: 0.5, effect: 0.8 })
      real += truths.filter(truth => truth !== null).length
      for (const [cell, label] of labels.entries()) {
        if (label === null) continue
        expect(label.agreement).toBeGreaterThanOrEqual(MIN_AGREEMENT)
        const is = isRight(label, truths[cell]!)
        shown++
        right += Number(is)
        if (label.agreement >= 0.95) [sure, sureRight] = [sure + 1, sureRight + Number(is)]
      }
    }
    expect(right / shown).toBeGreaterThanOrEqual(0.8)
    expect(sureRight / sure).toBeGreaterThanOrEqual(0.9)
    expect(right / real).toBeGreaterThan(0.4)
  })

  it('are missing where no class and no group differs', async () => {
    let grids = 0
    for (let seed = 0; seed < 10; seed++) {
      const { labels } = await simulatedGrid(seed, { cells: 40, photographs: 16, null_: 1, effect: 0 })
      grids += Number(labels.some(label => label !== null))
    }
    expect(grids).toBeLessThanOrEqual(4)
  })
})

describe('a label', () => {
  /** One cell of `photographs` photographs with one sample each, twelve times; others have attributions of noise. */
  const grid = (row: (photograph: number) => readonly number[], photographs = 12, perPhotograph = 1) => {
    const values: number[] = []
    const identities: number[] = []
    for (let p = 0; p < photographs; p++)
      for (let s = 0; s < perPhotograph; s++) {
        values.push(...row(p))
        identities.push(p)
      }
    const n = identities.length
    return labelsOfCells(
      {
        classes: 24,
        groups: GROUPS,
        excluded: [],
        slots: new Int32Array(n),
        cells: 1,
        photographs: identities,
      },
      async function* () {
        yield { start: 0, values: Float32Array.from(values) }
      },
    )
  }
  const wobble = (p: number, c: number): number => 0.05 * Math.sin(7 * p + 3 * c)

  it('is the class where one leads in all photographs', async () => {
    expect(await grid(p => Array.from({ length: 24 }, (_, c) => (c === 7 ? 1 : 0) + wobble(p, c)))).toEqual([
      { kind: 'class', index: 7, agreement: 1 },
    ])
  })

  it('is the most specific group where several classes of it lead in turn', async () => {
    const label = await grid(p => Array.from({ length: 24 }, (_, c) => (c === 6 + (p % 3) ? 3 : 0) + wobble(p, c)))
    // Classes 6 to 8 are the third of the fine groups, after four coarse ones.
    expect(label).toEqual([{ kind: 'group', index: 6, agreement: 1 }])
  })

  it('counts photographs, not samples', async () => {
    const row = (p: number) => Array.from({ length: 24 }, (_, c) => (c === 7 ? 1 : 0) + wobble(p, c))
    expect(await grid(row, 7, 30)).toEqual([null])
    expect(await grid(row, 8, 1)).not.toEqual([null])
  })

  it('leaves out what is excluded', async () => {
    const values = Float32Array.from({ length: 12 * 24 }, (_, k) => {
      const [p, c] = [Math.floor(k / 24), k % 24]
      return (c === 7 ? 2 : c === 13 ? 1 : 0) + wobble(p, c)
    })
    const samples = { classes: 24, groups: GROUPS, slots: new Int32Array(12), cells: 1 }
    const label = await labelsOfCells(
      { ...samples, excluded: [7], photographs: Array.from({ length: 12 }, (_, p) => p) },
      async function* () {
        yield { start: 0, values }
      },
    )
    expect(label).toEqual([{ kind: 'class', index: 13, agreement: 1 }])
  })
})
