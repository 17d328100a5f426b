import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { Queue, QueueEvents } from 'bullmq'
import type { Redis } from 'ioredis'
import { reason, UserError } from '../../contract/errors.ts'
import { visible } from '../../contract/visible.ts'
import { version } from '../files/version.ts'
import { RefusedResult } from '../units/packed.ts'
import { type Order, partsOf, Unit } from '../units/unit.ts'
import type { Performed, RunOptions, Workers } from '../units/workers.ts'
import { type QueueAddress, queueAddress } from './address.ts'
import { Budget } from './budget.ts'
import { connected, PREFIX, plain, queueName } from './connection.ts'
import { ALIVE, contentsKey, KEPT, resultKey, runKey, sharedKey } from './keys.ts'
import { sendModel } from './models.ts'
import { workersOf } from './registry.ts'
import { setContents } from './send.ts'

/** Units under way for each worker, and the bounds of all. */
const PER_WORKER = 4
const FEWEST = 8
const MOST = 1024
/** Bytes of contents that may be in the queue at once. */
const BYTES = 2 ** 30
/** Milliseconds between two looks at the queue: at what it has lost, and who works. */
const LOOK = 5_000
/** Milliseconds after which a unit is looked for. */
const DUE = 10_000
/** Seconds between two renewals of what the queue forgets. */
const RENEW = KEPT / 6
/** How often a unit is put in the queue again because of a result that is none. */
const REFUSALS = 3
/** How often the queue has a unit performed that failed. */
const ATTEMPTS = 5
/** Bytes of the description of a unit. */
const UNIT_BYTES = 2 ** 20

/** The reason of a unit that was dropped because its build gave no sign of life. */
export const DROPPED = 'the build that the unit belongs to is gone'

/** A unit in the queue. */
interface Pending {
  readonly ended: (failure?: string) => void
  readonly since: number
}

/** Workers of a queue, for one build. Alone this process writes the project; workers know nothing of it. */
export class QueueWorkers implements Workers {
  readonly #redis: Redis
  readonly #queue: Queue
  readonly #heard: QueueEvents
  readonly #address: QueueAddress
  readonly #note: (text: string) => void
  readonly #run = randomUUID()
  readonly #pending = new Map<string, Pending>()
  /** Keys with contents and results, which are kept as long as they are needed. */
  readonly #kept = new Set<string>()
  readonly #models = new Map<string, Promise<() => Promise<void>>>()
  readonly #shared = new Map<string, Uint8Array>()
  readonly #budget = new Budget(BYTES)
  readonly #timer: NodeJS.Timeout
  #workers = 0
  #lookedFor = Date.now()
  #renewed = Date.now()
  #looking: Promise<void> = Promise.resolve()
  #idle = true
  #lost = false
  #closed = false

