/** How the cases of a fuzzer ended, and which of them may not have ended so. */
export interface Tally {
  /** Cases by ending. */
  readonly endings: Readonly<Record<string, number>>
  readonly failures: readonly string[]
}

/** Counts endings as they come. */
export class Counting implements Tally {
  readonly endings: Record<string, number> = {}
  readonly failures: string[] = []

  add(ending: string): void {
    this.endings[ending] = (this.endings[ending] ?? 0) + 1
  }

  fail(what: string): void {
    this.add('failed')
    this.failures.push(what)
  }
}
