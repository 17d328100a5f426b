import { FidelityScorer } from '../../electron/engine/inversion/fidelity.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { Random } from '../../electron/engine/random/random.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { cosine } from '../../electron/engine/vectors/cosine.ts'
import { Directions } from '../../electron/engine/vectors/directions.ts'
import type { Targets } from './icon-cells.ts'
import { correlation, type Square, shrunk, spectrumOf, totalVariation } from './picture-statistics.ts'

/** Icons of one preset or of the prototype, and what they took. */
export interface Made {
  readonly name: string
  readonly icons: readonly Square[]
  /** Processor seconds an icon, of the optimisation alone; and by the clock. */
  readonly cpuSeconds: number
  readonly seconds: number
}

export interface Measured {
  readonly name: string
  readonly layer: string
  readonly icons: number
  readonly size: number
  /** Cosine between direction and the icon's activation, and its mean over transforms that were not optimised for. */
  readonly fidelity: Spread
  readonly robustFidelity: Spread
  /** Mean cosine to the directions of the other cells. */
  readonly chance: number
  /** Share of icons with their own direction nearest of all; plain, and with the layer's mean subtracted. */
  readonly ownNearest: number
  readonly ownNearestCentred: number
  readonly worstRank: number
  /** As multiples of the photographs' crops: total variation, share of fine texture, share of large shapes. */
  readonly totalVariation: number
  readonly fine: number
  readonly large: number
  /** Correlation of icons, and cosine of directions: of neighbouring cells, and of random pairs. */
  readonly neighbours: Pairs | undefined
  readonly randomPairs: Pairs
  readonly cpuSecondsPerIcon: number
  readonly secondsPerIcon: number
}

interface Spread {
  readonly mean: number
  /** Mean of the worst tenth of the icons. */
  readonly worstTenth: number
}

interface Pairs {
  readonly pairs: number
  readonly icons: number
  readonly directions: number
}

/** Edge at which icons are compared: texture does not count, layout and colour do. */
const COARSE = 16
const RANDOM_PAIRS = 400

/**
 * @param cells indices of the targets' directions, one for each icon
 * @param crops real crops of the same cells, at the icons' size
 */
export async function measured(
  classifier: Classifier,
  runtime: Runtime,
  targets: Targets,
  cells: readonly number[],
  { made, crops }: { readonly made: Made; readonly crops: readonly Square[] },
): Promise<Measured> {
  const { layer, directions, mean } = targets
  const { channels } = layer
  const { icons } = made
  const size = icons[0]!.size
  const direction = (cell: number): Float32Array => directions.subarray(cell * channels, (cell + 1) * channels)
  const expected = new Float32Array(cells.length * channels)
  for (const [row, cell] of cells.entries()) expected.set(direction(cell), row * channels)
  const scorer = await FidelityScorer.create(classifier, runtime, layer, size, icons.length)
  const rgb = interleavedPixels(icons)
  const scores = await scorer.scores(rgb, expected)
  const activations = await scorer.activations(rgb)
  await scorer.release()
  const activation = (row: number): Float32Array => activations.slice(row * channels, (row + 1) * channels)
  // Activations that are never negative are all at acute angles to their mean, and differ in what remains.
  const centre = (values: Float32Array): Float32Array => values.map((value, channel) => value - mean[channel]!)
  const all = Array.from({ length: directions.length / channels }, (_, cell) => direction(cell))
  const [asTheyAre, remaining] = [new Directions(all), new Directions(all.map(centre))]
  const plain = cells.map((cell, row) => asTheyAre.compare(activation(row), cell))
  const centred = cells.map((cell, row) => remaining.compare(centre(activation(row)), cell))
  const share = (ranks: readonly { readonly rank: number }[]): number => average(ranks.map(({ rank }) => +(rank === 1)))
  const against = (value: (picture: Square) => number): number => average(icons.map(value)) / average(crops.map(value))
  return {
    name: made.name,
    layer: layer.name,
    icons: icons.length,
    size,
    fidelity: spread(scores.map(({ fidelity }) => fidelity)),
    robustFidelity: spread(scores.map(({ robustFidelity }) => robustFidelity)),
    chance: average(plain.map(({ others }) => others)),
    ownNearest: share(plain),
    ownNearestCentred: share(centred),
    worstRank: Math.max(...plain.map(({ rank }) => rank)),
    totalVariation: against(totalVariation),
    fine: against(picture => spectrumOf(picture).fine),
    large: against(picture => spectrumOf(picture).large),
    ...continuity(targets, cells, icons),
    cpuSecondsPerIcon: made.cpuSeconds,
    secondsPerIcon: made.seconds,
  }
}

/** How alike the icons of neighbouring cells are, compared with those of random pairs. */
function continuity(
  { layer: { channels }, directions, places }: Targets,
  cells: readonly number[],
  icons: readonly Square[],
): Pick<Measured, 'neighbours' | 'randomPairs'> {
  const small = icons.map(icon => shrunk(icon, COARSE))
  const compared = (pairs: readonly (readonly [number, number])[]): Pairs => ({
    pairs: pairs.length,
    icons: average(pairs.map(([a, b]) => correlation(small[a]!, small[b]!))),
    directions: average(
      pairs.map(([a, b]) => {
        const [p, q] = [cells[a]! * channels, cells[b]! * channels]
        return cosine(directions.subarray(p, p + channels), directions.subarray(q, q + channels))
      }),
    ),
  })
  const all = cells.flatMap((_, a) => cells.slice(a + 1).map((_, k) => [a, a + 1 + k] as const))
  const adjacent = ([a, b]: readonly [number, number]): boolean => {
    const [p, q] = [places![cells[a]!]!, places![cells[b]!]!]
    return Math.abs(p[0] - q[0]) + Math.abs(p[1] - q[1]) === 1
  }
  const near = places ? all.filter(adjacent) : []
  const far = places ? all.filter(pair => !adjacent(pair)) : all
  const random = [...new Random('random pairs').subset(far.length, RANDOM_PAIRS)].map(pair => far[pair]!)
  return { neighbours: near.length > 0 ? compared(near) : undefined, randomPairs: compared(random) }
}

/** [size², 3N] in 0 … 1, icons last. */
function interleavedPixels(icons: readonly Square[]): Float32Array {
  const size = icons[0]!.size
  const rgb = new Float32Array(size * size * 3 * icons.length)
  for (const [icon, picture] of icons.entries())
    for (let pixel = 0; pixel < size * size; pixel++)
      for (let c = 0; c < 3; c++) rgb[(pixel * icons.length + icon) * 3 + c] = picture.rgb[3 * pixel + c]! / 255
  return rgb
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

function spread(values: readonly number[]): Spread {
  const worst = values.toSorted((a, b) => a - b).slice(0, Math.max(1, Math.round(values.length / 10)))
  return { mean: average(values), worstTenth: average(worst) }
}
