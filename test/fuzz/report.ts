/** How the cases of a fuzzer ended, and which of them may not have ended so. */
export interface Tally {
  /** Cases by ending. */
  readonly endings: Readonly<Record<string, number>>
  readonly failures: readonly string[]
}

/** Counts endings as they come. A failure is reported when it is found: hours may pass before the last case. */
export class Counting implements Tally {
  readonly endings: Record<string, number> = {}
  readonly failures: string[] = []

  add(ending: string): void {
    this.endings[ending] = (this.endings[ending] ?? 0) + 1
  }

  fail(what: string): void {
    this.add('failed')
    this.failures.push(what)
    process.stderr.write(`${what}\n`)
  }
}

/** Why a case failed, by the words of its failure. */
const FAILURES: readonly (readonly [string, RegExp])[] = [
  ['hang', /no result within/],
  ['crash', /it ended with|it took \d+ MiB/],
  ['stack', /this is a bug|without a sentence/],
]

/** One line of the table of all fuzzers: cases by ending, and how many failed in which way. */
export function tableRow(name: string, seed: number, { endings, failures }: Tally): string {
  const kindOf = (failure: string): string => FAILURES.find(([, words]) => words.test(failure))?.[0] ?? 'wrong'
  const counts = { wrong: 0, crash: 0, hang: 0, stack: 0 } as Record<string, number>
  for (const failure of failures) counts[kindOf(failure)]!++
  return `${name}, seed ${seed}: ${JSON.stringify(endings)}; ${JSON.stringify(counts)}`
}
