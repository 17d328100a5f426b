import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { CLASS_ATLAS } from '../../../electron/engine/class-atlas/order.ts'
import { DEMO } from '../../../electron/engine/demo/build.ts'
import type { JobContext } from '../../../electron/engine/jobs/context.ts'
import { listJobs } from '../../../electron/engine/jobs/list.ts'
import { createQueue } from '../../../electron/engine/jobs/queue.ts'
import { JobCancelled, JobInterrupted } from '../../../electron/engine/jobs/run.ts'
import { PATCH_EXPERIMENT } from '../../../electron/engine/patch/experiment/run.ts'
import { lineOf } from '../../../electron/engine/pipelines/kinds.ts'
import { temporaryProject } from '../store/project.ts'

test('jobs run one at a time, in order, whatever the outcome of the previous one', async () => {
  const db = temporaryProject()
  const queue = createQueue(db)
  const events: string[] = []
  const body = (name: string) => async () => {
    events.push(`${name} begins`)
    await wait(10)
    events.push(`${name} ends`)
    if (name === 'b') throw new Error('b cannot')
    return name
  }
  const [a, b, c] = ['a', 'b', 'c'].map(name => queue.add('test', { name }, body(name)))
  expect(listJobs(db).map(job => job.state)).toEqual(['queued', 'queued', 'queued'])
  const ends = await Promise.allSettled([a!.ended, b!.ended, c!.ended])
  expect(ends.map(end => end.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  expect(listJobs(db).map(job => job.state)).toEqual(['done', 'failed', 'done'])
})

test('interactive jobs have a queue of their own, in order, and closing waits for both queues', async () => {
  const db = temporaryProject()
  const queue = createQueue(db)
  const events: string[] = []
  const brief = (name: string) => async () => {
    events.push(`${name} begins`)
    await wait(5)
    events.push(`${name} ends`)
  }
  const endless = async ({ signal }: JobContext): Promise<never> => {
    for (;;) {
      await wait(5)
      signal.throwIfAborted()
    }
  }
  const work = queue.add('test', { name: 'work' }, endless)
  const queued = queue.add('test', { name: 'queued' }, brief('queued'))
  const interactive = ['a', 'b'].map(name => queue.add('test', { name }, brief(name), { line: 'interactive' }))
  const left = queue.add('test', { name: 'left' }, endless, { line: 'interactive' })
  const ends = Promise.allSettled([work, queued, left].map(({ ended }) => ended))
  await Promise.all(interactive.map(({ ended }) => ended))
  expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
  await queue.close()
  const stateOf = new Map(listJobs(db).map(({ id, state }) => [id, state]))
  expect([work, queued, left].map(({ id }) => stateOf.get(id))).toEqual(['interrupted', 'interrupted', 'interrupted'])
  expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
})

test('the demo, which nobody requested, keeps nothing waiting', async () => {
  expect([lineOf(DEMO), lineOf(PATCH_EXPERIMENT), lineOf(CLASS_ATLAS)]).toEqual(['background', 'work', 'work'])
  const queue = createQueue(temporaryProject())
  const over = new AbortController()
  const demo = queue.add('test', { name: 'demo' }, () => once(over.signal, 'abort'), { line: lineOf(DEMO) })
  const experiment = queue.add('test', { name: 'experiment' }, async () => 'done', { line: lineOf(PATCH_EXPERIMENT) })
  // Would never run if it waited for the demo.
  expect((await experiment.ended).result).toBe('done')
  over.abort()
  await demo.ended
})

test('a job is cancelled while it runs or waits, and what is left is interrupted when the queue closes', async () => {
  const db = temporaryProject()
  const queue = createQueue(db)
  const until = async ({ signal }: JobContext): Promise<never> => {
    for (;;) {
      await wait(5)
      signal.throwIfAborted()
    }
  }
  const jobs = [1, 2, 3, 4].map(number => queue.add('test', { number }, until))
  const ends = Promise.allSettled(jobs.map(job => job.ended))
  expect(queue.cancel(jobs[1]!.id)).toBe(true)
  expect(queue.cancel(jobs[0]!.id)).toBe(true)
  expect(queue.cancel(99)).toBe(false)
  await wait(30)
  expect(listJobs(db).map(job => job.state)).toEqual(['queued', 'running', 'cancelled', 'cancelled'])
  await queue.close()
  expect(listJobs(db).map(job => job.state)).toEqual(['interrupted', 'interrupted', 'cancelled', 'cancelled'])
  const ended = (await ends).map(end => (end.status === 'rejected' ? end.reason : undefined))
  expect(ended.map(why => why?.constructor)).toEqual([JobCancelled, JobCancelled, JobInterrupted, JobInterrupted])
  expect(queue.cancel(jobs[0]!.id)).toBe(false)
})
