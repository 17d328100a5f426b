import type { Inversion } from '../../contract/inversion.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { type InvertOptions, Lane, type Made } from './lane.ts'

/** An icon as it came out in the end. `grey` and `non-finite` ones are what is left after two more starts. */
export interface Icon extends Made {
  /** Starts that were needed because earlier ones came out grey or non-finite; 1 as a rule. */
  readonly starts: number
}

/** Starts with fresh seeds for an icon that stays grey or runs off to infinity. */
const STARTS = 3

/**
 * Inverts directions of one layer: batch by batch, always of the same shape, so that equal input gives equal bytes.
 * A batch is shared out among the runtime's lanes. Icons do not depend on their company, so neither does it matter how
 * many lanes there are.
 */
export class Inverter {
  readonly #channels: number
  readonly #share: number
  readonly #lanes: readonly Lane[]

  private constructor(channels: number, share: number, lanes: readonly Lane[]) {
    this.#channels = channels
    this.#share = share
    this.#lanes = lanes
  }

  static async create(classifier: Classifier, runtime: Runtime, layer: Layer, inversion: Inversion): Promise<Inverter> {
    const runtimes = (await runtime.lanes()).slice(0, inversion.batch)
    const share = Math.ceil(inversion.batch / runtimes.length)
    const lanes = await Promise.all(
      runtimes.map(lane => Lane.create(classifier, lane, layer, { ...inversion, batch: share })),
    )
    return new Inverter(layer.channels, share, lanes)
  }

  /** Directions that are inverted together. */
  get batch(): number {
    return this.#share * this.#lanes.length
  }

  /**
   * Inverts up to `batch` directions together.
   * @param directions [n, channels], 1 ≤ n ≤ batch, unwhitened
   * @returns n icons, in the same order
   */
  async invert(directions: Float32Array, options: InvertOptions): Promise<Icon[]> {
    const channels = this.#channels
    const count = directions.length / channels
    if (!Number.isInteger(count) || count < 1 || count > this.batch)
      throw new RangeError(`a batch takes 1 to ${this.batch} directions of ${channels} channels`)
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
    await Promise.all(this.#lanes.map(lane => lane.release()))
  }

  /** One start of all lanes that have something to do, side by side. */
  async #start(rows: readonly Float32Array[], start: number, options: InvertOptions): Promise<Made[]> {
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
    return made.flat()
  }

  /** A whole share: where there are fewer directions, the last one stands in for the missing. */
  #filled(rows: readonly Float32Array[]): Float32Array {
    const share = new Float32Array(this.#share * this.#channels)
    for (let icon = 0; icon < this.#share; icon++)
      share.set(rows[Math.min(icon, rows.length - 1)]!, icon * this.#channels)
    return share
  }
}
