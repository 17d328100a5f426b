import { expect, test } from 'vitest'
import { TimeLeft } from '../../electron/engine/jobs/timeleft.ts'

test('at a steady pace, the time left is the work left divided by it', () => {
  const clock = new TimeLeft()
  for (let second = 0; second < 60; second++) {
    const left = clock.after(second * 4, 400, second * 1000)
    if (second === 0) expect(left).toBeUndefined()
    else expect(left).toBeCloseTo((400 - second * 4) / 4)
  }
})

test('work of an earlier run does not count', () => {
  const clock = new TimeLeft()
  clock.after(9000, 10_000, 0)
  expect(clock.after(9010, 10_000, 1000)).toBeCloseTo(99)
})

test('an old pace is forgotten', () => {
  const clock = new TimeLeft()
  for (let second = 0; second <= 100; second++) clock.after(second * 100, 20_000, second * 1000)
  let left: number | undefined
  for (let second = 101; second <= 140; second++) left = clock.after(10_000 + (second - 100), 20_000, second * 1000)
  expect(left).toBeCloseTo(10_000 - 40)
})

test('a thousand reports within a moment do not hide the pace', () => {
  const clock = new TimeLeft()
  let left: number | undefined
  for (let report = 0; report <= 1000; report++) left = clock.after(report, 10_000, report / 10)
  expect(left).toBeCloseTo(0.9)
})
