import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { PRESETS } from '../../electron/contract/presets.ts'
import { storedIcon } from '../../electron/engine/atlas/icons.ts'
import { drawSamples } from '../../electron/engine/atlas/samples.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { enterPhotographs, type Photographs } from '../../electron/engine/photographs/enter.ts'
import { QueueWorkers } from '../../electron/engine/queue/coordinator.ts'
import { enterModel } from '../../electron/engine/registry/enter.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import { putIcons } from '../../electron/engine/store/icons.ts'
import { sha256 } from '../../electron/engine/store/keys.ts'
import { createProject } from '../../electron/engine/store/open.ts'
import type { Writable } from '../../electron/engine/store/sql.ts'
import { WritesTogether } from '../../electron/engine/store/together.ts'
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
/** Bytes of a photograph, as of ImageNet's. */
const PHOTOGRAPH_BYTES = 100_000
const POSITIONS = 4
const WORK = { signal: new AbortController().signal, report: () => {}, continues: () => {} }

export interface QueueRate {
  readonly items: number
  readonly perSecond: number
  /** Milliseconds of processor time for an item: of the process of the build with all its threads, the server, and all workers. */
  readonly build: number
  readonly server: number
  readonly workers: number
  /** Megabytes of the process of the build: before, the largest that was seen, and the same of its second half alone. */
  readonly memory: { readonly before: number; readonly most: number; readonly late: number }
}

/** What the process of a build sustains: icons and samples a second from workers that only sleep, on the same machine. */
export async function timeQueue({
  icons = 40_000,
  photographs = 12_000,
}: {
  readonly icons?: number
  readonly photographs?: number
} = {}): Promise<{ readonly icons: QueueRate; readonly samples: QueueRate }> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-simulation-'))
  const redis = await startRedis('--save', '')
  const sleepers = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('../fixtures/sleeping-workers.ts', import.meta.url)),
      ...[redis.url, WORKERS, SLEEP, CLASSES].map(String),
    ],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], env: { ...process.env, CHANNELS: String(CHANNELS) } },
  )
  /** Seconds of processor time until now. */
  const spent = async (): Promise<Spent> => {
    sleepers.send('spent')
    const [workers] = z.tuple([z.number()]).parse((await once(sleepers, 'message')).slice(0, 1))
    const about = await redis.client.info('cpu')
    const server = ['user', 'sys'].map(kind => Number(new RegExp(`^used_cpu_${kind}:(.*)$`, 'm').exec(about)![1]))
    const { user, system } = process.cpuUsage()
    return { build: (user + system) / 1e6, server: server[0]! + server[1]!, workers }
  }
  try {
    await Promise.race([
      once(sleepers.stdout!, 'data'),
      once(sleepers, 'exit').then(() => Promise.reject(new Error('the sleeping workers ended'))),
    ])
    await writeNetwork(join(folder, 'net.onnx'), { channels: CHANNELS / 3 })
    await writeLarge(join(folder, 'photos'), photographs)
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
    const entered = await enterPhotographs(db, [join(folder, 'photos')], WORK)
    const workers = await QueueWorkers.open(redis.url, text => process.stderr.write(`${text}\n`))
    try {
      return {
        icons: await measured(spent, icons, () => makeIcons(db, workers, classifier, icons)),
        samples: await measured(spent, photographs * POSITIONS, () => sample(db, workers, classifier, entered)),
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

/** Different photographs of the size of ImageNet's: one, with bytes behind it that no decoder reads. */
async function writeLarge(folder: string, count: number): Promise<void> {
  await writePhotographs(folder, 1)
  const [only] = await readdir(folder)
  const rest = Buffer.from(Float64Array.from({ length: PHOTOGRAPH_BYTES / 8 }, random(1)).buffer)
  const content = Buffer.concat([await readFile(join(folder, only!)), rest])
  for (let i = 0; i < count; i++) {
    content.writeUInt32LE(i, content.length - 4)
    await writeFile(join(folder, `${i}-${only}`), content)
  }
  await rm(join(folder, only!))
}

/** As a build makes icons: side by side, each batch in one transaction. */
async function makeIcons(db: Writable, workers: Workers, classifier: Classifier, count: number): Promise<void> {
  const layer = classifier.layers.find(({ channels }) => channels === CHANNELS)!
  const inversion = { ...PRESETS.draft.inversion, size: 96, batch: 16 }
  const maker = iconsByWorkers(workers, { classifier, layer, inversion })
  const writes = new WritesTogether(db)
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
        const stored = icons.map((icon, row) => storedIcon(sha256(`${first + row}`), icon, inverted, icon.webp))
        await writes.write(() => putIcons(db, stored))
      })()
    },
  )
}

async function sample(db: Writable, workers: Workers, classifier: Classifier, photographs: Photographs): Promise<void> {
  // Of the sixth of nine: its attributions are stored too.
  const layers = classifier.layers.filter(({ channels }) => channels === CHANNELS).slice(0, 1)
  const runtime = await createCpuRuntime({ threads: 1 })
  await drawSamples(
    db,
    {
      ...{ classifier, runtime, workers, photographs, layers },
      params: { seed: 0, positionsPerImage: POSITIONS, border: 'include', attribution: 'exact' },
    },
    WORK,
  )
  await runtime.close()
}

interface Spent {
  readonly build: number
  readonly server: number
  readonly workers: number
}

async function measured(spent: () => Promise<Spent>, items: number, run: () => Promise<void>): Promise<QueueRate> {
  const memory = [process.memoryUsage.rss()]
  const watch = setInterval(() => memory.push(process.memoryUsage.rss()), 100)
  const before = await spent()
  const start = performance.now()
  await run()
  const seconds = (performance.now() - start) / 1000
  const after = await spent()
  clearInterval(watch)
  const each = (who: keyof Spent): number => round((1000 * (after[who] - before[who])) / items, 4)
  const megabytes = (values: readonly number[]): number => round(Math.max(...values) / 2 ** 20, 0)
  return {
    items,
    perSecond: round(items / seconds, 0),
    build: each('build'),
    server: each('server'),
    workers: each('workers'),
    memory: {
      before: megabytes(memory.slice(0, 1)),
      most: megabytes(memory),
      late: megabytes(memory.slice(Math.floor(memory.length / 2))),
    },
  }
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits))

if (import.meta.main) {
  const [icons, photographs] = process.argv.slice(2).map(Number)
  const rates = await timeQueue({ ...(icons && { icons }), ...(photographs && { photographs }) })
  process.stdout.write(`${JSON.stringify(rates, null, 2)}\n`)
}
