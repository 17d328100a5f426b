import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'bullmq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { UNITS } from '../../electron/engine/pipelines/units.ts'
import { queueAddress } from '../../electron/engine/queue/address.ts'
import { PREFIX, queueName } from '../../electron/engine/queue/connection.ts'
import { modelKey, modelPieceKey, resultKey } from '../../electron/engine/queue/keys.ts'
import { sendModel } from '../../electron/engine/queue/models.ts'
import { serveQueue } from '../../electron/engine/queue/worker.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { buildsIn, built, contents, lastJob, PHOTOGRAPHS } from '../fixtures/atlas-build.ts'
import { portolan, startPortolan } from '../fixtures/command-line.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'
import { directionsOf, iconUnit, OtherBuild } from '../fixtures/queue-units.ts'
import { noRedis, startRedis, type TestRedis } from '../fixtures/redis-server.ts'

const skipped = noRedis ? ` (skipped: ${noRedis})` : ''

describe('the address of a queue', () => {
  it.each([
    ['not a URL', /is not a URL/],
    ['http://localhost:6379', /cannot begin with http:/],
    ['redis://', /is not a URL|has no host/],
    ['redis://host/0/1', /number of a database/],
  ])('%s is refused', (text, why) => {
    expect(() => queueAddress(text)).toThrow(why)
  })

  it('is shown without its password, and says where others can listen', () => {
    expect(queueAddress('redis://me:secret@example.org:6380/2')).toMatchObject({
      shown: 'redis://example.org:6380/2',
      open: true,
    })
    expect(queueAddress('rediss://:secret@example.org').open).toBe(false)
    expect(queueAddress('redis://localhost').open).toBe(false)
  })
})

