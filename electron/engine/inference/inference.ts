import { UserError } from '../../contract/errors.ts'
import type { Report } from '../../contract/progress.ts'
import type { Calibration, RuntimeChoice, RuntimeName, RuntimesState } from '../../contract/runtimes.ts'
import type { Classifier } from '../model/classifier.ts'
import type { Backend, Found } from '../runtime/backend.ts'
import { BACKENDS } from '../runtime/backends.ts'
import { GuardedRuntime } from '../runtime/fallback/guarded.ts'
import { RuntimePool, sentenceOf } from '../runtime/pool.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { measured, referenceOutputs } from './measure.ts'
import { RememberedRuntimes } from './remembered.ts'

interface InferenceOptions {
  readonly backends?: readonly Backend[]
  readonly remembered?: RememberedRuntimes
  readonly threads?: number | undefined
  /** Which of several devices of a kind. */
  readonly device?: number | undefined
  /** Overrides the user's choice for the model. */
  readonly choice?: RuntimeChoice | undefined
}

/** Callbacks during the wait for a runtime. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined
  readonly report?: Report | undefined
  /** Logs messages that should be stored with the results. */
  readonly note?: ((text: string) => void) | undefined
}

const REFERENCE: RuntimeName = 'cpu'

/** The inference of a process: the available runtimes, the choice for each model, and the fallback. */
export class Inference {
  readonly pool: RuntimePool
  readonly #remembered: RememberedRuntimes
  readonly #override: RuntimeChoice | undefined
  #measuring: Promise<unknown> = Promise.resolve()

  constructor({
    backends = BACKENDS,
    remembered = new RememberedRuntimes(),
    threads,
    device,
    choice,
  }: InferenceOptions = {}) {
    this.pool = new RuntimePool(backends, { threads, device })
    this.#remembered = remembered
    this.#override = choice
  }

  /**
   * The runtime for a model: the user's choice, or the fastest of those measured.
   * @throws UserError when the chosen one is unavailable
   */
  async runtime(model: string, { note }: WaitOptions = {}): Promise<Runtime> {
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

  /** The CPU, which is available immediately. */
  reference({ note }: Pick<WaitOptions, 'note'> = {}): Promise<Runtime> {
    return GuardedRuntime.create(this.pool, [REFERENCE], note && { note })
  }

  /** The runtime for long work with a model: at first use, runtimes with a separate device are measured. */
  async runtimeFor(classifier: Classifier, waiting: WaitOptions = {}): Promise<Runtime> {
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
   * Measures runtimes with a model, compares their numbers with the CPU's, and stores the fastest.
   * @param everything also runtimes that share the processor; otherwise only those with a separate device, and the CPU,
   *   unless a calibration exists by now
   */
  async calibrate(
    classifier: Classifier,
    {
      signal = new AbortController().signal,
      report,
      everything = true,
    }: WaitOptions & { readonly everything?: boolean } = {},
  ): Promise<Calibration> {
    // One at a time: two would slow each other.
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
    const available = found.filter(
      ({ name, missing, accelerated }) => missing === null && (everything || accelerated || name === REFERENCE),
    )
    const expected = await referenceOutputs(classifier, await this.pool.open(REFERENCE), signal)
    const measurements = []
    for (const [done, each] of available.entries()) {
      report?.({ stage: `measuring ${each.title}`, done, total: available.length, unit: 'runtimes' })
      measurements.push(await measured(classifier, each, () => this.#usable(each.name), expected, signal))
    }
    report?.({ stage: 'measuring', done: available.length, total: available.length, unit: 'runtimes' })
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

  /** @throws UserError when the runtime is unavailable */
  async choose(model: string, choice: RuntimeChoice): Promise<void> {
    requireAvailable(choice, await this.pool.found(true))
    this.#remembered.choose(model, choice)
  }

  async state(model: string): Promise<RuntimesState> {
    const found = await this.pool.found(true)
    const calibration = this.#remembered.calibration(model, devicesOf(found)) ?? null
    const choice = this.#choice(model)
    if (this.#remembered.withoutDevices && devicesAmong(found).length > 0) this.#remembered.looked(true)
    // The chosen runtime may be unavailable now.
    const order = isAvailable(choice, found) ? orderOf(choice, found, calibration ?? undefined) : [REFERENCE]
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

const isAvailable = (choice: RuntimeChoice, found: readonly Found[]): boolean =>
  choice === 'auto' || found.some(({ name, missing }) => name === choice && missing === null)

function requireAvailable(choice: RuntimeChoice, found: readonly Found[]): void {
  if (isAvailable(choice, found)) return
  const missing = found.find(({ name }) => name === choice)
  const why = missing?.missing ?? 'it is unknown to this version of Portolan'
  throw new UserError(
    `cannot run on ${choice}: ${why}${missing?.remedy ? ` (${missing.remedy})` : ''}; portolan runtimes lists the available ones`,
  )
}

/** From the preferred runtime to the reference: each is the fallback of those before it. */
function orderOf(
  choice: RuntimeChoice,
  found: readonly Found[],
  calibration: Calibration | undefined,
): readonly RuntimeName[] {
  requireAvailable(choice, found)
  if (choice === REFERENCE) return [REFERENCE]
  const correct = (calibration?.measurements ?? [])
    .filter(({ name, refused, stepMs }) => refused === null && stepMs !== null && isAvailable(name, found))
    .sort((a, b) => a.stepMs! - b.stepMs!)
    .map(({ name }) => name)
  // Runtimes slower than the reference are no fallback.
  const faster = correct.slice(0, Math.max(0, correct.indexOf(REFERENCE)))
  return choice === 'auto' ? [...faster, REFERENCE] : [choice, ...faster.filter(name => name !== choice), REFERENCE]
}

/** The validity of a measurement: libraries and devices of this machine. */
const devicesOf = (found: readonly Found[]): string =>
  found
    .filter(({ missing }) => missing === null)
    .map(({ name, library, device }) => `${name}: ${library} on ${device}`)
    .join('; ')
