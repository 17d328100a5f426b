import { setImmediate } from 'node:timers/promises'
import { closedForm } from '../attribution/closed-form.ts'
import { runClosedForm } from '../attribution/closed-form-run.ts'
import { storedColumns } from '../class-atlas/columns.ts'
import { photographsOf } from '../class-atlas/photographs.ts'
import { activationsOf, formKey, type Source, storedAttributions } from '../class-atlas/source.ts'
import { halvesOf } from '../statistics/cross-fit.ts'
import { float32Pages } from '../store/activations.ts'
import type { LayerAttributions } from './shared.ts'

/** All samples of a layer, as the claims about it need them. */
export interface LayerSamples extends LayerAttributions {
  readonly source: Source
  readonly clusters: Int32Array
  /** [samples], half of the photograph of each, 0 or 1. */
  readonly folds: Uint8Array
  readonly photographs: number
}

/** Reads the attributions of all samples of a layer to all classes: 4 bytes each. */
export async function samplesOfLayer(source: Source): Promise<LayerSamples> {
  const { n } = activationsOf(source)
  const { clusters, hashes } = photographsOf(
    source.db,
    source.set,
    Uint32Array.from({ length: n }, (_, s) => s),
  )
  return {
    source,
    columns: await columnsOf(source, n),
    clusters,
    folds: halvesOf(hashes),
    photographs: new Set(hashes).size,
  }
}

async function columnsOf(source: Source, n: number): Promise<readonly Float32Array[]> {
  const { db, classifier, layer, runtime } = source
  const classes = classifier.labels.map(({ index }) => index)
  const form = closedForm(classifier, layer)
  if (form === undefined)
    return (await storedColumns(db, storedAttributions(source), classes)).map(({ values }) => values)
  const columns = classes.map(() => new Float32Array(n))
  const run = await runClosedForm(runtime, form, formKey(source))
  try {
    for (const page of float32Pages(db, activationsOf(source))) {
      for await (const { start, values } of run.pages(page.values))
        for (let at = 0; at < values.length; at++)
          columns[at % classes.length]![page.start + start + Math.floor(at / classes.length)] = values[at]!
      await setImmediate()
    }
  } finally {
    await run.release()
  }
  return columns
}
