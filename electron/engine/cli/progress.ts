import type { Progress, Report } from '../../contract/progress.ts'
import { visible } from '../../contract/visible.ts'
import { duration, grouped } from './text.ts'

/** Where progress is shown: stderr, or a test's list. */
export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Minimum interval between frames on a terminal, and between lines of one stage elsewhere; milliseconds. */
const FRAME = 100
const LINE = 5_000
const BAR = 24

interface Stage {
  readonly startedAt: number
  readonly doneBefore: number
  shownAt: number
}

/**
 * Shows the progress of stages: one bar that is redrawn on a terminal, plain lines elsewhere.
 * @param now milliseconds of a monotonic clock
 */
export function progressDisplay(
  screen: Screen,
  now: () => number,
): { readonly report: Report; readonly end: () => void } {
  const stages = new Map<string, Stage>()
  let open: string | undefined

  const end = (): void => {
    if (open !== undefined && screen.isTTY) screen.write('\n')
    open = undefined
  }

  const report: Report = progress => {
    const at = now()
    let stage = stages.get(progress.stage)
    const first = stage === undefined
    if (stage === undefined) {
      stage = { startedAt: at, doneBefore: progress.done, shownAt: at }
      stages.set(progress.stage, stage)
    }
    const last = progress.done >= progress.total
    if (!first && !last && at - stage.shownAt < (screen.isTTY ? FRAME : LINE)) return
    stage.shownAt = at
    const line = visible(describe(progress, stage, at))
    if (!screen.isTTY) {
      screen.write(`${line}\n`)
      return
    }
    if (open !== undefined && open !== progress.stage) end()
    open = progress.stage
    screen.write(`\r${`${bar(progress)} ${line}`.slice(0, (screen.columns ?? 80) - 1)}\x1b[K`)
    if (last) end()
  }
  return { report, end }
}

/** `sampling: 320 of 2,000 photographs, 16 %, 1 min 20 s left`. */
function describe({ stage, done, total, unit }: Progress, { startedAt, doneBefore }: Stage, at: number): string {
  const counted = `${stage}: ${grouped(done)} of ${grouped(total)} ${unit}`
  const elapsed = at - startedAt
  if (done >= total) return elapsed < 1_000 ? counted : `${counted} in ${duration(elapsed)}`
  const share = `${counted}, ${Math.floor((100 * done) / total)} %`
  // Work of an earlier run is no measure of this run's speed.
  const fresh = done - doneBefore
  return fresh > 0 && elapsed >= 1_000 ? `${share}, ${duration((elapsed / fresh) * (total - done))} left` : share
}

function bar({ done, total }: Progress): string {
  const full = total > 0 ? Math.round((BAR * Math.min(done, total)) / total) : BAR
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)}`
}
