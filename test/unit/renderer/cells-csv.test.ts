import { parse } from 'csv-parse/sync'
import { expect, it } from 'vitest'
import { syntheticCells } from '../../../renderer/dev/synthetic.ts'
import { cellsCsv } from '../../../renderer/export/cells-csv.ts'

it('the CSV of cells reads back as the columns that it was made of, and holds no formula', () => {
  const grid = 10
  const cells = syntheticCells(grid, { seed: 1, samples: 5000, finished: 0.5 })
  const names = ['=HYPERLINK("x")', 'fox, "red"', 'dog']
  const labels = {
    grid,
    note: null,
    cells: Array.from(cells.i, (_, k) => ({
      ...{ kind: 'class' as const, name: names[k % 3]!, class: 1, classes: 1, agreement: 0.875 },
    })),
  }
  const values = Float32Array.from(cells.i, (_, k) => k / 8)
  const text = cellsCsv({ cells, grid, labels, attributions: [{ name: 'fireboat', values }] })
  const rows = parse(text, { columns: true }) as Record<string, string>[]
  expect(rows).toHaveLength(cells.i.length)
  for (const [k, row] of rows.entries()) {
    expect([row['row'], row['column'], row['samples']].map(Number)).toEqual([cells.i[k], cells.j[k], cells.count[k]])
    expect(row['label']).toBe(k % 3 === 0 ? `'${names[0]}` : names[k % 3])
    expect(Number(row['attribution to fireboat'])).toBeCloseTo(values[k]!, 3)
    // Icons that are not finished have no fidelity.
    expect(row['fidelity'] === '').toBe(Number.isNaN(cells.fidelity[k]!))
  }
  const some = parse(cellsCsv({ cells, grid, labels: undefined, among: [4, 2] }), { columns: true }) as typeof rows
  expect(some.map(row => Number(row['row']))).toEqual([cells.i[4], cells.i[2]])
})