  private constructor(address: QueueAddress, redis: Redis, note: (text: string) => void) {
    this.#address = address
    this.#redis = redis
    this.#note = note
    this.#queue = new Queue(queueName(), { connection: redis, prefix: PREFIX })
    this.#heard = new QueueEvents(queueName(), { connection: redis, prefix: PREFIX })
    const away = (error: Error): void => {
      if (!this.#lost && !this.#closed) note(`the queue at ${address.shown} is away (${plain(error)}): waiting for it`)
      this.#lost = true
    }
    this.#queue.on('error', away)
    this.#heard.on('error', away)
    this.#heard.on('completed', ({ jobId }) => this.#pending.get(jobId)?.ended())
    this.#heard.on('failed', ({ jobId, failedReason }) => this.#pending.get(jobId)?.ended(String(failedReason)))
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.#look()).catch(() => {})
    }, LOOK)
  }

  /**
   * Joins a queue for one build.
   * @param note receives what a user should know: lost connections, refused results, that nobody works
   * @throws UserError when the queue cannot be reached
   */
  static async open(url: string, note: (text: string) => void): Promise<QueueWorkers> {
    const address = queueAddress(url)
    if (address.open)
      note(
        `photographs and results cross the network unencrypted to ${address.shown}: use rediss:// where others listen`,
      )
    const redis = await connected(address)
    const workers = new QueueWorkers(address, redis, note)
    await workers.#sign()
    await workers.#heard.waitUntilReady()
    await workers.#count()
    return workers
  }

  get room(): number {
    return Math.min(MOST, Math.max(FEWEST, PER_WORKER * this.#workers))
  }

  async run<T>(order: Order<T>, { priority, signal, sent }: RunOptions): Promise<Performed<T>> {
    const unit = Unit.parse({ ...order.unit, run: this.#run })
    // One for each unit under way.
    setMaxListeners(0, signal)
    const bytes = partsOf(unit).own.reduce((sum, part) => sum + part.bytes, 0)
    await this.#model(order)
    await this.#budget.take(bytes, signal)
    let job: string | undefined
    const free = (): void => {
      this.#budget.give(bytes)
      if (job !== undefined) void this.#forget(job)
    }
    const perform = async (): Promise<string> => {
      for (;;) {
        const id = randomUUID()
        job = id
        const failure = await this.#performed(id, unit, order, { priority, signal, ...(sent && { sent }) })
        if (failure === undefined) return id
        await this.#forget(id)
        if (failure !== DROPPED) throw failureOf(unit, failure)
      }
    }
    let done: string
    try {
      done = await perform()
    } catch (error) {
      free()
      throw error
    }
    return {
      take: async () => {
        try {
          for (let refusals = 0; ; ) {
            try {
              return order.accept(await this.#result(done, order.resultBytes))
            } catch (error) {
              if (!(error instanceof RefusedResult)) throw error
              this.#note(`a result for ${unit.kind} was refused: it ${error.message}`)
              if (++refusals === REFUSALS)
                throw new UserError(
                  `cannot continue with ${unit.kind}: ${REFUSALS} workers returned what is none of them (${error.message}); see who else uses the queue at ${this.#address.shown}, and run the same command again`,
                )
              await this.#forget(done)
              done = await perform()
            }
          }
        } finally {
          free()
        }
      },
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#timer)
    await this.#looking
    const ids = [...this.#pending.keys()]
    // A queue that is away must not keep the process: what is in it is forgotten by itself.
    const leave = async (): Promise<void> => {
      await this.#redis.del(runKey(this.#run))
      await Promise.all(ids.map(id => this.#queue.remove(id).catch(() => 0)))
      const keys = [...this.#kept, ...this.#shared.keys()]
      if (keys.length > 0) await this.#redis.del(...keys)
    }
    if (this.#redis.status === 'ready') await within(2_000, leave())
    await within(2_000, Promise.allSettled([this.#heard.close(), this.#queue.close()]))
    this.#redis.disconnect()
  }

  /** Puts a unit in the queue, and waits until it is performed. @returns why it was not; undefined when it was */
  async #performed<T>(
    id: string,
    unit: Unit,
    order: Order<T>,
    { priority, signal, sent }: RunOptions,
  ): Promise<string | undefined> {
    signal.throwIfAborted()
    const put = async (): Promise<void> => {
      await this.#put(id, unit, order)
      sent?.()
      await this.#queue.add(unit.kind, unit, {
        jobId: id,
        priority,
        attempts: ATTEMPTS,
        backoff: { type: 'exponential', delay: 500 },
        removeOnComplete: true,
        removeOnFail: true,
        stackTraceLimit: 0,
        sizeLimit: UNIT_BYTES,
      })
    }
    let stop: (() => void) | undefined
    try {
      return await new Promise<string | undefined>((resolve, reject) => {
        stop = () => reject(signal.reason)
        signal.addEventListener('abort', stop)
        this.#pending.set(id, { ended: resolve, since: Date.now() })
        put().catch(reject)
      })
    } catch (error) {
      void this.#queue.remove(id).catch(() => 0)
      throw error
    } finally {
      this.#pending.delete(id)
      if (stop) signal.removeEventListener('abort', stop)
    }
  }

  async #put<T>(id: string, unit: Unit, order: Order<T>): Promise<void> {
    // Hashed already, in the same order.
    const parts = partsOf(unit)
    for (const [i, content] of order.shared.entries()) {
      const key = sharedKey(this.#run, parts.shared[i]!.sha256)
      if (this.#shared.has(key)) continue
      this.#shared.set(key, content)
      await this.#redis.setex(key, KEPT, Buffer.from(content.buffer, content.byteOffset, content.length))
    }
    const contents = await order.contents()
    const fields = parts.own.map(({ sha256 }, i) => {
      const content = contents[i]!
      return [sha256, Buffer.from(content.buffer, content.byteOffset, content.length)] as const
    })
    const key = contentsKey(id)
    this.#kept.add(key)
    this.#kept.add(resultKey(id))
    await Promise.all([setContents(this.#redis, key, fields), this.#redis.expire(key, KEPT)])
    order.release?.(contents)
  }

  /** @throws RefusedResult when it is not there, or too large */
  async #result(id: string, most: number): Promise<Uint8Array> {
    // One byte more than it may have, so that a longer one is seen, and not fetched.
    const result = await this.#redis.getrangeBuffer(resultKey(id), 0, most)
    if (result.length > most) throw new RefusedResult(`has more than ${most} bytes`)
    if (result.length === 0) throw new RefusedResult('is not in the queue any more')
    return result
  }

  async #forget(id: string): Promise<void> {
    const keys = [contentsKey(id), resultKey(id)]
    for (const key of keys) this.#kept.delete(key)
    if (!this.#closed) await this.#redis.del(...keys).catch(() => 0)
  }

  #model({ classifier }: Pick<Order<unknown>, 'classifier'>): Promise<unknown> {
    const known = this.#models.get(classifier.hash)
    if (known) return known
    const sent = sendModel(this.#redis, classifier)
    this.#models.set(classifier.hash, sent)
    return sent
  }

  /** Says that this build runs. */
  async #sign(): Promise<void> {
    await this.#redis.set(runKey(this.#run), '1', 'PX', ALIVE)
  }

  async #count(): Promise<void> {
    const all = await workersOf(this.#redis)
    const own = all.filter(worker => worker.version === version())
    this.#workers = own.length
    if (own.length > 0 || this.#pending.size === 0) {
      this.#idle = false
      this.#lookedFor = Date.now()
      return
    }
    if (this.#idle || Date.now() - this.#lookedFor < DUE) return
    this.#idle = true
    const others = all.length > 0 ? ` (${all.length} of another version of Portolan)` : ''
    this.#note(
      `no worker has joined the queue at ${this.#address.shown}${others}: start portolan worker --queue there; the build waits`,
    )
  }

  /** Signs, counts the workers, and finds out what has become of units that nothing was heard of. */
  async #look(): Promise<void> {
    if (this.#redis.status !== 'ready') return
    await this.#sign()
    if (this.#lost) this.#note(`the queue at ${this.#address.shown} is back`)
    this.#lost = false
    await this.#count()
    for (const sent of this.#models.values()) await (await sent)()
    for (const [key, content] of this.#shared)
      if ((await this.#redis.expire(key, KEPT)) === 0)
        await this.#redis.setex(key, KEPT, Buffer.from(content.buffer, content.byteOffset, content.length))
    if (Date.now() - this.#renewed > 1000 * RENEW) {
      this.#renewed = Date.now()
      await Promise.all([...this.#kept].map(key => this.#redis.expire(key, KEPT)))
    }
    const due = [...this.#pending].filter(([, { since }]) => Date.now() - since > DUE)
    await Promise.all(
      due.map(async ([id, { ended }]) => {
        if ((await this.#queue.getJobState(id)) !== 'unknown') return
        // It has ended, and the event was lost; or the queue has lost it.
        ended((await this.#redis.exists(resultKey(id))) === 1 ? undefined : DROPPED)
      }),
    )
  }
}

function failureOf({ kind }: Unit, failure: string): UserError {
  const shown = visible(failure).slice(0, 600)
  return new UserError(
    /stalled more than/.test(failure)
      ? `cannot continue with ${kind}: every worker that began one unit stopped; see what they reported, and run the same command again`
      : `cannot continue with ${kind}: ${shown}`,
  )
}

/** Waits for something, but not for ever. */
async function within(milliseconds: number, something: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([
    something.catch((error: unknown) => void reason(error)),
    new Promise<void>(resolve => {
      timer = setTimeout(resolve, milliseconds)
    }),
  ])
  clearTimeout(timer)
}
