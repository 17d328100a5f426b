import { useEffect, useState } from 'react'
import type { Input } from '../../electron/contract/calls.ts'
import type { Composed, Composition, Movements } from '../../electron/contract/patch.ts'
import { call } from '../state/queries.ts'
import { Latest } from './latest.ts'

/** Classes of an answer that are asked for: enough that a class that rises was known before. */
const TOP = 100
/** So soon after a change it is asked for: a drag changes things at every frame. */
const SOON = 12
/** So long nothing moves before the maps are looked at, which cost more than an answer. */
const REST = 250

export interface Told<I, O> {
  /** What it is an answer to. */
  readonly to: I
  readonly value: O
}

/** What the engine last said, and whether it was about what is wanted now. */
export interface Live<I, O> {
  readonly told: Told<I, O> | null
  readonly error: Error | null
  /** The answer is that of the present input. */
  readonly current: boolean
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Asks again, a moment after the input changes; answers come in the order of asking, and never an old one last. */
function useLive<I, O>(input: I | null, ask: (input: I) => Promise<O | null>, after: number): Live<I, O> {
  const [told, setTold] = useState<Told<I, O> | null>(null)
  const [failure, setFailure] = useState<{ readonly to: I; readonly error: Error } | null>(null)
  const [latest, setLatest] = useState<Latest<I, O | null> | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `ask` is one of the two functions below, for good
  useEffect(() => {
    const made = new Latest<I, O | null>(
      ask,
      // Null: another question of this window overtook it.
      (to, value) => value !== null && setTold({ to, value }),
      (to, error) => setFailure({ to, error }),
    )
    setLatest(made)
    return () => made.end()
  }, [])
  const key = JSON.stringify(input)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the input
  useEffect(() => {
    if (latest === null || input === null) return
    const timer = setTimeout(() => latest.want(input), after)
    return () => clearTimeout(timer)
  }, [latest, key, after])
  const current = input !== null && told !== null && same(told.to, input)
  return {
    told,
    current,
    error: failure !== null && input !== null && same(failure.to, input) ? failure.error : null,
  }
}

const compose = (input: Input<'patch.compose'>): Promise<Composed | null> => call('patch.compose', input)
const moved = (input: Input<'patch.moved'>): Promise<readonly Movements[] | null> => call('patch.moved', input)

/** The composition as the engine makes it, and what the network says to it. */
export const useComposed = (
  model: string | undefined,
  composition: Composition | null,
  pinned: readonly number[],
): Live<Input<'patch.compose'>, Composed> =>
  useLive(
    model === undefined || composition === null ? null : { model, composition, top: TOP, pinned: [...pinned] },
    compose,
    SOON,
  )

/** Where on these maps the units under the patches have gone. */
export function useMoved(
  model: string | undefined,
  composition: Composition | null,
  atlases: readonly number[],
): Live<Input<'patch.moved'>, readonly Movements[]> {
  const shown = composition?.layers.some(l => !l.hidden) === true
  return useLive(
    model === undefined || composition === null || !shown || atlases.length === 0
      ? null
      : { model, composition, atlases: atlases.slice(0, 9) },
    moved,
    REST,
  )
}
