import type { Moment } from '../inversion/whitening.ts'
import type { Layer } from '../model/classifier.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { findActivations, float32Pages } from '../store/activations.ts'
import { findMoment, putMoment } from '../store/moments.ts'
import type { SampleSet } from '../store/samples.ts'
import type { Readable, Writable } from '../store/sql.ts'
import { secondMoment } from './moment.ts'

/** The second moment of all samples of a set at a layer, as the project keeps it. */
export function existingMoment(db: Readable, set: SampleSet, { tensor }: Pick<Layer, 'tensor'>): Moment | undefined {
  const kept = findMoment(db, set.id, tensor)
  // Projects from before means were kept compute their moments again.
  if (kept?.n !== set.n || kept.sums === null) return undefined
  return { channels: kept.channels, samples: kept.n, products: kept.values, fourth: kept.fourth, sums: kept.sums }
}

export async function takeMoment(
  db: Writable,
  set: SampleSet,
  { name, tensor }: Pick<Layer, 'name' | 'tensor'>,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<Moment> {
  const matrix = findActivations(db, set.id, tensor)
  if (!matrix) throw new Error(`sample set ${set.id} has no activations at ${name}`)
  const moment = await secondMoment(runtime, matrix.width, float32Pages(db, matrix), signal)
  const { channels, samples, products, fourth, sums } = moment
  putMoment(db, set.id, tensor, { n: samples, channels, values: products, fourth, sums })
  return moment
}
