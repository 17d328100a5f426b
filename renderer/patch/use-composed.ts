import { useEffect, useState } from 'react'
import type { Input } from '../../electron/contract/calls.ts'
import type { Composed, Movements } from '../../electron/contract/patch.ts'
import type { Composition } from '../../electron/contract/placement.ts'
import { call } from '../state/queries.ts'
import { LatestRequest } from './latest-request.ts'

/** Number of requested classes: enough that the prior probability of a rising class is known. */
const TOP = 100
/** Delay of a composition after a change, ms: a drag changes every frame. */
const COMPOSE_DELAY = 12
/** Delay of the more expensive activation shift, ms. */
const SHIFT_DELAY = 250

interface LiveReply<I, O> {
  readonly input: I
  readonly value: O
}

/** The last reply of the engine, and whether it is for the present input. */
interface Live<I, O> {
  readonly reply: LiveReply<I, O> | null
  readonly error: Error | null
  /** Whether the reply is for the present input. */
  readonly current: boolean
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Requests a reply shortly after each change of the input; superseded requests are dropped. */
function useLive<I, O>(input: I | null, send: (input: I) => Promise<O | null>, delay: number): Live<I, O> {
  const [reply, setReply] = useState<LiveReply<I, O> | null>(null)
  const [failure, setFailure] = useState<{ readonly input: I; readonly error: Error } | null>(null)
  const [latest, setLatest] = useState<LatestRequest<I, O | null> | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `send` is one of the two functions below, for good
  useEffect(() => {
    const created = new LatestRequest<I, O | null>(
      send,
      // Null: superseded by a later request of this window.
      (to, value) => value !== null && setReply({ input: to, value }),
      (to, error) => setFailure({ input: to, error }),
    )
    setLatest(created)
    return () => created.end()
  }, [])
  const key = JSON.stringify(input)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key changes with the input
  useEffect(() => {
    if (latest === null || input === null) return
    const timer = setTimeout(() => latest.request(input), delay)
    return () => clearTimeout(timer)
  }, [latest, key, delay])
  const current = input !== null && reply !== null && same(reply.input, input)
  return {
    reply,
    current,
    error: failure !== null && input !== null && same(failure.input, input) ? failure.error : null,
  }
}

const compose = (input: Input<'patch.compose'>): Promise<Composed | null> => call('patch.compose', input)
const requestShift = (input: Input<'patch.moved'>): Promise<readonly Movements[] | null> => call('patch.moved', input)

/** The engine's composition and its predictions. */
export function useComposed(
  model: string | undefined,
  composition: Composition | null,
  pinned: readonly number[],
): Live<Input<'patch.compose'>, Composed> {
  return useLive(
    model === undefined || composition === null ? null : { model, composition, top: TOP, pinned: [...pinned] },
    compose,
    COMPOSE_DELAY,
  )
}

/** The positions in these atlases of the units under the patches, without and with the patches. */
export function useActivationShift(
  model: string | undefined,
  composition: Composition | null,
  atlases: readonly number[],
): Live<Input<'patch.moved'>, readonly Movements[]> {
  const shown = composition?.patches.some(l => !l.hidden) === true
  return useLive(
    model === undefined || composition === null || !shown || atlases.length === 0
      ? null
      : { model, composition, atlases: atlases.slice(0, 9) },
    requestShift,
    SHIFT_DELAY,
  )
}
