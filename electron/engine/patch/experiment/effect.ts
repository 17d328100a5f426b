import type { Effect, Estimate, Rate } from '../../../contract/experiment-result.ts'
import { type Resampler, wilson } from '../../statistics/intervals.ts'
import { type Choice, changeOf, sourceChangeOf, type TrialTable } from './trial-table.ts'
import { trialAt } from './variants.ts'

/** Sums of the trials of each photograph: [photographs of the set]. */
export interface Sums {
  readonly trials: Float64Array
  readonly correct: Float64Array
  readonly flipped: Float64Array
  readonly flippedToAny: Float64Array
  readonly notTarget: Float64Array
  readonly becameTarget: Float64Array
  readonly source: Float64Array
  readonly target: Float64Array
  readonly change: Float64Array
  readonly sourceChange: Float64Array
}

/** A column of trials, and the column at whose size and position it is read: of a control, its real patch. */
export interface Pair {
  readonly column: number
  readonly at: number
}

/** Adds up what some patches did to some photographs, each at one geometry. */
export function sumsOf(
  table: TrialTable,
  photographs: readonly number[],
  pairs: readonly Pair[],
  choice: Choice,
): Sums {
  const column = () => new Float64Array(photographs.length)
  const sums = {
    trials: column(),
    correct: column(),
    flipped: column(),
    flippedToAny: column(),
    notTarget: column(),
    becameTarget: column(),
    source: column(),
    target: column(),
    change: column(),
    sourceChange: column(),
  }
  for (const [k, photograph] of photographs.entries()) {
    const before = table.before.winner[photograph]!
    for (const { column, at } of pairs) {
      const trial = trialAt(table, photograph, column, choice(photograph, at))
      const after = table.after.winner[trial]!
      sums.trials[k]!++
      if (before === table.source) {
        sums.correct[k]!++
        if (after === table.target) sums.flipped[k]!++
        if (after !== table.source) sums.flippedToAny[k]!++
      }
      if (before !== table.target) {
        sums.notTarget[k]!++
        if (after === table.target) sums.becameTarget[k]!++
      }
      sums.source[k]! += table.after.source[trial]!
      sums.target[k]! += table.after.target[trial]!
      sums.change[k]! += changeOf(table, photograph, trial)
      sums.sourceChange[k]! += sourceChangeOf(table, photograph, trial)
    }
  }
  return sums
}

const total = (values: Float64Array): number => values.reduce((a, b) => a + b, 0)

/** Interprets sums. With one trial for each photograph shares have Wilson's interval, else photographs are resampled. */
export function effectOf(table: TrialTable, photographs: readonly number[], sums: Sums, resampler: Resampler): Effect {
  const single = sums.trials.every(trials => trials <= 1)
  const rate = (counts: Float64Array, of: Float64Array): Rate => {
    const [count, all] = [total(counts), total(of)]
    return { count, of: all, share: single ? wilson(count, all) : resampler.share(counts, of) }
  }
  const mean = (values: Float64Array): number =>
    photographs.length === 0 ? 0 : photographs.reduce((sum, at) => sum + values[at]!, 0) / photographs.length
  return {
    photographs: photographs.length,
    correctBefore: total(sums.correct),
    flipped: rate(sums.flipped, sums.correct),
    flippedToAny: rate(sums.flippedToAny, sums.correct),
    becameTarget: rate(sums.becameTarget, sums.notTarget),
    targetBefore: mean(table.before.target),
    targetAfter: probability(resampler.ratio(sums.target, sums.trials)),
    sourceBefore: mean(table.before.source),
    sourceAfter: probability(resampler.ratio(sums.source, sums.trials)),
    change: resampler.ratio(sums.change, sums.trials),
    sourceChange: resampler.ratio(sums.sourceChange, sums.trials),
  }
}

const probability = (mean: Estimate): Estimate => ({
  ...mean,
  low: Math.max(0, mean.low),
  high: Math.min(1, mean.high),
})

/** Several rates of photographs that have nothing to do with each other, such as those of three pairs of classes. */
export function overall(rates: readonly Rate[]): Rate {
  const [count, of] = [rates.reduce((sum, rate) => sum + rate.count, 0), rates.reduce((sum, rate) => sum + rate.of, 0)]
  const value = of === 0 ? 0 : count / of
  // Errors of independent parts add up in squares, each by its share of the trials.
  const spread = (side: (rate: Rate) => number): number =>
    Math.sqrt(rates.reduce((sum, rate) => sum + ((rate.of / Math.max(1, of)) * side(rate)) ** 2, 0))
  return {
    count,
    of,
    share: {
      value,
      low: Math.max(0, value - spread(({ share }) => share.value - share.low)),
      high: Math.min(1, value + spread(({ share }) => share.high - share.value)),
      photographs: rates.reduce((sum, rate) => sum + rate.share.photographs, 0),
      interval: of === 0 ? 'none' : 'bootstrap',
    },
  }
}
