import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { PRESETS } from '../../electron/contract/presets.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { QueueWorkers } from '../../electron/engine/queue/coordinator.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import { type IconMaker, iconMaker, iconsByWorkers } from '../../electron/engine/units/icons.ts'
import { sideBySide } from '../../electron/engine/units/workers.ts'
import { startPortolan } from '../fixtures/command-line.ts'
import { random } from '../fixtures/random.ts'
import { startRedis } from '../fixtures/redis-server.ts'

/**
 * The same icons by two workers of one thread each, through a queue, and by one process of two threads: how much of two cores is
 * left of them. Both in one run, in turn, several times. Linux: processor time of the workers is read in /proc.
 */
const LAYER = 'mixed4c'
const BATCH = 4
/** Icons before anything is measured, so that everyone has compiled. */
const FIRST = 4 * BATCH

interface Pair {
  /** Icons a second of wall time, and seconds of processor time for an icon. */
  readonly process: { readonly rate: number; readonly cpu: number }
  readonly queue: { readonly rate: number; readonly cpu: number }
}

/** Seconds of processor time of a process, with all its threads. */
const spentBy = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  // In ticks of 10 ms: user and system.
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** @param count icons, a multiple of `BATCH` */
async function timePairs(count: number, times: number): Promise<readonly Pair[]> {
  const classifier = await loadClassifier(
    fileURLToPath(new URL('../../resources/models/inceptionv1-portolan.onnx', import.meta.url)),
  )
  const layer = classifier.layers.find(({ name }) => name === LAYER)!
  const inversion = { ...PRESETS.draft.inversion, batch: BATCH }
  const redis = await startRedis('--save', '')
  const crew = ['first', 'second'].map(name =>
    startPortolan('worker', '--queue', redis.url, '--name', name, '--threads', '1'),
  )
  const runtime = await createCpuRuntime({ threads: 2 })
  try {
    await Promise.all(crew.map(worker => worker.waitFor(/has joined the queue/)))
    const workers = await QueueWorkers.open(redis.url, text => process.stderr.write(`${text}\n`))
    const makers: Readonly<Record<keyof Pair, IconMaker>> = {
      process: await iconMaker({ classifier, runtime, layer, inversion }),
      queue: iconsByWorkers(workers, { classifier, layer, inversion }),
    }
    const uniform = random(1)
    const directions = Float32Array.from({ length: Math.max(count, FIRST) * layer.channels }, () =>
      Math.max(0, uniform() - 0.7),
    )
    const mean = new Float32Array(layer.channels).fill(0.1)
    const make = (maker: IconMaker, icons: number): Promise<void> => {
      let at = 0
      return sideBySide(
        () => maker.room,
        () => {
          if (at >= icons) return undefined
          const part = directions.subarray(at * layer.channels, (at + BATCH) * layer.channels)
          at += BATCH
          return maker.make(part, { seed: 0, mean, priority: 2 }).then(() => {})
        },
      )
    }
    const spent = (): number => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6 + crew.reduce((sum, { pid }) => sum + spentBy(pid), 0)
    }
    for (const maker of Object.values(makers)) await make(maker, FIRST)
    const measured = async (maker: IconMaker): Promise<Pair['queue']> => {
      const before = spent()
      const start = performance.now()
      await make(maker, count)
      return { rate: (1000 * count) / (performance.now() - start), cpu: (spent() - before) / count }
    }
    const pairs: Pair[] = []
    for (let time = 0; time < times; time++) {
      const pair = { process: await measured(makers.process), queue: await measured(makers.queue) }
      pairs.push(pair)
      process.stderr.write(
        `rate ${(pair.queue.rate / pair.process.rate).toFixed(3)}, processor time ${(pair.process.cpu / pair.queue.cpu).toFixed(3)} of one process\n`,
      )
    }
    await workers.close()
    await makers.process.release()
    return pairs
  } finally {
    for (const worker of crew) worker.kill('SIGKILL')
    await Promise.all(crew.map(worker => worker.ended))
    await runtime.close()
    await redis.stop()
  }
}

if (import.meta.main) {
  const [count, times] = process.argv.slice(2).map(Number)
  const pairs = await timePairs(count || 32, times || 5)
  if (!process.stdout.write(`${JSON.stringify(pairs, null, 2)}\n`)) await once(process.stdout, 'drain')
}
