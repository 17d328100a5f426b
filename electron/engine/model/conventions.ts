import type { Preprocessing } from './sidecar.ts'

export interface Convention {
  readonly text: string
  readonly range: readonly [number, number]
  /** In the order RGB. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

const NONE = [0, 0, 0] as const
const ONE = [1, 1, 1] as const

/** Usual preprocessings; the means are ImageNet's. */
export const CONVENTIONS: readonly Convention[] = [
  { text: '0 to 255', range: [0, 255], mean: NONE, std: ONE },
  { text: '0 to 255 minus the mean', range: [0, 255], mean: [123, 117, 104], std: ONE },
  { text: '0 to 1', range: [0, 1], mean: NONE, std: ONE },
  { text: '-1 to 1', range: [-1, 1], mean: NONE, std: ONE },
  {
    text: '0 to 1, normalised by mean and standard deviation',
    range: [0, 1],
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
]

/** A preprocessing with the numbers of a convention, in an order of the colours. */
export function inConvention(
  given: Preprocessing,
  { range: [black, white], mean, std }: Convention,
  channels: Preprocessing['channels'],
): Preprocessing {
  const ordered = ([r, g, b]: Convention['mean']): [number, number, number] =>
    channels === 'RGB' ? [r, g, b] : [b, g, r]
  return { ...given, channels, range: [black, white], mean: ordered(mean), std: ordered(std) }
}
