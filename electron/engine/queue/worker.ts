import { createHash, randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { LRUCache } from 'lru-cache'
import { reason, UserError } from '../../contract/errors.ts'
import type { QueueWorker } from '../../contract/queue.ts'
import { visible } from '../../contract/visible.ts'
import { version } from '../files/version.ts'
import type { Classifier } from '../model/classifier.ts'
import { readModel } from '../model/file.ts'
import { preparedClassifier } from '../model/load.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { type KindsOfUnits, Performer } from '../units/perform.ts'
import { type Part, PHOTOGRAPH_BYTES, partsOf, Unit } from '../units/unit.ts'
import { queueAddress } from './address.ts'
import { connected, PREFIX, plain, queueName } from './connection.ts'
import { DROPPED } from './coordinator.ts'
import { contentsKey, KEPT, resultKey, runKey, sharedKey } from './keys.ts'
import { ModelNotReceived, receiveModel } from './models.ts'
import { announce, SIGN, withdraw } from './registry.ts'

/** Workers that may stop on one unit before it counts as what stops them. */
const STALLS = 10
/** Milliseconds between two looks whether the build of a unit is still there. */
const LOOK = 2_000
/** Bytes of contents of several units that are kept. */
const SHARED_BYTES = 256 * 2 ** 20
/** Networks that are kept on the disk. */
const MODELS = 4
/** Units of a rate. */
const MINUTE = 60_000

export interface WorkerOptions {
  readonly name: string
  /** What its runtime is called before it has had a model. */
  readonly runtime: string
  /** The runtime for a model. */
  readonly runtimeFor: (classifier: Classifier) => Promise<Runtime>
  /** What it can perform. */
  readonly kinds: KindsOfUnits
  /** Seconds without a sign of life after which another worker performs its unit. */
  readonly lease: number
  readonly note: (text: string) => void
  readonly signal: AbortSignal
  /** Called once it is there. @param queue the address without its password */
  readonly joined?: (queue: string) => void
}

/** What a worker has done. */
export type Served = Pick<QueueWorker, 'units' | 'icons' | 'samples' | 'failures'>

/** A unit that no worker can perform: it is malformed, or its contents are others than it says. */
class RefusedUnit extends Error {}
/** A build that has ended or was cancelled. */
class Dropped extends Error {}

/**
 * Performs units of a queue until it is stopped. A unit under way then goes back to the queue.
 * @throws UserError when the queue cannot be reached at first; a connection that is lost later comes back
 */
export async function serveQueue(url: string, options: WorkerOptions): Promise<Served> {
  const { note, signal } = options
  const address = queueAddress(url)
  const redis = await connected(address)
  const folder = await mkdtemp(join(tmpdir(), 'portolan-worker-'))
  const station = new Station(redis, folder, options)
  const worker = new Worker(queueName(), (job, token) => station.perform(job, token), {
    connection: redis,
    prefix: PREFIX,
    name: encodeURIComponent(options.name).slice(0, 100),
    concurrency: 1,
    lockDuration: 1000 * options.lease,
    stalledInterval: 500 * options.lease,
    maxStalledCount: STALLS,
    drainDelay: 2,
    autorun: false,
  })
  let away = false
  worker.on('error', error => {
    if (!away && !signal.aborted) note(`the queue at ${address.shown} is away (${plain(error)}): waiting for it`)
    away = true
  })
  worker.on('ready', () => {
    away = false
  })
  const signing = setInterval(() => {
    if (redis.status === 'ready') station.sign().catch(() => {})
  }, SIGN)
  try {
    await station.sign()
    const ran = worker.run()
    options.joined?.(address.shown)
    await new Promise<void>(resolve => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await worker.close()
    await ran.catch(() => {})
  } finally {
    clearInterval(signing)
    await station.close()
    redis.disconnect()
    await rm(folder, { recursive: true, force: true })
  }
  return station.served
}

/** One worker: its device, the networks that it has received, and what it has done. */
class Station {
  readonly #redis: Redis
  readonly #folder: string
  readonly #options: WorkerOptions
  readonly #id = randomUUID()
  readonly #performer: Performer
  readonly #shared = new LRUCache<string, Buffer>({
    maxSize: SHARED_BYTES,
    sizeCalculation: ({ length }) => length + 1,
  })
  readonly #models = new LRUCache<string, { readonly graph: string; readonly folder: string }>({
    max: MODELS,
    dispose: ({ folder }) => void rm(folder, { recursive: true, force: true }).catch(() => {}),
  })
  /** The network of the last unit, as most have the same one. */
  #prepared: { readonly key: string; readonly classifier: Classifier } | undefined
  readonly #runtimes = new Map<string, Promise<Runtime>>()
  readonly #ended: number[] = []
  #device = ''
  #runtime: string
  #busy = false
  #counts = { units: 0, icons: 0, samples: 0, failures: 0 }

  constructor(redis: Redis, folder: string, options: WorkerOptions) {
    this.#redis = redis
    this.#folder = folder
    this.#options = options
    this.#performer = new Performer(options.kinds)
    this.#runtime = options.runtime
  }

  get served(): Served {
    return this.#counts
  }

  async perform(job: Job, token: string | undefined): Promise<{ readonly worker: string }> {
    const stop = new AbortController()
    const signal = AbortSignal.any([this.#options.signal, stop.signal])
    let looking: NodeJS.Timeout | undefined
    this.#busy = true
    try {
      const unit = unitIn(job.data)
      const present = async (): Promise<void> => {
        if ((await this.#redis.exists(runKey(unit.run))) === 0) stop.abort(new Dropped(DROPPED))
      }
      await present()
      signal.throwIfAborted()
      looking = setInterval(() => {
        if (this.#redis.status === 'ready') present().catch(() => {})
      }, LOOK)
      const classifier = await this.#classifier(unit)
      const runtime = await this.#runtimeFor(classifier)
      const result = await this.#performer.perform(
        unit,
        { classifier, runtime },
        part => this.#content(String(job.id), unit.run, part),
        signal,
      )
      signal.throwIfAborted()
      await this.#redis.setex(resultKey(String(job.id)), KEPT, result)
      this.#count(unit)
      return { worker: this.#options.name }
    } catch (error) {
      throw await this.#failure(job, token, error, stop.signal)
    } finally {
      clearInterval(looking)
      this.#busy = false
    }
  }

  get about(): QueueWorker {
    const since = Date.now() - MINUTE
    while (this.#ended.length > 0 && this.#ended[0]! < since) this.#ended.shift()
    return {
      id: this.#id,
      name: visible(this.#options.name).slice(0, 200),
      version: version(),
      runtime: this.#runtime,
      device: this.#device,
      ...this.#counts,
      perMinute: this.#ended.length,
      busy: this.#busy,
    }
  }

  sign(): Promise<void> {
    return announce(this.#redis, this.about)
  }

  async close(): Promise<void> {
    if (this.#redis.status === 'ready') await withdraw(this.#redis, this.#id).catch(() => {})
    await this.#performer.release()
  }

  #count(unit: Unit): void {
    this.#counts.units++
    if (unit.kind === 'icons') this.#counts.icons += unit.count
    else if (unit.kind === 'samples') this.#counts.samples += unit.photographs.length * unit.positionsPerImage
    this.#ended.push(Date.now())
  }

  /** What the queue does with a unit that was not performed: retries it, or gives it up. */
  async #failure(job: Job, token: string | undefined, error: unknown, dropped: AbortSignal): Promise<unknown> {
    if (dropped.aborted) return new UnrecoverableError(DROPPED)
    if (this.#options.signal.aborted && token !== undefined) {
      await job.moveToWait(token)
      return new WaitingError()
    }
    this.#counts.failures++
    const name = `${job.name}`.slice(0, 40)
    if (error instanceof RefusedUnit) {
      this.#options.note(`refused a unit of ${name}: ${error.message}`)
      return new UnrecoverableError(`a worker refused the unit: ${error.message}`)
    }
    this.#options.note(`could not perform a unit of ${name}: ${reason(error)}`)
    // What a user can act on is the same on every worker.
    return error instanceof UserError ? new UnrecoverableError(error.message) : new Error(reason(error).slice(0, 1000))
  }

  async #classifier({ model }: Unit): Promise<Classifier> {
    const key = JSON.stringify(model)
    if (this.#prepared?.key === key) return this.#prepared.classifier
    const { network, sidecar } = model
    let received = this.#models.get(network)
    if (received === undefined) {
      const folder = join(this.#folder, randomUUID())
      await mkdir(folder)
      try {
        received = { graph: await receiveModel(this.#redis, network, folder), folder }
      } catch (error) {
        await rm(folder, { recursive: true, force: true })
        if (error instanceof ModelNotReceived)
          throw new Error(`the model ${network.slice(0, 12)}… was not received: ${error.message}`, { cause: error })
        throw error
      }
      this.#models.set(network, received)
    }
    const classifier = preparedClassifier(await readModel(received.graph), sidecar)
    this.#prepared = { key, classifier }
    return classifier
  }

  async #runtimeFor(classifier: Classifier): Promise<Runtime> {
    const known = this.#runtimes.get(classifier.hash) ?? this.#options.runtimeFor(classifier)
    this.#runtimes.set(classifier.hash, known)
    known.catch(() => this.#runtimes.delete(classifier.hash))
    const runtime = await known
    this.#runtime = runtime.identity.name
    this.#device = runtime.identity.device.slice(0, 200)
    return runtime
  }

  /** @throws RefusedUnit when it has other bytes than the unit says; Error when it is not there (yet) */
  async #content(job: string, run: string, { sha256, bytes }: Part): Promise<Buffer> {
    const kept = this.#shared.get(sha256)
    if (kept) return kept
    const own = await this.#redis.hstrlen(contentsKey(job), sha256)
    const shared = own === 0 ? await this.#redis.strlen(sharedKey(run, sha256)) : 0
    const length = own || shared
    if (length === 0 && bytes > 0) throw new Error('contents of the unit are not in the queue')
    if (length !== bytes) throw new RefusedUnit(`a part of it has ${length} bytes instead of ${bytes}`)
    const content =
      own > 0
        ? await this.#redis.hgetBuffer(contentsKey(job), sha256)
        : await this.#redis.getBuffer(sharedKey(run, sha256))
    const found = content ?? Buffer.alloc(0)
    if (createHash('sha256').update(found).digest('hex') !== sha256)
      throw new RefusedUnit('a part of it has other bytes than its hash says')
    if (shared > 0) this.#shared.set(sha256, found)
    return found
  }
}

/** @throws RefusedUnit */
function unitIn(data: unknown): Unit {
  const parsed = Unit.safeParse(data)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new RefusedUnit(`"${issue!.path.join('.').slice(0, 100)}" of it is wrong: ${issue!.message.slice(0, 300)}`)
  }
  const { own } = partsOf(parsed.data)
  const total = own.reduce((sum, { bytes }) => sum + bytes, 0)
  // One photograph may be larger than several may be together.
  if (own.length > 1 && total > PHOTOGRAPH_BYTES) throw new RefusedUnit(`its photographs have ${total} bytes`)
  return parsed.data
}
