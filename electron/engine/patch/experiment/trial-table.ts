import { Random } from '../../random/random.ts'
import { type Shape, trialAt } from './variants.ts'

/** What one model predicted for all compositions of an experiment, in columns. */
export interface TrialTable extends Shape {
  readonly source: number
  readonly target: number
  readonly photographs: number
  /** Of each photograph alone: [photographs]. `margin` is logit(target) − logit(source). */
  readonly before: Columns
  /** [photographs, patches, geometries] */
  readonly after: Columns
}

export interface Columns {
  readonly winner: Int32Array
  readonly source: Float64Array
  readonly target: Float64Array
  readonly margin: Float64Array
}

export const columns = (length: number): Columns => ({
  winner: new Int32Array(length),
  source: new Float64Array(length),
  target: new Float64Array(length),
  margin: new Float64Array(length),
})

export const isFlip = (table: TrialTable, photograph: number, trial: number): boolean =>
  table.before.winner[photograph] === table.source && table.after.winner[trial] === table.target

export const changeOf = (table: TrialTable, photograph: number, trial: number): number =>
  table.after.margin[trial]! - table.before.margin[photograph]!

/** Which photographs sizes and positions are chosen on, and which are reported on. */
export interface Halves {
  readonly chosenOn: readonly number[]
  readonly reportedOn: readonly number[]
}

/**
 * Halves at random, with as many photographs in each that were classified as the source before.
 * @param keys one text for each photograph, so that neither order nor ids decide: hashes
 */
export function halvesOf(table: TrialTable, keys: readonly string[], seed: number): Halves {
  const drawn = keys.map((key, photograph) => ({
    photograph,
    correct: table.before.winner[photograph] === table.source,
    at: new Random('half', seed, key).below(2 ** 31),
  }))
  const chosenOn: number[] = []
  const reportedOn: number[] = []
  for (const correct of [true, false])
    for (const { photograph } of drawn.filter(each => each.correct === correct).sort((a, b) => a.at - b.at))
      (chosenOn.length > reportedOn.length ? reportedOn : chosenOn).push(photograph)
  const inOrder = (half: number[]): number[] => half.sort((a, b) => a - b)
  return { chosenOn: inOrder(chosenOn), reportedOn: inOrder(reportedOn) }
}

/** Where each trial of an effect lies: the geometry for a photograph and a patch. */
export type Choice = (photograph: number, patch: number) => number

/** What counts in a choice: more flips first and then the larger change, or the change alone. */
export type Criterion = 'flips' | 'change'

/** One geometry for all photographs, and how well it does. */
export interface Chosen {
  readonly patch: number
  readonly geometry: number
  readonly flips: number
  /** Mean change of the margin. */
  readonly change: number
}

/** The best geometry of a patch on some photographs; undefined where there are none. */
export function bestGeometry(
  table: TrialTable,
  photographs: readonly number[],
  patch: number,
  criterion: Criterion = 'flips',
): Chosen | undefined {
  let best: Chosen | undefined
  if (photographs.length === 0) return best
  for (let geometry = 0; geometry < table.geometries; geometry++) {
    let [flips, change] = [0, 0]
    for (const photograph of photographs) {
      const trial = trialAt(table, photograph, patch, geometry)
      if (isFlip(table, photograph, trial)) flips++
      change += changeOf(table, photograph, trial) / photographs.length
    }
    const found = { patch, geometry, flips, change }
    if (best === undefined || better(found, best, criterion)) best = found
  }
  return best
}

export const better = (a: Chosen, b: Chosen, criterion: Criterion): boolean =>
  criterion === 'flips' && a.flips !== b.flips ? a.flips > b.flips : a.change > b.change

/** The best geometry of a patch for one photograph: one where the target wins, of these the most probable target. */
export function bestFor(table: TrialTable, photograph: number, patch: number): number {
  let best = 0
  let [bestWins, bestTarget] = [false, -1]
  for (let geometry = 0; geometry < table.geometries; geometry++) {
    const trial = trialAt(table, photograph, patch, geometry)
    const wins = table.after.winner[trial] === table.target
    const target = table.after.target[trial]!
    if (wins === bestWins ? target <= bestTarget : bestWins) continue
    ;[best, bestWins, bestTarget] = [geometry, wins, target]
  }
  return best
}
