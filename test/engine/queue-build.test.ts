import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildsIn, buildUndisturbed, built, contents } from '../fixtures/atlas-build.ts'
import { type Running, startPortolan } from '../fixtures/command-line.ts'
import { expectUndisturbed } from '../fixtures/disturbed-queue.ts'
import { noRedis, startRedis, type TestRedis } from '../fixtures/redis-server.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-queue-'))
  await buildUndisturbed(buildsIn(folder))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const THREAD = ['--threads', '1'] as const

describe('several devices of one machine', () => {
  it('make the project that one makes', async () => {
    const builds = buildsIn(folder)
    const one = builds.path('one.portolan')
    const two = builds.path('two.portolan')
    await built([...builds.order(one), ...THREAD])
    await built([...builds.order(two), ...THREAD, '--runtime', 'cpu:0,cpu:1'])
    expect(contents(two)).toEqual(contents(one))
  })
})

describe.skipIf(noRedis !== undefined)(
  `a build by the workers of a queue${noRedis ? ` (skipped: ${noRedis})` : ''}`,
  () => {
    let redis: TestRedis
    const workers: Running[] = []
    beforeAll(async () => {
      redis = await startRedis()
    })
    afterAll(async () => {
      for (const worker of workers) worker.kill('SIGKILL')
      await Promise.all(workers.map(worker => worker.ended))
      await redis.stop()
    })

    const joined = async (name: string): Promise<Running> => {
      const worker = startPortolan('worker', '--queue', redis.url, '--name', name, '--lease', '2', ...THREAD)
      workers.push(worker)
      await worker.waitFor(/has joined the queue/)
      return worker
    }

    it('has the bytes of one without a queue', async () => {
      const builds = buildsIn(folder)
      const alone = builds.path('alone.portolan')
      const queued = builds.path('queued.portolan')
      await built([...builds.order(alone), ...THREAD])
      await Promise.all(['first', 'second', 'third'].map(joined))
      await built([...builds.order(queued), ...THREAD, '--queue', redis.url])
      expect(contents(queued)).toEqual(contents(alone))
      // Nothing of the build stays in the queue but the model, which other builds may need.
      const left = await redis.client.keys('portolan:*')
      expect(left.filter(key => /:(contents|result|run|shared):/.test(key))).toEqual([])
      for (const worker of workers) worker.kill('SIGTERM')
      await Promise.all(workers.map(worker => worker.ended))
    })

    it('has them too when workers are killed, the server is restarted, and the build is killed and run again', async () => {
      await expectUndisturbed(await mkdtemp(join(folder, 'disturbed-')), redis, {
        photographs: 100,
        steps: 20,
        kills: 3,
        seed: 5,
        forget: false,
      })
    })
  },
)
