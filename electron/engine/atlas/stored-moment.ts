import type { Moment } from '../inversion/whitening.ts'
import type { Layer } from '../model/classifier.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { float32Pages, requireActivations } from '../store/activations.ts'
import { findMoment, putMoment } from '../store/moments.ts'
import type { SampleSet } from '../store/samples.ts'
import type { Readable, Writable } from '../store/sql.ts'
import { secondMoment } from './moment.ts'

/** The stored second moment of all samples of a set at a layer. */
export function existingMoment(db: Readable, set: SampleSet, { tensor }: Pick<Layer, 'tensor'>): Moment | undefined {
  const moment = findMoment(db, set.id, tensor)
  // Projects of versions that did not store means compute their moments again.
  if (moment?.n !== set.n || moment.sums === null) return undefined
  return {
    channels: moment.channels,
    samples: moment.n,
    products: moment.values,
    fourth: moment.fourth,
    sums: moment.sums,
  }
}

export async function takeMoment(
  db: Writable,
  set: SampleSet,
  { tensor }: Pick<Layer, 'tensor'>,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<Moment> {
  const matrix = requireActivations(db, set.id, tensor)
  const moment = await secondMoment(runtime, matrix.width, float32Pages(db, matrix), signal)
  const { channels, samples, products, fourth, sums } = moment
  putMoment(db, set.id, tensor, { n: samples, channels, values: products, fourth, sums })
  return moment
}
