import { UserError } from '../../contract/errors.ts'
import type { Report } from '../../contract/progress.ts'
import type { Calibration, RuntimeChoice, RuntimeName, RuntimesState } from '../../contract/runtimes.ts'
import type { Classifier } from '../model/classifier.ts'
import type { Backend, Found } from '../runtime/backend.ts'
import { BACKENDS } from '../runtime/backends.ts'
import { GuardedRuntime } from '../runtime/fallback/guarded.ts'
import { RuntimePool, sentenceOf } from '../runtime/pool.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { answersOf, measured } from './measure.ts'
import { RememberedRuntimes } from './remembered.ts'

interface InferenceOptions {
  readonly backends?: readonly Backend[]
  readonly remembered?: RememberedRuntimes
  readonly threads?: number | undefined
  /** In place of what the user chose for the model. */
  readonly choice?: RuntimeChoice | undefined
}

/** What somebody who waits for a runtime may be told meanwhile. */
export interface Waiting {
  readonly signal?: AbortSignal | undefined
  readonly report?: Report | undefined
  /** For what should be found again beside the results. */
  readonly note?: ((text: string) => void) | undefined
}

const REFERENCE: RuntimeName = 'cpu'

/** The inference of a process: which runtimes there are, which one a model runs on, and what takes over where it fails. */
export class Inference {
  readonly pool: RuntimePool
  readonly #remembered: RememberedRuntimes
  readonly #override: RuntimeChoice | undefined
  #measuring: Promise<unknown> = Promise.resolve()

  constructor({ backends = BACKENDS, remembered = new RememberedRuntimes(), threads, choice }: InferenceOptions = {}) {
    this.pool = new RuntimePool(backends, { threads })
    this.#remembered = remembered
    this.#override = choice
  }

  /**
   * The runtime for a model: the one that was chosen, or the fastest of those that were measured.
   * @throws UserError when the chosen one isn't there
   */
  async runtime(model: string, { note }: Waiting = {}): Promise<Runtime> {
    const { problem } = this.#remembered
    if (problem !== null) note?.(problem)
    const choice = this.#choice(model)
    if (choice === REFERENCE || (choice === 'auto' && !this.#remembered.prefersDevice(model)))
      return this.reference({ note })
    const found = await this.pool.found()
    const calibration = this.#remembered.calibration(model, devicesOf(found))
    const order = orderOf(choice, found, calibration)
    const batches = new Map(
      (calibration?.measurements ?? []).flatMap(({ name, batch }) =>
        batch === null || name === REFERENCE ? [] : [[name, batch] as const],
      ),
    )
    return GuardedRuntime.create(this.pool, order, { batches, ...(note && { note }) })
  }

  /** The CPU, which is there at once. */
  reference({ note }: Pick<Waiting, 'note'> = {}): Promise<Runtime> {
    return GuardedRuntime.create(this.pool, [REFERENCE], note && { note })
  }

  /** The runtime for long work with a model: on first use, what has a device of its own is measured. */
  async runtimeFor(classifier: Classifier, waiting: Waiting = {}): Promise<Runtime> {
    if (this.#choice(classifier.hash) === 'auto' && !this.#remembered.withoutDevices) {
      const found = await this.pool.found()
      const candidates = devicesAmong(found)
      this.#remembered.looked(candidates.length > 0)
      if (candidates.length > 0 && !this.#remembered.calibration(classifier.hash, devicesOf(found))) {
        const names = candidates.map(({ title }) => title).join(', ')
        waiting.note?.(`first use of ${classifier.name}: measuring ${names} and the CPU, about ten seconds each`)
        await this.calibrate(classifier, { ...waiting, everything: false })
      }
    }
    return this.runtime(classifier.hash, waiting)
  }

  /**
   * Measures runtimes with a model, holds their numbers against the CPU's, and remembers who was fastest.
   * @param everything also what shares the processor; otherwise only what has a device of its own, and the CPU, and only
   *   what nobody has measured meanwhile
   */
  async calibrate(
    classifier: Classifier,
    {
      signal = new AbortController().signal,
      report,
      everything = true,
    }: Waiting & { readonly everything?: boolean } = {},
  ): Promise<Calibration> {
    // Two at once would measure each other.
    const turn = this.#measuring.then(async () => {
      const known = everything
        ? undefined
        : this.#remembered.calibration(classifier.hash, devicesOf(await this.pool.found()))
      return known ?? this.#calibrate(classifier, signal, report, everything)
    })
    this.#measuring = turn.catch(() => {})
    return turn
  }

