import { setImmediate } from 'node:timers/promises'
import type { AttributionSign } from '../../contract/class-selection.ts'
import { type ClassColumn, ClassColumns, type RankedColumn } from '../attribution/class-columns.ts'
import { closedForm, columnByClosedForm } from '../attribution/closed-form.ts'
import { runClosedForm } from '../attribution/closed-form-run.ts'
import { float32Pages } from '../store/activations.ts'
import { columnsByPage } from '../store/attributions.ts'
import type { Matrix } from '../store/matrices.ts'
import type { Readable } from '../store/sql.ts'
import { type AttributionSource, activationsOf, formKey, type Source, storedAttributions } from './source.ts'

/**
 * The columns of some classes over all samples, in one pass: from the store, or by the closed form. Other queries run
 * between two pages.
 * @throws UserError when the project has no attributions of the source
 */
export async function readColumns(
  source: AttributionSource,
  classes: readonly number[],
): Promise<readonly ClassColumn[]> {
  const { db, layer, classifier } = source
  const form = closedForm(classifier, layer)
  if (form === undefined) return storedColumns(db, storedAttributions(source), classes)
  const activations = activationsOf(source)
  const columns = classes.map(index => ({
    index,
    values: new Float32Array(activations.n),
    known: new Uint8Array(activations.n).fill(1),
    count: activations.n,
  }))
  for (const { start, values } of float32Pages(db, activations)) {
    for (const column of columns) column.values.set(columnByClosedForm(values, form, column.index), start)
    await setImmediate()
  }
  return columns
}

/**
 * The same with the ranks of the classes, for which attributions to all classes are read or computed.
 * @throws UserError when the project has no attributions of the source
 */
export async function readRankedColumns(
  source: Source,
  classes: readonly number[],
  sign: AttributionSign,
): Promise<readonly RankedColumn[]> {
  const { db, layer, classifier } = source
  const { n } = activationsOf(source)
  const columns = new ClassColumns(n, classifier.labels.length, classes, sign)
  const form = closedForm(classifier, layer)
  if (form === undefined) {
    await feedStored(db, storedAttributions(source), classes, columns)
    return columns.ranked()
  }
  const run = await runClosedForm(source.runtime, form, formKey(source))
  try {
    for (const page of float32Pages(db, activationsOf(source)))
      for await (const { start, values } of run.pages(page.values)) columns.feed(page.start + start, values)
  } finally {
    await run.release()
  }
  // The runtime sums in float32: a column has the same values with ranks and without.
  const exact = await readColumns(source, classes)
  return columns.ranked().map((column, at) => ({ ...column, values: exact[at]!.values }))
}

/** Columns of some classes over all samples from stored attributions, complete or truncated. */
export async function storedColumns(
  db: Readable,
  matrix: Matrix,
  classes: readonly number[],
): Promise<readonly ClassColumn[]> {
  const columns = new ClassColumns(matrix.n, matrix.width, classes)
  await feedColumns(db, matrix, classes, columns)
  return columns.columns()
}

/** The same with ranks: a complete matrix is read whole, a truncated one contains the ranks. */
async function feedStored(
  db: Readable,
  matrix: Matrix,
  classes: readonly number[],
  columns: ClassColumns,
): Promise<void> {
  if (matrix.kept !== null) return feedColumns(db, matrix, classes, columns)
  for (const { start, values } of float32Pages(db, matrix)) {
    columns.feed(start, values)
    await setImmediate()
  }
}

/** Passes the attributions to some classes, without those to others, to columns. */
async function feedColumns(
  db: Readable,
  matrix: Matrix,
  classes: readonly number[],
  columns: ClassColumns,
): Promise<void> {
  for (const page of columnsByPage(db, matrix, classes)) {
    for (const [at, column] of page.columns.entries()) columns.feedColumn(at, page, column, matrix.kept)
    await setImmediate()
  }
}
