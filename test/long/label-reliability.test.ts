import { describe, expect, it } from 'vitest'
import { isRight, simulatedGrid } from '../fixtures/labelled-cells.ts'

/** Shown, right, and cells with something to find, over grids of one kind. */
async function measured(grids: number, order: Parameters<typeof simulatedGrid>[1]) {
  const found = { shown: 0, right: 0, real: 0, labelled: 0, byAgreement: new Map<number, [number, number]>() }
  for (let seed = 0; seed < grids; seed++) {
    const { labels, truths } = await simulatedGrid(seed, order)
    found.real += truths.filter(truth => truth !== null).length
    found.labelled += Number(labels.some(label => label !== null))
    for (const [cell, label] of labels.entries()) {
      if (label === null) continue
      const is = isRight(label, truths[cell]!)
      found.shown++
      found.right += Number(is)
      const step = Math.min(0.95, Math.floor(20 * label.agreement + 1e-9) / 20)
      const [n, right] = found.byAgreement.get(step) ?? [0, 0]
      found.byAgreement.set(step, [n + 1, right + Number(is)])
    }
  }
  return found
}

describe('labels of simulated cells', () => {
  for (const null_ of [0.2, 0.5, 0.8, 0.95])
    for (const photographs of [8, 12, 24, 48])
      it(`${100 * null_} % of cells with nothing, ${photographs} photographs each: right as often as promised`, async () => {
        const { shown, right, real, byAgreement } = await measured(60, { cells: 100, photographs, null_, effect: 0.6 })
        const shares = [...byAgreement].sort(([a], [b]) => a - b).map(([step, [n, ok]]) => `${step}: ${ok}/${n}`)
        process.stdout.write(
          `null ${null_}, ${photographs} photographs: ${shown} shown, ${right} right, ${real} real; ${shares.join(', ')}\n`,
        )
        // A binomial standard error of the share, three of them: few labels are shown where nearly all cells hold nothing.
        if (shown >= 30) expect(right / shown).toBeGreaterThanOrEqual(0.8 - 3 * Math.sqrt(0.16 / shown))
      })

  for (const photographs of [24, 48])
    it(`90 % of cells with two equally large groups, ${photographs} photographs each: right as often as promised`, async () => {
      const kind = { cells: 50, photographs, null_: 0.9, effect: 0.6, tied: true }
      const { shown, right, labelled } = await measured(100, kind)
      process.stdout.write(
        `tied, ${photographs} photographs: ${right} of ${shown} right, in ${labelled} of 100 grids\n`,
      )
      expect(shown).toBeGreaterThan(50)
      expect(right / shown).toBeGreaterThanOrEqual(0.8 - 3 * Math.sqrt(0.16 / shown))
    })

  it('shows any label in about a tenth of 200 grids in which two groups are equally large in every cell', async () => {
    const { labelled } = await measured(200, { cells: 50, photographs: 24, null_: 1, effect: 0, tied: true })
    process.stdout.write(`${labelled} of 200 grids of two equally large groups have a label\n`)
    // Three binomial standard errors above the false-discovery rate.
    expect(labelled / 200).toBeLessThanOrEqual(0.1 + 3 * Math.sqrt(0.09 / 200))
  })

  it('shows any label in at most 6 % of 500 grids in which no class differs', async () => {
    const { labelled } = await measured(500, { cells: 60, photographs: 20, null_: 1, effect: 0 })
    process.stdout.write(`${labelled} of 500 grids without any difference have a label\n`)
    expect(labelled / 500).toBeLessThanOrEqual(0.06)
  })
})
