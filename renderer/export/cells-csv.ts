import type { Cells } from '../../electron/contract/atlas.ts'
import { labelName } from '../../electron/contract/cell-labels.ts'
import { csvText } from '../../electron/contract/csv.ts'
import type { MapLabels } from '../atlas/cell-labels.ts'

interface CsvCells {
  readonly cells: Cells
  readonly grid: number
  readonly labels: MapLabels | undefined
  /** Mean attributions by class, [cells] each, with the name of the column. */
  readonly attributions?: readonly { readonly name: string; readonly values: Float32Array }[]
  /** How much the samples of each cell differ, [cells]. */
  readonly spread?: Float32Array | undefined
  /** The cells to write, by their index in `Cells`, in this order; all of them if it is not given. */
  readonly among?: readonly number[]
}

/** Cells of a grid as CSV: row, column, samples, fidelity, label, agreement, and a column for each attribution. */
export function cellsCsv({ cells, grid, labels, attributions = [], spread, among }: CsvCells): string {
  const header = [
    'grid',
    'row',
    'column',
    'x',
    'y',
    'samples',
    'fidelity',
    ...(spread ? ['spread'] : []),
    'label',
    'agreement',
  ]
  const rows = (among ?? [...cells.i.keys()]).map(k => {
    const label = labels?.cells[k]
    return [
      ...[grid, cells.i[k]!, cells.j[k]!, rounded(cells.x[k]!), rounded(cells.y[k]!), cells.count[k]!],
      rounded(cells.fidelity[k]!),
      ...(spread ? [rounded(spread[k]!)] : []),
      ...(label ? [labelName(label), rounded(label.agreement)] : ['', '']),
      ...attributions.map(({ values }) => rounded(values[k]!)),
    ]
  })
  return csvText([[...header, ...attributions.map(({ name }) => `attribution to ${name}`)], ...rows])
}

/** Five digits: the columns are float32. */
const rounded = (value: number): number => Number(value.toPrecision(5))

/** Saves a text where the user chooses. @returns the file, or null if the user cancelled */
export async function saveText(suggested: string, text: string): Promise<string | null> {
  const file = await window.portolan.shell('dialog.save', { kind: 'csv', suggested })
  if (file === null) return null
  await window.portolan.shell('file.write', { file, bytes: new TextEncoder().encode(text) })
  return file
}
