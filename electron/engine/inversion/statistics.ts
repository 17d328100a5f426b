import type { Inversion } from '../../contract/inversion.ts'
import { centringOf } from './objective.ts'
import { type Moment, type Whitening, whitening } from './whitening.ts'

/** The statistics of a layer's samples that an objective needs. */
export interface LayerStatistics {
  /** Needed when the objective whitens. */
  readonly whitening?: Whitening | undefined
  /** [channels], the mean activation; needed when the objective subtracts a share of it. */
  readonly mean?: Float32Array | undefined
}

/** The statistics that an inversion needs, from a layer's moments. @param ridge of the whitening */
export const statisticsFor = (inversion: Inversion, moment: Moment, ridge: number): LayerStatistics => ({
  whitening: inversion.objective.whiten ? whitening(moment, ridge) : undefined,
  mean: centringOf(inversion) > 0 ? Float32Array.from(moment.sums, sum => sum / moment.samples) : undefined,
})

/** The mean activation of a few directions, such as the positions of one photograph. */
export function meanOf(directions: Float32Array, channels: number): Float32Array {
  const sums = new Float64Array(channels)
  for (let i = 0; i < directions.length; i++) sums[i % channels]! += directions[i]!
  return Float32Array.from(sums, sum => (sum * channels) / directions.length)
}

/**
 * An inversion without whitening or centring where the second moment or the mean activation of the layer is
 * unavailable.
 */
export function withAvailable(
  inversion: Inversion,
  available: { readonly moment: boolean; readonly mean: boolean },
): Inversion {
  const { objective } = inversion
  if (objective.kind === 'scale-free')
    return { ...inversion, objective: { ...objective, centring: available.mean ? objective.centring : 0 } }
  return { ...inversion, objective: { ...objective, whiten: objective.whiten && available.moment } }
}
