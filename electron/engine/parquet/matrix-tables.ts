import { layerFileName } from '../model/layers.ts'
import { float32Pages } from '../store/activations.ts'
import { strongestPages } from '../store/attributions.ts'
import { listMatrices, type Matrix } from '../store/matrices.ts'
import { listSampleSets } from '../store/samples.ts'
import type { Readable } from '../store/sql.ts'
import { UNUSED_SLOT } from '../store/strongest.ts'
import { columnsOf, type Table, table } from './table.ts'

/** The files of activations or attributions, by their names: one for each sample set and layer. */
export function matrixTables(
  db: Readable,
  wanted: { readonly activations: boolean; readonly attributions: boolean },
): Readonly<Record<string, Table<never>>> {
  const matrices = listSampleSets(db)
    .flatMap(({ id }) => listMatrices(db, id))
    .filter(({ kind }) => (kind === 'activation' ? wanted.activations : wanted.attributions))
  const names = matrices.map(({ set, layer, kind }) =>
    [
      kind === 'activation' ? 'activations' : 'attributions',
      set,
      layerFileName(layer),
      kind === 'activation' ? '' : kind,
    ]
      .filter(part => part !== '')
      .join('-'),
  )
  // The attributions to two heads of a network have one layer and kind.
  const nameOf = (at: number): string =>
    names.indexOf(names[at]!) === names.lastIndexOf(names[at]!)
      ? names[at]!
      : `${names[at]}-${matrices[at]!.classifier.slice(0, 8)}`
  return Object.fromEntries(
    matrices.map((matrix, at) => [nameOf(at), matrix.kept === null ? dense(db, matrix) : strongest(db, matrix)]),
  )
}

const sample = ['sample', 'integer', ({ sample }: { readonly sample: number }) => sample] as const

const dense = (db: Readable, matrix: Matrix): Table<never> =>
  table(
    columnsOf<DenseRow>(sample, [
      matrix.kind === 'activation' ? 'activation' : 'attribution',
      'floats',
      ({ values }) => values,
    ]),
    denseRows(db, matrix),
    matrix.width,
  )

interface DenseRow {
  readonly sample: number
  readonly values: Float32Array
}

function* denseRows(db: Readable, matrix: Matrix): Generator<DenseRow> {
  const { width } = matrix
  for (const { start, values } of float32Pages(db, matrix))
    for (let row = 0; row * width < values.length; row++)
      yield { sample: start + row, values: values.subarray(row * width, (row + 1) * width) }
}

const strongest = (db: Readable, matrix: Matrix): Table<never> =>
  table(
    columnsOf<StrongestRow>(
      sample,
      ['classes', 'integers', ({ classes }) => classes],
      ['attributions', 'floats', ({ values }) => values],
    ),
    strongestRows(db, matrix),
    2 * matrix.kept!,
  )

interface StrongestRow {
  readonly sample: number
  readonly classes: readonly number[]
  readonly values: readonly number[]
}

function* strongestRows(db: Readable, matrix: Matrix): Generator<StrongestRow> {
  for (const { start, rows } of strongestPages(db, matrix)) {
    const slots = 2 * rows.kept
    for (let row = 0; row * slots < rows.classes.length; row++) {
      const used = Array.from({ length: slots }, (_, slot) => row * slots + slot).filter(
        slot => rows.classes[slot] !== UNUSED_SLOT,
      )
      yield {
        sample: start + row,
        classes: used.map(slot => rows.classes[slot]!),
        values: used.map(slot => rows.values[slot]!),
      }
    }
  }
}
