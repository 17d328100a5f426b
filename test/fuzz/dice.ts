/** Seeded choices. */
export interface Dice {
  readonly next: () => number
  readonly pick: <T>(from: readonly T[]) => T
  /** A whole number below a limit. */
  readonly below: (limit: number) => number
}

export const diceOf = (next: () => number): Dice => ({
  next,
  pick: from => from[Math.floor(next() * from.length)]!,
  below: limit => Math.floor(next() * limit),
})
