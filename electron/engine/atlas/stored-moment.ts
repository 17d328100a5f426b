import type { Moment } from '../inversion/whitening.ts'
import type { StageWork } from '../jobs/context.ts'
import type { Layer } from '../model/classifier.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { float32Pages, requireActivations } from '../store/activations.ts'
import { findMoment, putMoment } from '../store/moments.ts'
import { readSamples, type SampleSet } from '../store/samples.ts'
import type { Readable, Writable } from '../store/sql.ts'
import { secondMoment } from './moment.ts'

/** The stored second moment of all samples of a set at a layer. */
export function existingMoment(db: Readable, set: SampleSet, { tensor }: Pick<Layer, 'tensor'>): Moment | undefined {
  const moment = findMoment(db, set.id, tensor)
  // Projects of versions that did not store means compute their moments again.
  if (moment?.n !== set.n || moment.sums === null) return undefined
  const { n, channels, values: products, fourth, sums } = moment
  // Of one sample a photograph the squares are the sum of ‖a‖⁴, which all versions store.
  const ofPhotographs =
    set.perImage === 1
      ? { photographs: n, squares: fourth }
      : { photographs: moment.photographs, squares: moment.squares }
  const { photographs, squares } = ofPhotographs
  if (photographs === null || squares === null) return undefined
  return { channels, samples: n, products, photographs, squares, sums }
}

export async function takeMoment(
  db: Writable,
  set: SampleSet,
  { tensor, name }: Pick<Layer, 'tensor' | 'name'>,
  runtime: Runtime,
  { signal, report }: Pick<StageWork, 'signal' | 'report'>,
): Promise<Moment> {
  const progress = (done: number): void => report({ stage: `${name}: second moment`, done, total: 1, unit: 'matrices' })
  progress(0)
  const matrix = requireActivations(db, set.id, tensor)
  const images = Float64Array.from(readSamples(db, set.id, 0, set.n), ({ image }) => image)
  const { fourth, ...moment } = await secondMoment(
    runtime,
    matrix.width,
    float32Pages(db, matrix),
    sample => images[sample]!,
    signal,
  )
  const { channels, samples, products, sums, photographs, squares } = moment
  putMoment(db, set.id, tensor, { n: samples, channels, values: products, fourth, sums, photographs, squares })
  progress(1)
  return moment
}
