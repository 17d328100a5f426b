import type { Answer, ClassAnswer, Composed } from '../../electron/contract/patch.ts'
import { decimal } from '../ui/text.ts'

/** What the network says of one class without the patches and with them. */
export interface Reading {
  readonly index: number
  /** Undefined: weaker than everything that was asked for. */
  readonly before: ClassAnswer | undefined
  readonly after: ClassAnswer | undefined
}

const find = ({ top, pinned }: Answer, index: number): ClassAnswer | undefined =>
  pinned.find(c => c.index === index) ?? top.find(c => c.index === index)

/** What is known of one class. */
export const readingOf = ({ before, after }: Pick<Composed, 'before' | 'after'>, index: number): Reading => ({
  index,
  before: find(before, index),
  after: find(after, index),
})

/**
 * The strongest classes of both answers together, by whichever of their two probabilities is larger, without those that
 * stand elsewhere.
 */
export function strongestOf(
  composed: Pick<Composed, 'before' | 'after'>,
  count: number,
  elsewhere: readonly number[],
): readonly Reading[] {
  const indices = new Set([...composed.before.top, ...composed.after.top].map(c => c.index))
  const most = ({ before, after }: Reading): number => Math.max(before?.probability ?? 0, after?.probability ?? 0)
  return [...indices]
    .filter(index => !elsewhere.includes(index))
    .map(index => readingOf(composed, index))
    .sort((a, b) => most(b) - most(a))
    .slice(0, count)
}

/** logit(target) − logit(source); undefined where one of them is not known. */
export function marginOf(answer: Answer, source: number, target: number): number | undefined {
  const [s, t] = [find(answer, source), find(answer, target)]
  return s && t && t.logit - s.logit
}

/** `12.3 %`, `0.04 %`, `<0.01 %`. */
export function percentText(share: number): string {
  const percent = share * 100
  if (percent > 0 && percent < 0.01) return '<0.01 %'
  return `${percent.toFixed(percent >= 10 ? 1 : 2)} %`
}

/** With a true minus sign, and a plus where it is asked for. */
export const signedText = (value: number, plus = false): string => `${plus && !(value < 0) ? '+' : ''}${decimal(value)}`
