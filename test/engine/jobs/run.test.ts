import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../../electron/contract/errors.ts'
import { JobProgress, JobRecord } from '../../../electron/contract/jobs.ts'
import { requestCancel } from '../../../electron/engine/jobs/cancel.ts'
import type { JobContext } from '../../../electron/engine/jobs/context.ts'
import { describeJob, jobToResume, listJobs } from '../../../electron/engine/jobs/list.ts'
import { JobCancelled, runJob } from '../../../electron/engine/jobs/run.ts'
import { openProject, unlockProject } from '../../../electron/engine/store/open.ts'
import { type None, query } from '../../../electron/engine/store/sql.ts'
import { startChild } from '../store/children.ts'
import { temporaryProject, who } from '../store/project.ts'

const step = (done: number, stage = 'sampling') => ({ stage, done, total: 100, unit: 'photographs' })
const until = async ({ signal }: JobContext): Promise<never> => {
  for (;;) {
    await wait(5)
    signal.throwIfAborted()
  }
}
const outcome = async (job: Promise<unknown>): Promise<unknown> =>
  job.then(
    () => undefined,
    error => error,
  )

describe('a job', () => {
  test('leaves its kind, parameters, last progress, log and stages in the project', async () => {
    const db = temporaryProject()
    const { job, result, stages } = await runJob(db, 'atlas', { grid: 10 }, async context => {
      const sampled = await context.stage({ name: 'sampling', existing: () => 7, compute: () => 8 })
      const laid = await context.stage({
        name: 'layout',
        existing: () => undefined,
        compute: async ({ report, continues }) => {
          continues()
          report(step(40, 'layout'))
          report(step(100, 'layout'))
          return 'laid'
        },
      })
      const icons = await context.stage({ name: 'icons', existing: () => undefined, compute: () => [1] })
      context.log('warning', '2 of 9 photographs could not be read')
      return [sampled, laid, icons]
    })
    expect(result).toEqual([7, 'laid', [1]])
    expect(stages.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['sampling', 'reused'],
      ['layout', 'continued'],
      ['icons', 'computed'],
    ])
    const [record] = listJobs(db)
    expect(JobRecord.parse(record)).toEqual(record)
    expect(record).toMatchObject({
      id: job,
      kind: 'atlas',
      params: { grid: 10 },
      state: 'done',
      ...step(100, 'layout'),
      stages,
      error: null,
      cancelRequested: false,
    })
    expect(describeJob(db, job).log).toMatchObject([{ level: 'warning', text: '2 of 9 photographs could not be read' }])
    expect(() => describeJob(db, job + 1)).toThrow(`has no job ${job + 1}`)
  })

  test('reports everything to its caller, with the time left, and to the project a few times per second', async () => {
    const db = temporaryProject()
    const changes = query<None, { n: number }>('SELECT total_changes() AS n')
    const reported: JobProgress[] = []
    const before = db.one(changes, {})!.n
    const begun = performance.now()
    await runJob(
      db,
      'atlas',
      {},
      async ({ report }) => {
        for (let done = 0; done <= 100; done++) {
          report(step(done))
          await wait(5)
        }
      },
      { report: progress => reported.push(progress) },
    )
    const quarters = (performance.now() - begun) / 250
    expect(reported).toHaveLength(101)
    expect(reported[0]?.secondsLeft).toBeUndefined()
    expect(reported[50]?.secondsLeft).toBeGreaterThan(0.2)
    expect(reported[100]?.secondsLeft).toBe(0)
    for (const progress of reported) expect(JobProgress.parse(progress)).toEqual(progress)
    // Entered, started, first and last report, ended; the others at most every quarter of a second.
    // Each counts three times: the row, its checksum without the old values, and with the new ones.
    expect((db.one(changes, {})!.n - before) / 3).toBeLessThanOrEqual(5 + quarters)
    expect(listJobs(db)[0]).toMatchObject(step(100))
  })

  test('that cannot go on fails with its sentence', async () => {
    const db = temporaryProject()
    const error = await outcome(
      runJob(db, 'atlas', {}, async () => {
        throw new UserError('cannot read cat.jpg: mend it')
      }),
    )
    expect(error).toBeInstanceOf(UserError)
    const [record] = listJobs(db)
    expect(record).toMatchObject({ state: 'failed', error: 'cannot read cat.jpg: mend it' })
    expect(describeJob(db, record!.id).log).toEqual([])
  })

  test('that has a bug keeps the stack in its log', async () => {
    const db = temporaryProject()
    const bug = new TypeError('undefined is not a tensor')
    expect(await outcome(runJob(db, 'atlas', {}, () => Promise.reject(bug)))).toBe(bug)
    const [record] = listJobs(db)
    expect(record).toMatchObject({ state: 'failed', error: 'undefined is not a tensor' })
    expect(describeJob(db, record!.id).log).toMatchObject([{ level: 'error', text: bug.stack }])
  })

  test('fails, and is not cancelled, when it loses the lock of the project', async () => {
    const db = temporaryProject()
    const error = await outcome(
      runJob(db, 'atlas', {}, async context => {
        unlockProject(db.file)
        context.report(step(1))
      }),
    )
    expect(error).not.toBeInstanceOf(JobCancelled)
    expect(String(error)).toContain('was locked by another process')
  })
})

