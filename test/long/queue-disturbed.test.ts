import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { expectUndisturbed } from '../fixtures/disturbed-queue.ts'
import { noRedis, startRedis } from '../fixtures/redis-server.ts'

describe.skipIf(noRedis !== undefined)(`builds by a queue${noRedis ? ` (skipped: ${noRedis})` : ''}`, () => {
  it.each([
    ['a server that forgets everything', true],
    ['a server that is restarted', false],
  ])('have the bytes of one process, with 20 killed workers, a killed build and %s', async (_, forget) => {
    const folder = await mkdtemp(join(tmpdir(), 'portolan-disturbed-'))
    const redis = await startRedis()
    try {
      await expectUndisturbed(folder, redis, { photographs: 600, steps: 60, kills: 20, seed: 1, forget })
    } finally {
      await redis.stop()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
