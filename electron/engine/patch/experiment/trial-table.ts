import { Random } from '../../random/random.ts'
import { type Shape, trialAt } from './variants.ts'

/** What one model predicted for all compositions of an experiment, in columns. */
export interface TrialTable extends Shape {
  readonly source: number
  readonly target: number
  readonly photographs: number
  /** Of each photograph alone: [photographs]. */
  readonly before: Columns
  /** [photographs, patches, geometries] */
  readonly after: Columns
}

export interface Columns {
  readonly winner: Int32Array
  readonly source: Float64Array
  readonly target: Float64Array
  /** Log-odds of the target, the outcome, and of the source, which is reported beside it. */
  readonly targetOdds: Float64Array
  readonly sourceOdds: Float64Array
}

export const columns = (length: number): Columns => ({
  winner: new Int32Array(length),
  source: new Float64Array(length),
  target: new Float64Array(length),
  targetOdds: new Float64Array(length),
  sourceOdds: new Float64Array(length),
})

/** The outcome of a trial: the change of the target's log-odds on its photograph. */
export const changeOf = (table: TrialTable, photograph: number, trial: number): number =>
  table.after.targetOdds[trial]! - table.before.targetOdds[photograph]!

/** The change of the source's log-odds: how much a trial hides or weakens the source. */
export const sourceChangeOf = (table: TrialTable, photograph: number, trial: number): number =>
  table.after.sourceOdds[trial]! - table.before.sourceOdds[photograph]!

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

/** The best geometry of a patch for one photograph: that of the largest log-odds of the target. */
export function bestFor(table: TrialTable, photograph: number, patch: number): number {
  let best = 0
  for (let geometry = 1; geometry < table.geometries; geometry++)
    if (
      table.after.targetOdds[trialAt(table, photograph, patch, geometry)]! >
      table.after.targetOdds[trialAt(table, photograph, patch, best)]!
    )
      best = geometry
  return best
}
