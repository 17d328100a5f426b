import { logOdds } from '../../electron/contract/outcome.ts'
import type { ClassPrediction, Composed, Predictions } from '../../electron/contract/patch.ts'

/** The prediction for one class without and with the patches. */
export interface ClassChange {
  readonly index: number
  /** Undefined: not among the requested classes. */
  readonly before: ClassPrediction | undefined
  readonly after: ClassPrediction | undefined
}

const find = ({ top, pinned }: Predictions, index: number): ClassPrediction | undefined =>
  pinned.find(c => c.index === index) ?? top.find(c => c.index === index)

/** The predictions for one class. */
export function classChange({ before, after }: Pick<Composed, 'before' | 'after'>, index: number): ClassChange {
  return {
    index,
    before: find(before, index),
    after: find(after, index),
  }
}

/**
 * The classes with the largest probability without or with the patches, except the given ones.
 */
export function strongestClasses(
  composed: Pick<Composed, 'before' | 'after'>,
  count: number,
  except: readonly number[],
): readonly ClassChange[] {
  const indices = new Set([...composed.before.top, ...composed.after.top].map(c => c.index))
  const larger = ({ before, after }: ClassChange): number => Math.max(before?.probability ?? 0, after?.probability ?? 0)
  return [...indices]
    .filter(index => !except.includes(index))
    .map(index => classChange(composed, index))
    .sort((a, b) => larger(b) - larger(a))
    .slice(0, count)
}

/** Log-odds of a class; undefined if it is unknown. */
export function logOddsOf(prediction: Predictions, index: number): number | undefined {
  const found = find(prediction, index)
  return found && logOdds(found.probability)
}

/** `12.3 %`, `0.04 %`, `<0.01 %`. */
export function percentText(share: number): string {
  const percent = share * 100
  if (percent > 0 && percent < 0.01) return '<0.01 %'
  return `${percent.toFixed(percent >= 10 ? 1 : 2)} %`
}