describe.skipIf(noRedis !== undefined)(`a hostile queue${skipped}`, () => {
  let folder: string
  let redis: TestRedis
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portolan-hostile-'))
    redis = await startRedis()
    await writeNetwork(join(folder, 'net.onnx'))
    await writePhotographs(join(folder, 'photos'), PHOTOGRAPHS)
  })
  afterAll(async () => {
    await redis.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('that nobody reaches, or that refuses the password, ends a command at once, in a sentence without it', async () => {
    for (const [url, why] of [
      [`redis://:wrong@127.0.0.1:${redis.port}`, /refuses user or password/],
      ['redis://:wrong@127.0.0.1:1', /nothing answers there/],
    ] as const) {
      const ended = await portolan('worker', '--queue', url)
      expect(ended.status).toBe(1)
      expect(ended.err).toMatch(why)
      expect(ended.err).not.toContain('wrong')
    }
  })

  describe('to a worker', () => {
    let runtime: Runtime
    let classifier: Classifier
    let other: OtherBuild
    const notes: string[] = []
    const stop = new AbortController()
    let served: ReturnType<typeof serveQueue>
    beforeAll(async () => {
      runtime = await createCpuRuntime({ threads: 1 })
      classifier = await loadClassifier(join(folder, 'net.onnx'))
      other = new OtherBuild(redis)
      await new Promise<void>(resolve => {
        served = serveQueue(redis.url, {
          name: 'a worker',
          runtime: 'cpu',
          runtimeFor: async () => runtime,
          kinds: UNITS,
          lease: 5,
          note: text => notes.push(text),
          signal: stop.signal,
          joined: () => resolve(),
        })
      })
    })
    afterAll(async () => {
      stop.abort()
      await served
      await other.close()
      await runtime.close()
    })
    const valid = () => {
      const run = randomUUID()
      const unit = iconUnit(classifier, run)
      return { run, unit, contents: { [unit.directions.sha256]: directionsOf(unit.channels) } }
    }

    it.each([
      ['nothing', () => null],
      ['a text', () => 'x'.repeat(1000)],
      ['another kind', (unit: object) => ({ ...unit, kind: 'shell', command: 'true' })],
      ['a field more', (unit: object) => ({ ...unit, more: 1 })],
      ['endless steps', (unit: { inversion: object }) => ({ ...unit, inversion: { ...unit.inversion, steps: 1e9 } })],
      ['endless icons', (unit: object) => ({ ...unit, count: 1e9 })],
      ['a hash that is a path', (unit: object) => ({ ...unit, directions: { sha256: '../../x', bytes: 4 } })],
      [
        'more bytes than any photograph',
        (unit: { directions: object }) => ({
          ...unit,
          directions: { ...unit.directions, bytes: 2 ** 40 },
        }),
      ],
    ] as const)('a unit with %s is refused', async (_, change) => {
      const { unit, contents, run } = valid()
      const before = notes.length
      expect(await other.perform(change(unit as never), { contents, run, attempts: 3 })).toMatch(/refused the unit/)
      expect(notes.slice(before)).toHaveLength(1)
      expect(notes[before]).toMatch(/^refused a unit/)
    })

    it('another model than that of the unit is not used', async () => {
      const { unit, contents, run } = valid()
      const { client } = redis
      const key = modelKey(classifier.hash)
      const one = (name: string, bytes: number) => JSON.stringify({ files: [{ name, bytes }] })
      const bytes = Buffer.from('not the model')
      const cases = [
        ['it is not in the queue yet', null, undefined],
        ['cannot be read', '{"files":[{"name":"../../x","bytes":1}]}', undefined],
        ['cannot be read', 'x', undefined],
        ['too long', one('x'.repeat(70_000), 1), undefined],
        ['larger than any network', one('net.onnx', 2 ** 33), undefined],
        ['instead of', one('net.onnx', 100), bytes],
        ['not a network|those of another', one('net.onnx', bytes.length), bytes],
      ] as const
      for (const [why, manifest, piece] of cases) {
        await client.del(key)
        if (manifest !== null) await client.set(key, manifest)
        if (piece) await client.set(modelPieceKey(classifier.hash, 0, 0), piece)
        expect(await other.perform(unit, { contents, run })).toMatch(new RegExp(`was not received: .*(${why})`))
      }
    })

    it('a unit of a build that is gone is dropped', async () => {
      const { unit, contents } = valid()
      expect(await other.perform(unit, { contents })).toMatch(/is gone/)
    })

    it('contents of other bytes, or of another length, are refused', async () => {
      await sendModel(redis.client, classifier)
      const { unit, run } = valid()
      const sha256 = unit.directions.sha256
      const others = Buffer.alloc(unit.directions.bytes, 7)
      expect(await other.perform(unit, { contents: { [sha256]: others }, run })).toMatch(/other bytes than its hash/)
      const long = Buffer.alloc(10 * 2 ** 20)
      expect(await other.perform(unit, { contents: { [sha256]: long }, run })).toMatch(/has 10485760 bytes instead/)
    })

    it('the next unit is performed', async () => {
      await sendModel(redis.client, classifier)
      const { unit, contents, run } = valid()
      expect(await other.perform(unit, { contents, run })).toBeUndefined()
    })
  })

  it('to a build: results that are none are refused, logged, and nothing is written', async () => {
    const builds = buildsIn(folder)
    const project = builds.path('hostile.portolan')
    let answers = 0
    const { client } = redis
    const results = [
      () => Buffer.from('nonsense'),
      () => Buffer.alloc(64 * 2 ** 20),
      () => createHash('sha512').update(String(answers)).digest(),
    ]
    const liar = new Worker(
      queueName(),
      async job => {
        await client.set(resultKey(job.id!), results[answers++ % results.length]!())
        return {}
      },
      { connection: client, prefix: PREFIX },
    )
    liar.on('error', () => {})
    const order = [...builds.order(project), '--threads', '1', '--queue', redis.url]
    const ended = await startPortolan(...order).ended
    await liar.close()
    expect(ended.status).toBe(1)
    expect(ended.err).toMatch(/a result for samples was refused: it (is cut off|has)/)
    expect(ended.err).toMatch(/cannot continue with samples: 3 workers returned what is none of them/)
    const { sets, icons } = contents(project)
    expect(sets.flatMap(({ samples }) => samples)).toEqual([])
    expect(icons).toEqual({})
    expect(lastJob(project).state).toBe('failed')
    expect(await readdir(folder)).not.toContain('nonsense')

    // With an honest worker the same command continues.
    const worker = startPortolan('worker', '--queue', redis.url, '--threads', '1')
    await worker.waitFor(/has joined/)
    await built(order)
    worker.kill('SIGTERM')
    expect((await worker.ended).status).toBe(143)
    const alone = builds.path('honest.portolan')
    await built([...builds.order(alone), '--threads', '1'])
    expect(contents(project)).toEqual(contents(alone))
  })
})
