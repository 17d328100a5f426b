import { join } from 'node:path'
import { z } from 'zod'
import { reason, UserError } from '../../contract/errors.ts'
import { Calibration, RuntimeChoice } from '../../contract/runtimes.ts'
import { Time } from '../../contract/values.ts'
import { userFolder } from '../files/user-folder.ts'
import { UserJson } from '../files/user-json.ts'

/**
 * The content of the file. Calibrations are for the machine's devices: with other devices, runtimes are measured again.
 */
const Content = z.object({
  version: z.literal(1),
  /** By model hash. */
  choices: z.record(z.string(), RuntimeChoice),
  calibrations: z.array(z.object({ devices: z.string(), calibration: Calibration })),
  /** Time of the last search that found no device. */
  nothingFound: Time.nullable().default(null),
})
type Content = z.infer<typeof Content>

const NOTHING: Content = { version: 1, choices: {}, calibrations: [], nothingFound: null }

/** Maximum age of a search for devices, which starts each of their libraries and takes seconds. */
const DAY = 86_400_000

/** The user's choices and the calibrations, stored in a file of the user's folder. Read again at every access. */
export class RememberedRuntimes {
  readonly #stored: UserJson<Content>

  constructor(file = join(userFolder(), 'runtimes.json')) {
    this.#stored = new UserJson(file, Content, NOTHING)
  }

  choice(model: string): RuntimeChoice {
    return this.#stored.read().choices[model] ?? 'auto'
  }

  choose(model: string, choice: RuntimeChoice): void {
    const content = this.#stored.read()
    const problem = this.#stored.write({ ...content, choices: { ...content.choices, [model]: choice } })
    if (problem !== undefined)
      throw new UserError(
        `cannot save the choice of runtime in ${this.#stored.file}: ${reason(problem)}; make that file writable`,
      )
  }

  /** Whether another runtime than the CPU was ever the fastest for a model, on any devices. */
  prefersDevice(model: string): boolean {
    return this.#stored
      .read()
      .calibrations.some(({ calibration: { model: its, winner } }) => its === model && winner !== 'cpu')
  }

  /** Whether a search within a day found no device. */
  get withoutDevices(): boolean {
    const { nothingFound } = this.#stored.read()
    return nothingFound !== null && Date.now() - nothingFound < DAY
  }

  looked(found: boolean): void {
    this.#stored.write({ ...this.#stored.read(), nothingFound: found ? null : Date.now() })
  }

  /** @param devices the machine's current devices */
  calibration(model: string, devices: string): Calibration | undefined {
    return this.#stored.read().calibrations.find(each => each.calibration.model === model && each.devices === devices)
      ?.calibration
  }

  calibrated(devices: string, calibration: Calibration): void {
    const content = this.#stored.read()
    const others = content.calibrations.filter(each => each.calibration.model !== calibration.model)
    this.#stored.write({ ...content, calibrations: [...others, { devices, calibration }] })
  }

  /** Why the file can't be read, one sentence; null where it can, or does not exist. Its content is ignored then. */
  get problem(): string | null {
    const error = this.#stored.damage
    return error === undefined
      ? null
      : `cannot read ${this.#stored.file} (${reason(error).split('\n')[0]}): the CPU is used until runtimes are measured again`
  }
}
