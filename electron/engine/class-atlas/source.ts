import { setImmediate } from 'node:timers/promises'
import { UserError } from '../../contract/errors.ts'
import { closedForm } from '../attribution/closed-form.ts'
import { runClosedForm } from '../attribution/closed-form-run.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { headIdentity, layerIdentity } from '../model/identity.ts'
import { classifierKey } from '../registry/enter.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { findActivations, float16Page, float16Pages } from '../store/activations.ts'
import { findAttributions, strongestPages } from '../store/attributions.ts'
import type { AttributionKind, Matrix } from '../store/matrices.ts'
import type { Readable } from '../store/sql.ts'
import { type Strongest, UNUSED_SLOT } from '../store/strongest.ts'

/** The source of the attributions of the samples of a layer. */
export interface AttributionSource {
  readonly db: Readable
  /** Id of the sample set. */
  readonly set: number
  readonly classifier: Classifier
  readonly layer: Layer
  readonly attribution: AttributionKind
}

/** The same, with the runtime for the closed form. */
export interface Source extends AttributionSource {
  readonly runtime: Runtime
}

/** Consecutive rows of attributions, [rows, classes]. */
interface AttributionPage {
  readonly start: number
  readonly values: Float32Array
}

/**
 * Attributions to every class of some samples. Values that a truncated matrix does not store are 0.
 * @param samples indices in the set, rising
 * @param rows    [samples, channels], their activations
 * @returns pages in the order of `samples`; `start` is an index into them
 */
export async function* readPart(
  source: Source,
  samples: Uint32Array,
  rows: Float32Array,
): AsyncGenerator<AttributionPage> {
  const form = closedForm(source.classifier, source.layer)
  if (form !== undefined) {
    const run = await runClosedForm(source.runtime, form, formKey(source))
    try {
      yield* run.pages(rows)
    } finally {
      await run.release()
    }
    return
  }
  const matrix = storedAttributions(source)
  const { width } = matrix
  let next = 0
  for (const { start, count, row } of rowsByPage(source.db, matrix)) {
    const from = next
    while (next < samples.length && samples[next]! < start + count) next++
    const values = new Float32Array((next - from) * width)
    for (let at = from; at < next; at++) row(samples[at]! - start, values, (at - from) * width)
    if (next > from) yield { start: from, values }
    await setImmediate()
  }
}

/**
 * The activations of some samples, [samples, channels], in memory shared with the thread of the layout. Pages without any of
 * them are not read, and other queries run between two pages.
 * @param samples indices in the set, rising
 */
export async function readRows(source: Source, samples: Uint32Array): Promise<Float32Array> {
  const matrix = activationsOf(source)
  const { width } = matrix
  const rows = new Float32Array(new SharedArrayBuffer(4 * samples.length * width))
  for (let next = 0; next < samples.length; ) {
    const { start, count, values } = float16Page(source.db, matrix, samples[next]!)
    for (; next < samples.length && samples[next]! < start + count; next++) {
      const from = (samples[next]! - start) * width
      for (let c = 0; c < width; c++) rows[next * width + c] = values[from + c]!
    }
    await setImmediate()
  }
  return rows
}

/** @throws UserError when the layer has not been sampled */
export function activationsOf({ db, set, layer }: Pick<AttributionSource, 'db' | 'set' | 'layer'>): Matrix {
  const matrix = findActivations(db, set, layer.tensor)
  if (matrix === undefined)
    throw new UserError(`${db.file} has no activations of ${layer.name}; add the layer with portolan atlas build`)
  return matrix
}

/** @throws UserError when the project has none of the source's kind */
export function storedAttributions({ db, set, classifier, layer, attribution }: AttributionSource): Matrix {
  const matrix = findAttributions(db, set, layer.tensor, attribution, classifierKey(classifier))
  if (matrix === undefined)
    throw new UserError(
      `${db.file} has no ${attribution} attributions at ${layer.name}; compute them with portolan atlas build`,
    )
  return matrix
}

interface RowsOfPage {
  readonly start: number
  readonly count: number
  /** Writes row `at` of the page to `into` from `to` on, where `into` has to be zero. */
  readonly row: (at: number, into: Float32Array, to: number) => void
}

function* rowsByPage(db: Readable, matrix: Matrix): Generator<RowsOfPage> {
  const { width } = matrix
  if (matrix.kept === null) {
    for (const { start, count, values } of float16Pages(db, matrix))
      yield {
        start,
        count,
        row: (at, into, to) => {
          for (let c = 0; c < width; c++) into[to + c] = values[at * width + c]!
        },
      }
    return
  }
  const slots = 2 * matrix.kept
  for (const { start, rows } of strongestPages(db, matrix))
    yield { start, count: rows.classes.length / slots, row: (at, into, to) => widen(rows, at, slots, into, to) }
}

function widen({ classes, values }: Strongest, at: number, slots: number, into: Float32Array, to: number): void {
  for (let slot = at * slots; slot < (at + 1) * slots; slot++)
    if (classes[slot] !== UNUSED_SLOT) into[to + classes[slot]!] = values[slot]!
}

/** Key of the closed form of a source. */
export const formKey = ({ classifier, layer }: AttributionSource): string =>
  `${headIdentity(classifier)} ${layerIdentity(classifier, layer)}`
