import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { workersOf } from '../../electron/engine/queue/registry.ts'
import { buildsIn, built, contents, PHOTOGRAPHS } from '../fixtures/atlas-build.ts'
import { type Running, startPortolan } from '../fixtures/command-line.ts'
import { expectUndisturbed } from '../fixtures/disturbed-queue.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'
import { noRedis, startRedis, type TestRedis } from '../fixtures/redis-server.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-queue-'))
  await writeNetwork(join(folder, 'net.onnx'))
  await writePhotographs(join(folder, 'photos'), PHOTOGRAPHS)
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

    const joined = async (name: string, lease = 2): Promise<Running> => {
      const worker = startPortolan(
        ...['worker', '--queue', redis.url, '--name', name, '--lease', String(lease), '--json', ...THREAD],
      )
      workers.push(worker)
      await worker.waitFor(/has joined the queue/)
      return worker
    }

    /** Waits until a worker performs a unit. */
    const busy = async (name: string): Promise<void> => {
      while (!(await workersOf(redis.client)).some(worker => worker.name === name && worker.busy)) await after(100)
    }
    /** A build whose icons take seconds. */
    const long = (project: string, steps = '300'): readonly string[] =>
      buildsIn(folder)
        .small(project)
        .map((each, k, all) => (all[k - 1] === '--steps' ? steps : each))
        .concat(THREAD)

    it('has the bytes of one without a queue', async () => {
      const builds = buildsIn(folder)
      const alone = builds.path('alone.portolan')
      const queued = builds.path('queued.portolan')
      await built([...builds.order(alone), ...THREAD])
      await Promise.all(['first', 'second', 'third'].map(name => joined(name)))
      await built([...builds.order(queued), ...THREAD, '--queue', redis.url])
      expect(contents(queued)).toEqual(contents(alone))
      // Nothing of the build stays in the queue but the model, which other builds may need.
      const left = await redis.client.keys('portolan:*')
      expect(left.filter(key => /:(contents|result|run|shared):/.test(key))).toEqual([])
      for (const worker of workers) worker.kill('SIGTERM')
      await Promise.all(workers.map(worker => worker.ended))
    })

    it('continues when a worker leaves: its unit goes to another at once', async () => {
      const builds = buildsIn(folder)
      // Its lease would hold the unit for an hour.
      const leaving = await joined('leaving', 3600)
      const build = startPortolan(...long(builds.path('left.portolan')), '--queue', redis.url)
      await build.waitFor(/icons: 0 of/)
      await busy('leaving')
      leaving.kill('SIGTERM')
      expect((await leaving.ended).status).toBe(143)
      const staying = await joined('staying', 3600)
      expect((await build.ended).status).toBe(0)
      staying.kill('SIGTERM')
      expect(JSON.parse((await staying.ended).out)).toMatchObject({ name: 'staying', failures: 0 })
    })

    it('that is cancelled leaves nothing in the queue, and workers drop what they have begun', async () => {
      const builds = buildsIn(folder)
      const worker = await joined('dropping', 3600)
      const build = startPortolan(...long(builds.path('cancelled.portolan'), '16384'), '--queue', redis.url)
      await build.waitFor(/icons: 0 of/)
      await busy('dropping')
      build.kill('SIGINT')
      expect((await build.ended).status).toBe(130)
      const left = await redis.client.keys('portolan:*')
      expect(left.filter(key => /:(contents|result|run|shared):/.test(key))).toEqual([])
      for (let tries = 0; (await workersOf(redis.client)).some(({ busy }) => busy); tries++) {
        expect(tries).toBeLessThan(60)
        await after(500)
      }
      worker.kill('SIGTERM')
      await worker.ended
    })

    it('has them too when workers are killed, the server is restarted, and the build is killed and run again', async () => {
      await expectUndisturbed(await mkdtemp(join(folder, 'disturbed-')), redis, {
        photographs: 64,
        steps: 12,
        kills: 3,
        seed: 5,
        forget: false,
      })
    })
  },
)
