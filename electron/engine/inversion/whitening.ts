import { UserError } from '../../contract/errors.ts'
import { invertSymmetric } from './inverse.ts'

/**
 * The sums over all samples of a layer for whitening and centring directions: of a and a·aᵀ, and over photographs of the
 * squares of their sums of a·aᵀ. The second moment is uncentred, as in the article's notebook.
 */
export interface Moment {
  readonly channels: number
  readonly samples: number
  /** [channels, channels], row-major: AᵀA, not divided by the number of samples. */
  readonly products: Float64Array
  /** Photographs that the samples are of: samples of one photograph are not independent. */
  readonly photographs: number
  /** Σ ‖Σ a·aᵀ‖², the inner sum over the samples of a photograph: the variance of photographs around their mean. */
  readonly squares: number
  /** [channels]: Σa. */
  readonly sums: Float64Array
}

/** The regularisation of the inverse; stored in the project file. */
interface Regularisation {
  /** Added to the diagonal, as a fraction of the mean diagonal element. */
  readonly ridge: number
  /** Weight of the multiple of the identity that the matrix was shrunk towards; 0 when there were enough samples. */
  readonly shrinkage: number
}

export interface Whitening extends Regularisation {
  readonly channels: number
  /** S = C⁻¹, [channels, channels], row-major. */
  readonly matrix: Float64Array
  /** C itself, regularised. */
  readonly moment: Float64Array
}

/** Minimum photographs per channel: with fewer, C⁻¹ is mostly noise, so that C is shrunk first. */
const MIN_PHOTOGRAPHS_PER_CHANNEL = 20

/**
 * S = (C + ridge · tr(C)/channels · I)⁻¹ with C = AᵀA/N, shrunk towards a multiple of the identity by the formula of
 * Ledoit and Wolf (2004) where there are fewer than 20 photographs a channel.
 * @throws UserError when C is singular: a channel never fires and ridge is 0
 */
export function whitening(moment: Moment, ridge: number): Whitening {
  const { channels, samples, photographs } = moment
  const mean = moment.products.map(product => product / samples)
  const level = trace(mean, channels) / channels
  const shrinkage = photographs < MIN_PHOTOGRAPHS_PER_CHANNEL * channels ? ledoitWolf(mean, moment, level) : 0
  const regular = mean.map((value, i) => {
    const diagonal = i % (channels + 1) === 0 ? shrinkage * level + ridge * level : 0
    return (1 - shrinkage) * value + diagonal
  })
  const inverse = invertSymmetric(regular, channels)
  if (!inverse)
    throw new UserError(
      `cannot whiten: the second-moment matrix of ${samples} samples and ${channels} channels is singular ` +
        `(a channel never fires, or there are too few samples); use a ridge above ${ridge}, or more samples`,
    )
  return { channels, ridge, shrinkage, matrix: inverse, moment: regular }
}

/**
 * Optimal weight of the identity's multiple: b²/d², uncentred (Ledoit and Wolf, 2004, lemma 3.2 to 3.4), with b² over
 * photographs of m samples each: Σ‖S − m·C‖²/N² = (Σ‖S‖² − m·N·‖C‖²)/N², S a photograph's sum of a·aᵀ. With one sample a
 * photograph this is the published formula.
 */
function ledoitWolf(mean: Float64Array, { channels, samples, photographs, squares }: Moment, level: number): number {
  const square = mean.reduce((sum, value) => sum + value * value, 0)
  const distance = square - channels * level * level
  const scatter = (squares - (samples / photographs) * samples * square) / (samples * samples)
  return distance > 0 ? Math.min(1, Math.max(0, scatter / distance)) : 1
}

const trace = (matrix: Float64Array, channels: number): number => {
  let sum = 0
  for (let k = 0; k < channels; k++) sum += matrix[k * (channels + 1)]!
  return sum
}

/** A whitening matrix that was computed elsewhere. @param values [channels, channels] */
export function givenWhitening(values: Float32Array, channels: number, source: string): Whitening {
  if (values.length !== channels * channels)
    throw new UserError(
      `cannot whiten with ${source}: it has ${values.length} numbers, but the layer's ${channels} channels ` +
        `need ${channels * channels} (float32, row-major)`,
    )
  const matrix = Float64Array.from(values)
  const moment = invertSymmetric(matrix, channels)
  if (!moment)
    throw new UserError(
      `cannot whiten with ${source}: the matrix is not symmetric positive definite; use another matrix`,
    )
  return { channels, ridge: 0, shrinkage: 0, matrix, moment }
}

/** v' = v·S for every row v. @param directions [n, channels] @returns [n, channels] */
export function whiten(
  directions: Float32Array,
  { channels, matrix }: Pick<Whitening, 'channels' | 'matrix'>,
): Float32Array {
  const result = new Float32Array(directions.length)
  const row = new Float64Array(channels)
  for (let start = 0; start < directions.length; start += channels) {
    row.fill(0)
    for (let k = 0; k < channels; k++) {
      const weight = directions[start + k]!
      // After a ReLU most of a direction is zero.
      if (weight !== 0) for (let j = 0; j < channels; j++) row[j]! += weight * matrix[k * channels + j]!
    }
    result.set(row, start)
  }
  return result
}
