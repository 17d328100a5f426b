import { UserError } from '../../contract/errors.ts'
import type { Inversion } from '../../contract/inversion.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { RuntimeDisabled } from '../runtime/fallback/guard.ts'
import { isOutOfMemory } from '../runtime/fallback/out-of-memory.ts'
import type { Runtime, RuntimeIdentity } from '../runtime/runtime.ts'
import { type Sized, sizedFor } from './frame.ts'
import type { InvertedIcon, InvertOptions } from './shard.ts'
import { type InverterOrder, ShardedInverter } from './sharded-inverter.ts'

/** An icon as it came out in the end. `grey` and `non-finite` ones are what is left after two more starts. */
export interface Icon extends InvertedIcon {
  /** Starts that were needed because earlier ones came out grey or non-finite; 1 as a rule. */
  readonly starts: number
  /** What made it. */
  readonly runtime: RuntimeIdentity
  /** How many were made together. */
  readonly batch: number
}

/** Starts with fresh seeds for an icon that stays grey or runs off to infinity. */
const STARTS = 3

type Inverted = Omit<Icon, 'starts'>

/**
 * Inverts directions of one layer: batch by batch, always of the same shape, so that equal input gives equal bytes.
 * Icons do not depend on their company. So where memory runs out, half as many are made at a time, and where a runtime
 * fails, the next one begins the batch again.
 */
export class Inverter {
  readonly #order: InverterOrder
  /** Directions that were promised to fit into one call. */
  readonly #most: number
  #team: ShardedInverter
  #last: Promise<unknown> = Promise.resolve()

  private constructor(order: InverterOrder, team: ShardedInverter) {
    this.#order = order
    this.#team = team
    this.#most = Math.max(team.batch, order.inversion.batch)
  }

  /** @param inversion its `batch` counts where none was measured for the runtime */
  static async create(classifier: Classifier, runtime: Runtime, layer: Layer, inversion: Inversion): Promise<Inverter> {
    const order = { classifier, runtime, layer, inversion: sizedFor(inversion, layer) }
    return new Inverter(order, await gathered(order))
  }

  /** What is run, with its edges in pixels as they follow from the layer. */
  get inversion(): Sized {
    return this.#order.inversion
  }

  /** Directions that one call takes at most. */
  get batch(): number {
    return this.#most
  }

  /**
   * Inverts up to `batch` directions together. Calls are done one after the other.
   * @param directions [n, channels], 1 ≤ n ≤ batch, unwhitened
   * @returns n icons, in the same order
   */
  invert(directions: Float32Array, options: InvertOptions): Promise<Icon[]> {
    // Steps have state: two batches at once would step on each other's.
    const turn = this.#last.then(() => this.#invert(directions, options))
    this.#last = turn.catch(() => {})
    return turn
  }

  async #invert(directions: Float32Array, options: InvertOptions): Promise<Icon[]> {
    const { channels } = this.#order.layer
    const count = directions.length / channels
    if (!Number.isInteger(count) || count < 1 || count > this.#most)
      throw new RangeError(`a batch takes 1 to ${this.#most} directions of ${channels} channels`)
    const icons: Icon[] = []
    let waiting = Array.from({ length: count }, (_, icon) => icon)
    for (let start = 0; start < STARTS && waiting.length > 0; start++) {
      const rows = waiting.map(icon => directions.subarray(icon * channels, (icon + 1) * channels))
      const made = await this.#start(rows, start, options)
      for (const [at, icon] of waiting.entries()) icons[icon] = { ...made[at]!, starts: start + 1 }
      waiting = waiting.filter(icon => icons[icon]!.status !== 'ok')
    }
    return icons
  }

  async release(): Promise<void> {
    await this.#last
    await this.#team.release()
  }

  /** One start of some directions, whatever fails meanwhile. */
  async #start(rows: readonly Float32Array[], start: number, options: InvertOptions): Promise<Inverted[]> {
    const made: Inverted[] = []
    while (made.length < rows.length) {
      const team = this.#team
      const part = rows.slice(made.length, made.length + team.batch)
      // Several batches in place of one count for as many steps as the one.
      const [before, share] = [made.length / rows.length, part.length / rows.length]
      const report: InvertOptions['report'] = progress =>
        options.report?.({ ...progress, done: Math.floor(before * progress.total + share * progress.done) })
      try {
        made.push(...(await this.#believed(team, part, start, { ...options, report })))
      } catch (error) {
        const batch = await instead(error, this.#order, team)
        // Its runtime may be gone, and its memory with it.
        await team.release().catch(() => {})
        this.#team = await gathered(this.#order, batch)
      }
    }
    return made
  }

  /** A start, of which what ran off to infinity is asked of the reference as well: it may be the runtime's fault. */
  async #believed(
    team: ShardedInverter,
    rows: readonly Float32Array[],
    start: number,
    options: InvertOptions,
  ): Promise<Inverted[]> {
    const { runtime } = this.#order
    const { identity, batch } = team
    const { fallback } = runtime
    const made = (await team.start(rows, start, options)).map(icon => ({ ...icon, runtime: identity, batch }))
    if (fallback === undefined || fallback.isReference(identity)) return made
    if (runtime.identity.name !== identity.name)
      throw new RuntimeDisabled(`${identity.name} was disabled while it made these icons`)
    const doubtful = made.flatMap(({ status }, i) => (status === 'non-finite' ? [i] : []))
    if (doubtful.length === 0) return made
    const reference = await ShardedInverter.gather(
      { ...this.#order, runtime: await fallback.reference() },
      doubtful.length,
    )
    try {
      const second = await reference.start(
        doubtful.map(i => rows[i]!),
        start,
        { ...options, report: undefined },
      )
      for (const [at, icon] of second.entries())
        made[doubtful[at]!] = { ...icon, runtime: reference.identity, batch: reference.batch }
      const wrong = second.filter(({ status }) => status !== 'non-finite').length
      if (wrong > 0)
        await fallback.disable(identity, `gave numbers that are not finite for ${wrong} icons, where the CPU's are`)
    } finally {
      await reference.release()
    }
    return made
  }
}

/** A team of the runtime that answers now. @param batch what was found to fit; what was measured or asked for otherwise */
async function gathered(order: InverterOrder, batch?: number): Promise<ShardedInverter> {
  let wanted = batch
  for (;;) {
    const { fallback, identity } = order.runtime
    const size = wanted ?? fallback?.batch ?? order.inversion.batch
    try {
      return await ShardedInverter.gather(order, size)
    } catch (error) {
      wanted = await instead(error, order, { identity, batch: size })
    }
  }
}

/**
 * What to try after a failure: half the batch, or another runtime, which begins with a batch of its own.
 * @throws what can't be helped
 */
async function instead(
  error: unknown,
  { runtime, inversion }: InverterOrder,
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
      `there is too little memory for even one icon of ${inversion.size} px; close other programs, or choose smaller icons`,
      { cause: error },
    )
  await fallback.disable(identity, `ran out of memory with a single icon of ${inversion.size} px`)
  return undefined
}
