import { UserError } from '../../contract/errors.ts'
import type { Inversion } from '../../contract/inversion.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { RuntimeDisabled } from '../runtime/fallback/guard.ts'
import { isOutOfMemory } from '../runtime/fallback/out-of-memory.ts'
import type { Runtime, RuntimeIdentity } from '../runtime/runtime.ts'
import type { Sized } from './frame.ts'
import { sizedAt } from './layer-size.ts'
import type { InvertedIcon, InvertOptions } from './shard.ts'
import { type InverterParams, ShardedInverter, startsOf } from './sharded-inverter.ts'

/** The result of an inversion. `grey` and `non-finite` ones failed from all starts. */
export interface InversionResult extends InvertedIcon {
  /** Number of starts, more than 1 if earlier ones gave a grey or non-finite icon. */
  readonly starts: number
  /** The runtime that computed it. */
  readonly runtime: RuntimeIdentity
  /** Icons in its batch. */
  readonly batch: number
}

/** Maximum starts, each with a new seed, for an icon that stays grey or diverges. */
const MAX_STARTS = 3

type Inverted = Omit<InversionResult, 'starts'>

/**
 * Inverts directions of one layer: batch by batch, always of the same shape, so that equal input gives equal bytes.
 * Each icon is independent of its batch. So when memory runs out, the batch is halved, and when a runtime fails, the
 * next one restarts the batch.
 */
export class Inverter {
  readonly #params: InverterParams
  /** Maximum number of directions of one call. */
  readonly #maxBatch: number
  #shards: ShardedInverter
  #last: Promise<unknown> = Promise.resolve()

  private constructor(params: InverterParams, shards: ShardedInverter) {
    this.#params = params
    this.#shards = shards
    this.#maxBatch = Math.max(shards.batch, params.inversion.batch)
  }

  /**
   * @param inversion with the batch for runtimes without a measured one
   * @param batch     of icons, instead of the measured one
   */
  static async create(
    classifier: Classifier,
    runtime: Runtime,
    layer: Layer,
    inversion: Inversion,
    batch?: number,
  ): Promise<Inverter> {
    const params = { classifier, runtime, layer, inversion: sizedAt(classifier, layer, inversion) }
    return new Inverter(params, await createShards(params, batch))
  }

  /** The inversion parameters, with edges in pixels at this layer. */
  get inversion(): Sized {
    return this.#params.inversion
  }

  /** Maximum number of directions of one call. */
  get batch(): number {
    return this.#maxBatch
  }

  /**
   * Inverts up to `batch` directions together. Calls are executed sequentially.
   * @param directions [n, channels], 1 ≤ n ≤ batch, unwhitened
   * @returns n icons, in the same order
   */
  invert(directions: Float32Array, options: InvertOptions): Promise<InversionResult[]> {
    // Steps have state, so batches cannot run at the same time.
    const turn = this.#last.then(() => this.#invert(directions, options))
    this.#last = turn.catch(() => {})
    return turn
  }

  async #invert(directions: Float32Array, options: InvertOptions): Promise<InversionResult[]> {
    const { channels } = this.#params.layer
    const count = directions.length / channels
    if (!Number.isInteger(count) || count < 1 || count > this.#maxBatch)
      throw new RangeError(`a batch takes 1 to ${this.#maxBatch} directions of ${channels} channels`)
    const { size } = this.#params.inversion
    if (options.starts instanceof Float32Array && options.starts.length !== 3 * count * size ** 2)
      throw new RangeError(`${count} icons start from as many pictures of ${size} × ${size} pixels`)
    const icons: InversionResult[] = []
    let waiting = Array.from({ length: count }, (_, icon) => icon)
    for (let start = 0; start < MAX_STARTS && waiting.length > 0; start++) {
      const starts = chosenStarts(options, waiting, count)
      const results = await this.#start(rowsOf(directions, waiting, channels), start, { ...options, starts })
      for (const [at, icon] of waiting.entries()) icons[icon] = { ...results[at]!, starts: start + 1 }
      waiting = waiting.filter(icon => icons[icon]!.status !== 'ok')
    }
    return icons
  }

  async release(): Promise<void> {
    await this.#last
    await this.#shards.release()
  }