  async #calibrate(
    classifier: Classifier,
    signal: AbortSignal,
    report: Report | undefined,
    everything: boolean,
  ): Promise<Calibration> {
    const found = await this.pool.found(true)
    const there = found.filter(
      ({ name, missing, accelerated }) => missing === null && (everything || accelerated || name === REFERENCE),
    )
    const right = await answersOf(classifier, await this.pool.open(REFERENCE), signal)
    const measurements = []
    for (const [done, each] of there.entries()) {
      report?.({ stage: `measuring ${each.title}`, done, total: there.length, unit: 'runtimes' })
      measurements.push(await measured(classifier, each, () => this.#usable(each.name), right, signal))
    }
    report?.({ stage: 'measuring', done: there.length, total: there.length, unit: 'runtimes' })
    const [winner] = measurements
      .filter(({ refused, stepMs }) => refused === null && stepMs !== null)
      .sort((a, b) => a.stepMs! - b.stepMs!)
    const calibration = {
      model: classifier.hash,
      at: Date.now(),
      winner: winner?.name ?? REFERENCE,
      measurements,
    }
    this.#remembered.calibrated(devicesOf(found), calibration)
    return calibration
  }

  #usable(name: RuntimeName): Promise<Runtime> {
    const disabled = this.pool.disabled.find(({ runtime }) => runtime === name)
    return disabled ? Promise.reject(new Error(sentenceOf(disabled))) : this.pool.open(name)
  }

  /** @throws UserError when the runtime isn't there */
  async choose(model: string, choice: RuntimeChoice): Promise<void> {
    requireThere(choice, await this.pool.found(true))
    this.#remembered.choose(model, choice)
  }

  async state(model: string): Promise<RuntimesState> {
    const found = await this.pool.found(true)
    const calibration = this.#remembered.calibration(model, devicesOf(found)) ?? null
    const choice = this.#choice(model)
    if (this.#remembered.withoutDevices && devicesAmong(found).length > 0) this.#remembered.looked(true)
    // What was chosen may be gone since.
    const order = isThere(choice, found) ? orderOf(choice, found, calibration ?? undefined) : [REFERENCE]
    return {
      runtimes: found.map(({ accelerated: _, ...shown }) => shown),
      choice,
      inUse: order.find(name => !this.pool.isDisabled(name)) ?? REFERENCE,
      calibration,
      disabled: this.pool.disabled.map(disabled => ({ ...disabled, reason: sentenceOf(disabled) })),
    }
  }

  close(): Promise<void> {
    return this.pool.close()
  }

  #choice(model: string): RuntimeChoice {
    return this.#override ?? this.#remembered.choice(model)
  }
}

const devicesAmong = (found: readonly Found[]): readonly Found[] =>
  found.filter(({ accelerated, missing }) => accelerated && missing === null)

const isThere = (choice: RuntimeChoice, found: readonly Found[]): boolean =>
  choice === 'auto' || found.some(({ name, missing }) => name === choice && missing === null)

function requireThere(choice: RuntimeChoice, found: readonly Found[]): void {
  if (isThere(choice, found)) return
  const missing = found.find(({ name }) => name === choice)
  const why = missing?.missing ?? 'this Portolan does not have it'
  throw new UserError(
    `cannot run on ${choice}: ${why}${missing?.remedy ? ` (${missing.remedy})` : ''}; portolan runtimes lists what there is`,
  )
}

/** From the runtime that is wanted to the reference: whoever comes later takes over where the earlier ones fail. */
function orderOf(
  choice: RuntimeChoice,
  found: readonly Found[],
  calibration: Calibration | undefined,
): readonly RuntimeName[] {
  requireThere(choice, found)
  if (choice === REFERENCE) return [REFERENCE]
  const right = (calibration?.measurements ?? [])
    .filter(({ name, refused, stepMs }) => refused === null && stepMs !== null && isThere(name, found))
    .sort((a, b) => a.stepMs! - b.stepMs!)
    .map(({ name }) => name)
  // What is slower than the reference has nothing to take over.
  const faster = right.slice(0, Math.max(0, right.indexOf(REFERENCE)))
  return choice === 'auto' ? [...faster, REFERENCE] : [choice, ...faster.filter(name => name !== choice), REFERENCE]
}

/** What a measurement holds for: libraries and devices of this machine. */
const devicesOf = (found: readonly Found[]): string =>
  found
    .filter(({ missing }) => missing === null)
    .map(({ name, library, device }) => `${name}: ${library} on ${device}`)
    .join('; ')
