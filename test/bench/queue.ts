import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PRESETS } from '../../electron/contract/presets.ts'
import { storedIcon } from '../../electron/engine/atlas/icons.ts'
import { drawSamples } from '../../electron/engine/atlas/samples.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { enterPhotographs } from '../../electron/engine/photographs/enter.ts'
import { QueueWorkers } from '../../electron/engine/queue/coordinator.ts'
import { enterModel } from '../../electron/engine/registry/enter.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import { putIcons } from '../../electron/engine/store/icons.ts'
import { sha256 } from '../../electron/engine/store/keys.ts'
import { createProject } from '../../electron/engine/store/open.ts'
import type { Writable } from '../../electron/engine/store/sql.ts'
import { iconsByWorkers } from '../../electron/engine/units/icons.ts'
import { sideBySide, type Workers } from '../../electron/engine/units/workers.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'
import { random } from '../fixtures/random.ts'
import { startRedis } from '../fixtures/redis-server.ts'

const WORKERS = 200
/** Milliseconds that a worker sleeps for each unit: a fast device. */
const SLEEP = 250
const CHANNELS = 480
const CLASSES = 1000
const PHOTOGRAPHS = 2_000
/** Bytes of a photograph, as of ImageNet's. */
const PHOTOGRAPH_BYTES = 100_000
const POSITIONS = 4

export interface QueueRate {
  readonly items: number
  readonly perSecond: number
  /** Of this process: seconds of processor time for a second. */
  readonly cores: number
  /** Megabytes: the largest that was seen, and of this how much more than before. */
  readonly memory: number
  readonly grown: number
}

/** What the process of a build sustains: icons and samples a second from workers that only sleep, on the same machine. */
export async function timeQueue({
  icons = 40_000,
  seeds = 6,
}: {
  readonly icons?: number
  readonly seeds?: number
} = {}): Promise<{ readonly icons: QueueRate; readonly samples: QueueRate }> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-simulation-'))
  const redis = await startRedis('--save', '')
  const sleepers = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('../fixtures/sleeping-workers.ts', import.meta.url)),
      ...[redis.url, WORKERS, SLEEP, CLASSES].map(String),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, CHANNELS: String(CHANNELS) } },
  )
  try {
    await once(sleepers.stdout, 'data')
    await writeNetwork(join(folder, 'net.onnx'), { channels: CHANNELS / 3 })
    await writePhotographs(join(folder, 'photos'), PHOTOGRAPHS)
    const noise = random(1)
    for (const file of await readdir(join(folder, 'photos')))
      await appendFile(
        join(folder, 'photos', file),
        Buffer.from(Float64Array.from({ length: PHOTOGRAPH_BYTES / 8 }, noise).buffer),
      )
    const small = await loadClassifier(join(folder, 'net.onnx'))
    // The network never runs: its attributions may be to as many classes as ImageNet has.
    const labels = Array.from({ length: CLASSES }, (_, index) => ({
      index,
      synset: '',
      name: `${index}`,
      synonyms: [],
    }))
    const classifier = { ...small, labels }
    using db = createProject(join(folder, 'p.portolan'), { command: 'bench' })
    enterModel(db, classifier)
    const workers = await QueueWorkers.open(redis.url, text => process.stderr.write(`${text}\n`))
    try {
      return {
        icons: await measured(icons, () => makeIcons(db, workers, classifier, icons)),
        samples: await measured(seeds * PHOTOGRAPHS * POSITIONS, () =>
          sample(db, workers, classifier, join(folder, 'photos'), seeds),
        ),
      }
    } finally {
      await workers.close()
    }
  } finally {
    sleepers.kill('SIGKILL')
    await redis.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** As a build makes icons: side by side, each batch in one transaction. */
async function makeIcons(db: Writable, workers: Workers, classifier: Classifier, count: number): Promise<void> {
  const layer = classifier.layers.find(({ channels }) => channels === CHANNELS)!
  const inversion = { ...PRESETS.draft.inversion, size: 96, batch: 16 }
  const maker = iconsByWorkers(workers, { classifier, layer, inversion })
  let made = 0
  await sideBySide(
    () => maker.room,
    () => {
      if (made >= count) return undefined
      const first = made
      made += maker.batch
      return (async () => {
        const directions = new Float32Array(maker.batch * layer.channels).fill(first)
        const icons = await maker.make(directions, { seed: 0, priority: 2 })
        const inverted = { preset: 'draft', inversion: maker.inversion, seed: 0 }
        putIcons(
          db,
          icons.map((icon, row) => storedIcon(sha256(`${first + row}`), icon, inverted, icon.webp)),
        )
      })()
    },
  )
}

async function sample(
  db: Writable,
  workers: Workers,
  classifier: Classifier,
  folder: string,
  seeds: number,
): Promise<void> {
  const work = { signal: new AbortController().signal, report: () => {}, continues: () => {} }
  const photographs = await enterPhotographs(db, [folder], work)
  // Of the sixth of nine: its attributions are stored too.
  const layers = classifier.layers.filter(({ channels }) => channels === CHANNELS).slice(0, 1)
  const runtime = await createCpuRuntime({ threads: 1 })
  for (let seed = 0; seed < seeds; seed++)
    await drawSamples(
      db,
      {
        ...{ classifier, runtime, workers, photographs, layers },
        params: { seed, positionsPerImage: POSITIONS, border: 'include', attribution: 'exact' },
      },
      work,
    )
  await runtime.close()
}

async function measured(items: number, run: () => Promise<void>): Promise<QueueRate> {
  const before = process.memoryUsage.rss()
  let most = before
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 100)
  const start = performance.now()
  const cpu = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(cpu)
  const seconds = (performance.now() - start) / 1000
  clearInterval(watch)
  return {
    items,
    perSecond: items / seconds,
    cores: (user + system) / 1e6 / seconds,
    memory: most / 2 ** 20,
    grown: (most - before) / 2 ** 20,
  }
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await timeQueue(), null, 2)}\n`)
