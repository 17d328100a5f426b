/** Reports older than this no longer count: work may have become slower or faster since. In milliseconds. */
const memory = 30_000

/**
 * Estimates what a stage still needs from its recent pace. What was there before it began (resumed work) is not taken
 * for pace: the first report only sets the start.
 */
export class TimeLeft {
  #reports: { readonly time: number; readonly done: number }[] = []

  /**
   * @param time milliseconds, of any clock that does not run backwards
   * @returns seconds until `total`, or undefined while there is no pace to go by
   */
  after(done: number, total: number, time: number): number | undefined {
    const reports = this.#reports
    // Many reports within a moment say nothing more than the last of them, and would have to be kept.
    const previous = reports.at(-2)
    if (previous !== undefined && time - previous.time < memory / 100) reports.pop()
    reports.push({ time, done })
    while (reports.length > 2 && time - reports[1]!.time > memory) reports.shift()
    const first = reports[0]!
    const pace = (done - first.done) / (time - first.time)
    return pace > 0 && Number.isFinite(pace) ? Math.max(0, total - done) / pace / 1000 : undefined
  }
}
