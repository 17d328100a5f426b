import type { Classifier, Layer } from '../model/classifier.ts'
import type { Runtime, RuntimeIdentity } from '../runtime/runtime.ts'
import type { Sized } from './frame.ts'
import { type InvertedIcon, type InvertOptions, Shard } from './shard.ts'

/** The parameters of an inverter. */
export interface InverterParams {
  readonly classifier: Classifier
  readonly runtime: Runtime
  readonly layer: Layer
  readonly inversion: Sized
}

/** The shards of one runtime that invert a batch together. */
export class ShardedInverter {
  readonly #channels: number
  readonly #shardSize: number
  readonly #shards: readonly Shard[]
  /** The runtime of the icons. */
  readonly identity: RuntimeIdentity

  private constructor(channels: number, shardSize: number, shards: readonly Shard[], identity: RuntimeIdentity) {
    this.#channels = channels
    this.#shardSize = shardSize
    this.#shards = shards
    this.identity = identity
  }

  /** @param batch icons at a time; rounded up to equal shards */
  static async create(
    { classifier, runtime, layer, inversion }: InverterParams,
    batch: number,
  ): Promise<ShardedInverter> {
    const runtimes = (await runtime.shards()).slice(0, batch)
    const shardSize = Math.ceil(batch / runtimes.length)
    const pending = runtimes.map(shard => Shard.create(classifier, shard, layer, { ...inversion, batch: shardSize }))
    try {
      return new ShardedInverter(layer.channels, shardSize, await Promise.all(pending), runtime.identity)
    } catch (error) {
      // The shards that were created have weights in memory.
      for (const shard of await Promise.allSettled(pending))
        if (shard.status === 'fulfilled') await shard.value.release()
      throw error
    }
  }

  /** Directions that are inverted together. */
  get batch(): number {
    return this.#shardSize * this.#shards.length
  }

  /** One start of all shards, in parallel. @param directions [n, channels], n ≤ batch; the last shards may have none */
  async start(directions: Float32Array, start: number, options: InvertOptions): Promise<InvertedIcon[]> {
    const count = directions.length / this.#channels
    const length = this.#shardSize * this.#channels
    const shares = this.#shards.flatMap((shard, i) => {
      const part = directions.subarray(i * length, (i + 1) * length)
      if (part.length === 0) return []
      const own = part.length / this.#channels
      const starts = startsOf(options, count, i * this.#shardSize, i * this.#shardSize + own)
      return [
        {
          shard,
          directions: this.#padded(part, own),
          starts: starts instanceof Float32Array ? this.#padded(starts, own) : starts,
        },
      ]
    })
    // Shards run at the same speed; the slowest determines the progress of the batch.
    const done = shares.map(() => 0)
    const report = options.report
    const results = await Promise.all(
      shares.map(({ shard, directions, starts }, i) =>
        shard.start(directions, start, {
          ...options,
          starts,
          report: progress => {
            const before = Math.min(...done)
            done[i] = progress.done
            if (Math.min(...done) > before) report?.({ ...progress, done: Math.min(...done) })
          },
        }),
      ),
    )
    return results.flatMap((icons, i) => icons.slice(0, count - i * this.#shardSize))
  }

  async release(): Promise<void> {
    await Promise.all(this.#shards.map(shard => shard.release()))
  }

  /** The rows of a complete shard, padded with the last one. @param count of the rows that are there */
  #padded(rows: Float32Array, count: number): Float32Array {
    if (count === this.#shardSize) return rows
    const width = rows.length / count
    const length = this.#shardSize * width
    const padded = new Float32Array(length)
    padded.set(rows)
    const last = rows.subarray(-width)
    for (let at = rows.length; at < length; at += width) padded.set(last, at)
    return padded
  }
}

/** The pictures of some of the icons to start from. @param count of all icons */
export const startsOf = (
  { starts }: Pick<InvertOptions, 'starts'>,
  count: number,
  from: number,
  to: number,
): InvertOptions['starts'] => {
  if (!(starts instanceof Float32Array)) return starts
  const width = starts.length / count
  return starts.subarray(from * width, to * width)
}
