import type { Classifier, Layer } from '../model/classifier.ts'
import type { Runtime, RuntimeIdentity } from '../runtime/runtime.ts'
import type { Sized } from './frame.ts'
import { type InvertedIcon, type InvertOptions, Shard } from './shard.ts'

/** What is inverted, and on what. */
export interface InverterOrder {
  readonly classifier: Classifier
  readonly runtime: Runtime
  readonly layer: Layer
  readonly inversion: Sized
}

/** The lanes of one runtime that make a batch together. */
export class ShardedInverter {
  readonly #channels: number
  readonly #share: number
  readonly #lanes: readonly Shard[]
  /** What makes the icons. */
  readonly identity: RuntimeIdentity

  private constructor(channels: number, share: number, lanes: readonly Shard[], identity: RuntimeIdentity) {
    this.#channels = channels
    this.#share = share
    this.#lanes = lanes
    this.identity = identity
  }

  /** @param batch icons at a time; a few more where lanes would be uneven */
  static async gather(
    { classifier, runtime, layer, inversion }: InverterOrder,
    batch: number,
  ): Promise<ShardedInverter> {
    const runtimes = (await runtime.lanes()).slice(0, batch)
    const share = Math.ceil(batch / runtimes.length)
    const begun = runtimes.map(lane => Shard.create(classifier, lane, layer, { ...inversion, batch: share }))
    try {
      return new ShardedInverter(layer.channels, share, await Promise.all(begun), runtime.identity)
    } catch (error) {
      // Those that could be prepared hold weights.
      for (const lane of await Promise.allSettled(begun)) if (lane.status === 'fulfilled') await lane.value.release()
      throw error
    }
  }

  /** Directions that are inverted together. */
  get batch(): number {
    return this.#share * this.#lanes.length
  }

  /** One start of all lanes that have something to do, side by side. @param rows up to `batch` directions */
  async start(rows: readonly Float32Array[], start: number, options: InvertOptions): Promise<InvertedIcon[]> {
    const shares = this.#lanes.flatMap((lane, i) => {
      const own = rows.slice(i * this.#share, (i + 1) * this.#share)
      return own.length > 0 ? [{ lane, directions: this.#filled(own) }] : []
    })
    // Lanes go at the same pace; the one behind tells how far the batch has come.
    const done = shares.map(() => 0)
    const report = options.report
    const made = await Promise.all(
      shares.map(({ lane, directions }, i) =>
        lane.start(directions, start, {
          ...options,
          report: progress => {
            const before = Math.min(...done)
            done[i] = progress.done
            if (Math.min(...done) > before) report?.({ ...progress, done: Math.min(...done) })
          },
        }),
      ),
    )
    return made.flatMap((its, i) => its.slice(0, rows.length - i * this.#share))
  }

  async release(): Promise<void> {
    await Promise.all(this.#lanes.map(lane => lane.release()))
  }

  /** A whole share: where there are fewer directions, the last one stands in for the missing. */
  #filled(rows: readonly Float32Array[]): Float32Array {
    const share = new Float32Array(this.#share * this.#channels)
    for (let icon = 0; icon < this.#share; icon++)
      share.set(rows[Math.min(icon, rows.length - 1)]!, icon * this.#channels)
    return share
  }
}
