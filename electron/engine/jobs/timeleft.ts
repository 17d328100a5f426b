/** Window of the estimate in milliseconds: the pace may have changed since older reports. */
const WINDOW = 30_000

/**
 * Estimates the time left of a stage from its recent pace. Work that was stored before (a resumed job) does not count:
 * the first report only sets the start.
 */
export class TimeLeft {
  #reports: { readonly time: number; readonly done: number }[] = []

  /**
   * @param time milliseconds of a monotonic clock
   * @returns seconds until `total`, or undefined while the pace cannot be estimated
   */
  after(done: number, total: number, time: number): number | undefined {
    const reports = this.#reports
    // Of many reports within a moment only the last is stored.
    const previous = reports.at(-2)
    if (previous !== undefined && time - previous.time < WINDOW / 100) reports.pop()
    reports.push({ time, done })
    while (reports.length > 2 && time - reports[1]!.time > WINDOW) reports.shift()
    const first = reports[0]!
    const pace = (done - first.done) / (time - first.time)
    return pace > 0 && Number.isFinite(pace) ? Math.max(0, total - done) / pace / 1000 : undefined
  }
}