  /** One start of some directions, with retries after failures. */
  async #start(directions: Float32Array, start: number, options: InvertOptions): Promise<Inverted[]> {
    const { channels } = this.#params.layer
    const count = directions.length / channels
    const results: Inverted[] = []
    while (results.length < count) {
      const shards = this.#shards
      const end = Math.min(count, results.length + shards.batch)
      const part = directions.subarray(results.length * channels, end * channels)
      // Several batches instead of one report as many steps as the one.
      const [before, share] = [results.length / count, (end - results.length) / count]
      const report: InvertOptions['report'] = progress =>
        options.report?.({ ...progress, done: Math.floor(before * progress.total + share * progress.done) })
      try {
        const starts = startsOf(options, count, results.length, end)
        results.push(...(await this.#runAndValidate(shards, part, start, { ...options, starts, report })))
      } catch (error) {
        const batch = await batchAfterFailure(error, this.#params, shards)
        // Its runtime may have failed already.
        await shards.release().catch(() => {})
        this.#shards = await createShards(this.#params, batch)
      }
    }
    return results
  }

  /** One start; icons that diverged are repeated on the reference, because the runtime may be wrong. */
  async #runAndValidate(
    shards: ShardedInverter,
    directions: Float32Array,
    start: number,
    options: InvertOptions,
  ): Promise<Inverted[]> {
    const { runtime, layer } = this.#params
    const { identity, batch } = shards
    const { fallback } = runtime
    const results = (await shards.start(directions, start, options)).map(icon => ({
      ...icon,
      runtime: identity,
      batch,
    }))
    if (fallback === undefined || fallback.isReference(identity)) return results
    if (runtime.identity.name !== identity.name)
      throw new RuntimeDisabled(`${identity.name} was disabled during this inversion`)
    const diverged = results.flatMap(({ status }, i) => (status === 'non-finite' ? [i] : []))
    if (diverged.length === 0) return results
    const reference = await ShardedInverter.create(
      { ...this.#params, runtime: await fallback.reference() },
      diverged.length,
    )
    try {
      const second = await reference.start(rowsOf(directions, diverged, layer.channels), start, {
        ...options,
        starts: chosenStarts(options, diverged, results.length),
        report: undefined,
      })
      for (const [at, icon] of second.entries())
        results[diverged[at]!] = { ...icon, runtime: reference.identity, batch: reference.batch }
      const wrong = second.filter(({ status }) => status !== 'non-finite').length
      if (wrong > 0)
        await fallback.disable(identity, `returned numbers that are not finite for ${wrong} icons, where the CPU's are`)
    } finally {
      await reference.release()
    }
    return results
  }
}

/** Some rows of a matrix. @param matrix [n, width] @param rows in rising order @returns [rows, width] */
function rowsOf(matrix: Float32Array, rows: readonly number[], width: number): Float32Array {
  if (rows.length * width === matrix.length) return matrix
  const chosen = new Float32Array(rows.length * width)
  for (const [at, row] of rows.entries()) chosen.set(matrix.subarray(row * width, (row + 1) * width), at * width)
  return chosen
}

/** The pictures that some of `count` icons start from. @param icons in rising order */
function chosenStarts(
  { starts }: Pick<InvertOptions, 'starts'>,
  icons: readonly number[],
  count: number,
): InvertOptions['starts'] {
  return starts instanceof Float32Array ? rowsOf(starts, icons, starts.length / count) : starts
}

/** The sharded inverter of the current runtime. @param batch its size; by default the measured or requested one */
async function createShards(params: InverterParams, batch?: number): Promise<ShardedInverter> {
  let current = batch
  for (;;) {
    const { fallback, identity } = params.runtime
    const size = current ?? fallback?.batch ?? params.inversion.batch
    try {
      return await ShardedInverter.create(params, size)
    } catch (error) {
      current = await batchAfterFailure(error, params, { identity, batch: size })
    }
  }
}

/**
 * The batch to retry with after a failure: half of it, or undefined on another runtime, which has its default.
 * @throws the error if no retry can help
 */
async function batchAfterFailure(
  error: unknown,
  { runtime, inversion }: InverterParams,
  { identity, batch }: Pick<ShardedInverter, 'identity' | 'batch'>,
): Promise<number | undefined> {
  if (error instanceof RuntimeDisabled) return undefined
  if (!isOutOfMemory(error)) throw error
  const { fallback } = runtime
  if (batch > 1) {
    const half = Math.ceil(batch / 2)
    fallback?.note(`${identity.name} ran out of memory with ${batch} icons at a time: from now on ${half}`)
    return half
  }
  if (fallback === undefined || fallback.isReference(identity))
    throw new UserError(
      `a single icon of ${inversion.size} px does not fit in memory; close other programs, or choose smaller icons`,
      { cause: error },
    )
  await fallback.disable(identity, `ran out of memory with a single icon of ${inversion.size} px`)
  return undefined
}