describe('cancelled', () => {
  test.each([
    ['before it began', () => AbortSignal.abort()],
    ['by its caller', () => AbortSignal.timeout(30)],
  ])('%s, a job reports it and can be continued', async (_, signal) => {
    const db = temporaryProject()
    const error = await outcome(runJob(db, 'atlas', { grid: 10 }, until, { signal: signal() }))
    expect(error).toBeInstanceOf(JobCancelled)
    expect(listJobs(db)[0]).toMatchObject({ state: 'cancelled', error: null })
    expect(jobToResume(db)).toMatchObject({ kind: 'atlas', params: { grid: 10 } })
    await runJob(db, 'atlas', { grid: 10 }, async () => {})
    expect(() => jobToResume(db)).toThrow('nothing to resume')
  })

  test('while an error comes from elsewhere, it is that error', async () => {
    const db = temporaryProject()
    const controller = new AbortController()
    const body = async () => {
      controller.abort()
      throw new UserError('the disk is full')
    }
    expect(await outcome(runJob(db, 'atlas', {}, body, { signal: controller.signal }))).not.toBeInstanceOf(JobCancelled)
    expect(listJobs(db)[0]).toMatchObject({ state: 'failed', error: 'the disk is full' })
  })

  test('by another process, a job ends within a second or so and releases the project', async () => {
    const project = temporaryProject()
    const { file } = project
    project.close()
    expect(() => requestCancel(file)).toThrow('no job is running')
    const child = startChild('jobs/job.child.ts', file)
    expect(await child.line()).toBe('working')
    expect(() => requestCancel(file, 99)).toThrow('no job 99 is running')
    const { writer, jobs } = requestCancel(file)
    expect(writer).toMatchObject({ pid: child.process.pid, command: 'portolan atlas build' })
    expect(jobs).toMatchObject([{ kind: 'atlas', state: 'running' }])
    const begun = performance.now()
    expect(await child.line()).toContain('atlas was cancelled: run the same command again')
    expect(performance.now() - begun).toBeLessThan(2000)
    expect(await child.ended()).toBe(0)
    using db = openProject(file, { mode: 'write', who })
    expect(listJobs(db)).toMatchObject([{ state: 'cancelled', cancelRequested: true }])
  })
})

test('killed, a job is seen as interrupted by readers and writers, and can be resumed', async () => {
  const project = temporaryProject()
  const { file } = project
  project.close()
  const child = startChild('jobs/job.child.ts', file)
  await child.line()
  using reader = openProject(file, { mode: 'read' })
  expect(listJobs(reader)).toMatchObject([{ state: 'running', stage: 'sampling' }])
  await child.kill()
  expect(listJobs(reader)).toMatchObject([{ state: 'interrupted' }])
  expect(() => requestCancel(file)).toThrow('no job is running')
  using db = openProject(file, { mode: 'write', who })
  const job = jobToResume(db)
  expect(job).toMatchObject({ state: 'interrupted', kind: 'atlas', params: { grid: 10 } })
  const again = await runJob(db, job.kind, job.params, async () => {})
  expect(listJobs(db).map(({ id, key, state }) => ({ id, key, state }))).toEqual([
    { id: again.job, key: job.key, state: 'done' },
    { id: job.id, key: job.key, state: 'interrupted' },
  ])
  expect(() => jobToResume(db, again.job)).toThrow('is done')
})
