import { describe, expect, it } from 'vitest'
import { progressDisplay } from '../../electron/engine/cli/progress.ts'
import { duration, table } from '../../electron/engine/cli/text.ts'

function watched(isTTY: boolean) {
  const clock = { at: 0 }
  const written: string[] = []
  const screen = { isTTY, columns: 80, write: (text: string) => written.push(text) }
  const { report, end } = progressDisplay(screen, () => clock.at)
  const sampled = (done: number, at: number) => {
    clock.at = at
    report({ stage: 'sampling', done, total: 2000, unit: 'photographs' })
  }
  return { written, sampled, report, end }
}

describe('progress in a log', () => {
  it('writes the first line, then at most one in five seconds, then the last', () => {
    const { written, sampled } = watched(false)
    for (let ms = 0; ms <= 12_000; ms += 100) sampled(ms / 20, ms)
    sampled(2000, 40_000)
    expect(written).toEqual([
      'sampling: 0 of 2,000 photographs, 0 %\n',
      'sampling: 250 of 2,000 photographs, 12 %, 35 s left\n',
      'sampling: 500 of 2,000 photographs, 25 %, 30 s left\n',
      'sampling: 2,000 of 2,000 photographs in 40 s\n',
    ])
  })

  it('estimates from this run alone when work is resumed', () => {
    const { written, sampled } = watched(false)
    sampled(1900, 0)
    sampled(1950, 10_000)
    expect(written[1]).toBe('sampling: 1,950 of 2,000 photographs, 97 %, 10 s left\n')
  })
})

describe('progress on a terminal', () => {
  it('redraws one line that fits, and ends it when the stage is over', () => {
    const { written, sampled } = watched(true)
    sampled(0, 0)
    sampled(1, 50)
    sampled(500, 5_000)
    sampled(2000, 20_000)
    expect(written).toHaveLength(4)
    expect(written[1]).toContain('\r██████░')
    expect(written[3]).toBe('\n')
    for (const line of written) expect(line.replace('\x1b[K', '').length).toBeLessThanOrEqual(80)
  })

  it('leaves a finished line alone when another stage begins', () => {
    const { written, sampled, report } = watched(true)
    sampled(10, 0)
    report({ stage: 'layout', done: 0, total: 5, unit: 'epochs' })
    expect(written[1]).toBe('\n')
  })
})

describe('text', () => {
  it('writes durations in the two largest units', () => {
    expect([400, 59_000, 60_000, 200_000, 3_600_000, 7_500_000].map(duration)).toEqual([
      '0 s',
      '59 s',
      '1 min',
      '3 min 20 s',
      '1 h',
      '2 h 5 min',
    ])
  })

  it('sets columns', () => {
    expect(
      table(
        [
          ['a', '10'],
          ['bcd', '9'],
        ],
        [1],
      ),
    ).toBe('a    10\nbcd   9')
  })
})
