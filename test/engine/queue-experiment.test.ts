import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ExperimentResult, Trial } from '../../electron/contract/experiment-result.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import { startPortolan } from '../fixtures/command-line.ts'
import { winnerOf, writeTintedPatches } from '../fixtures/patch-pictures.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'
import { noRedis, startRedis, type TestRedis } from '../fixtures/redis-server.ts'

const Whole = z.object({ models: z.array(z.object({ population: z.int() })), trials: z.array(Trial) })

describe.skipIf(noRedis !== undefined)(`an experiment by workers${noRedis ? ` (skipped: ${noRedis})` : ''}`, () => {
  let folder: string
  let redis: TestRedis
  let source: number
  const path = (name: string): string => join(folder, name)
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portolan-queue-experiment-'))
    redis = await startRedis()
    await writeNetwork(path('net.onnx'))
    await writePhotographs(path('photos'), 24)
    await writeTintedPatches(folder)
    const runtime = await createCpuRuntime({ threads: 1 })
    source = await winnerOf(await loadClassifier(path('net.onnx')), runtime, path('photos/000.jpg'))
    await runtime.close()
  })
  afterAll(async () => {
    await redis.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const args = (name: string): readonly string[] => [
    ...['patch', 'experiment', path(`${name}.portolan`), '--model', path('net.onnx'), '--images', path('photos')],
    ...['--patch', path('red.png'), path('blue.png'), '--source', `${source}`, '--target', source === 1 ? '2' : '1'],
    ...['--sizes', '0.2:0.6:0.2', '--positions', 'grid:3', '--resamplings', '200', '--threads', '1', '--json'],
    ...['--trials', path(`${name}.json`)],
  ]
  /** What an experiment came to: the trials, and what is said of them. */
  const resultOf = async (name: string, ...more: readonly string[]) => {
    const { status, out, err } = await startPortolan(...args(name), ...more).ended
    expect(status, err).toBe(0)
    const { models, experiment } = ExperimentResult.parse(JSON.parse(out))
    const whole = Whole.parse(JSON.parse(await readFile(path(`${name}.json`), 'utf8')))
    expect(whole.trials).toHaveLength(experiment.total)
    return { models, whole, done: experiment.done }
  }

  it('has the trials of one in this process, also when the worker and the experiment were killed', async () => {
    const alone = await resultOf('alone')
    const join = () => startPortolan('worker', '--queue', redis.url, '--threads', '1', '--lease', '2')
    const first = join()
    await first.waitFor(/has joined the queue/)
    const killed = startPortolan(...args('queued'), '--queue', redis.url)
    await killed.waitFor(/trials: \d/)
    killed.kill('SIGKILL')
    first.kill('SIGKILL')
    await Promise.all([killed.ended, first.ended])
    const second = join()
    try {
      expect(await resultOf('queued', '--queue', redis.url)).toEqual(alone)
    } finally {
      second.kill('SIGKILL')
      await second.ended
    }
  })
})
