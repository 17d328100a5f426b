import { expect, test } from 'vitest'
import { FairQueue } from '../../electron/engine/runtime/queue.ts'

test('owners take turns, and each is served in the order of its requests', () => {
  const queue = new FairQueue<string, string>()
  for (const work of ['job 1', 'job 2', 'job 3', 'window 1', 'job 4', 'window 2']) queue.push(work.split(' ')[0]!, work)
  const served = Array.from({ length: 6 }, () => queue.shift())
  expect(served).toEqual(['job 1', 'window 1', 'job 2', 'window 2', 'job 3', 'job 4'])
  expect(queue.shift()).toBeUndefined()
})

test('a newcomer waits for one turn, however much others have requested', () => {
  const queue = new FairQueue<string, number>()
  for (let work = 0; work < 100; work++) queue.push('job', work)
  queue.shift()
  queue.push('window', 1000)
  expect([queue.shift(), queue.shift()]).toEqual([1, 1000])
  expect(queue.drain().length).toBe(98)
  expect(queue.shift()).toBeUndefined()
})
