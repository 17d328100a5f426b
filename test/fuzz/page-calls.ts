import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { checked } from '../../electron/contract/call.ts'
import { type CallName, calls } from '../../electron/contract/calls.ts'
import { type Picture, parsePicture } from '../../electron/contract/pictures.ts'
import { EngineClient, EngineFailure } from '../fixtures/engine-client.ts'
import { random } from '../fixtures/random.ts'
import { type Dice, diceOf } from './dice.ts'
import { Counting, type Tally } from './report.ts'
import { residentBytes, usual } from './runner.ts'

/** What of JSON Schema is used to make inputs. */
interface Form {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Form[]
  readonly oneOf?: readonly Form[]
  readonly properties?: Readonly<Record<string, Form>>
  readonly required?: readonly string[]
  readonly items?: Form | false
  readonly prefixItems?: readonly Form[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly maxLength?: number
}

/** Texts that mean something in a project, and hostile ones. */
const TEXTS = ['mixed3b', 'mixed4a', 'thing 3', '', ' ', '\u001b[2J', '\u202egpj', "'; DROP TABLE cells; --", '%', '\0']
const NUMBERS = [0, 1, 2, 3, 4, 5, 9, 0.5, 0.25, -1, 24, 100, 1e6, 2 ** 31, Number.MAX_SAFE_INTEGER, 1e300]
const STRANGE = [null, undefined, '', 'x', -1, Number.NaN, [], {}, [[]], true, new Uint8Array(3), new Float32Array(0)]
/** The demo takes minutes, and is a project of its own; devices are measured in seconds. */
const LEFT_OUT = new Set<string>(['project.demo', 'runtimes.calibrate'])
const NAMES = (Object.keys(calls) as CallName[]).filter(name => !LEFT_OUT.has(name))
/** Calls after which another project may be open. */
const OPENING = new Set<string>(['project.open', 'project.create'])
/** Milliseconds: a call may wait for the start of a runtime, whose devices are looked for, on a machine with other work. */
const TIME = 120_000
/** Cases between two fresh copies of the project: calls remove what it contains. */
const FRESH = 40

/**
 * Inputs of a page that misbehaves: of the form that the contract demands, but with any numbers, names and paths, one in
 * six with something else in one place; and requests for pictures. The real engine has a real project open: it must return
 * what the contract states or refuse in a sentence, and stay within its bounds of time and memory.
 * @param only case that is tried alone
 */
export async function fuzzPageCalls(
  project: string,
  folder: string,
  seed: number,
  count: number,
  only?: number,
): Promise<Tally> {
  const places = join(folder, `page-${seed}`)
  const next = random(seed)
  const tally = new Counting()
  let page: Page | undefined
  for (let i = 0; i < count; i++) {
    const dice = diceOf(random(Math.floor(next() * 2 ** 31)))
    if (only !== undefined && only !== i) continue
    if (i % FRESH === 0 || page?.ended !== false) {
      await page?.close()
      page = await Page.open(project, places)
    }
    const { ending, fault } = await page.turn(dice)
    if (fault === undefined) tally.add(ending)
    else tally.fail(`case ${i} of seed ${seed} (${ending}): ${fault}`)
  }
  await page?.close()
  return tally
}

interface Turn {
  readonly ending: string
  readonly fault?: string
}

/** An engine with a copy of the project open. */
class Page {
  readonly #engine: EngineClient
  readonly #places: string
  readonly #file: string
  readonly #hash: string
  #key: string
  ended = false

  private constructor(engine: EngineClient, places: string, file: string, key: string, hash: string) {
    this.#engine = engine
    this.#places = places
    this.#file = file
    this.#key = key
    this.#hash = hash
  }

  static async open(project: string, places: string): Promise<Page> {
    rmSync(places, { recursive: true, force: true })
    mkdirSync(join(places, 'folder'), { recursive: true })
    const file = join(places, 'page.portolan')
    copyFileSync(project, file)
    copyFileSync(join(dirname(project), 'red.png'), join(places, 'red.png'))
    writeFileSync(join(places, 'text.txt'), 'no picture')
    if (process.platform !== 'win32') execFileSync('mkfifo', [join(places, 'pipe')])
    const engine = await EngineClient.start(join(places, 'data'))
    const { key } = await engine.call('project.open', { file })
    const [model] = await engine.call('models.list', {})
    return new Page(engine, places, file, key, model!.hash)
  }

  async close(): Promise<void> {
    const { child } = this.#engine
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  async turn(dice: Dice): Promise<Turn> {
    if (dice.next() < 0.25) return this.#picture(dice)
    const name = dice.pick(NAMES)
    const input = this.#input(name, dice)
    // What is written is in our folder, whatever the dice choose.
    const parsed = checked(calls[name].input as z.ZodType, input)
    const outputs = 'data' in parsed ? calls[name].outputs(parsed.data) : []
    if (outputs.some(file => !file.startsWith(this.#places))) throw new Error(`${name} would write ${outputs}`)
    const turn = await this.#watched(`${name} ${shown(input)}`, async () => {
      const output = await this.#engine.raw(name, input)
      const valid = checked(calls[name].output as z.ZodType, output)
      if ('fault' in valid) throw new Error(`wrong result: ${valid.fault}`)
      const job = z.object({ job: z.int() }).safeParse(output)
      if (job.success) await this.#engine.raw('jobs.cancel', { job: job.data.job }).catch(() => {})
      return 'returned'
    })
    if (!this.ended && OPENING.has(name)) {
      const { key } = await this.#engine.call('project.open', { file: this.#file })
      this.#key = key
    }
    return turn
  }

  async #picture(dice: Dice): Promise<Turn> {
    const { pick } = dice
    const size = pick([16, 32, 64, 80, 512, 4096])
    const edge = () => pick([-1e6, -499, -1, -0.5, 0, 0.1, 0.5, 1, 1.5, 2, 1000, 1e6, 1e-9])
    const address = pick([
      `portolan://photo/${this.#key}/${pick([1, 2, 24, 99])}?size=${size}`,
      `portolan://photo/${this.#key}/${pick([1, 2])}?box=${edge()},${edge()},${edge()},${edge()}&size=${size}`,
      `portolan://${pick(['icons', 'crops'])}/${this.#key}/${pick([1, 2, 3, 4, 9])}/${pick([1, 3, 4, 16, 4096])}/${pick([0, 1, 255])},${pick([0, 1, 255])}@${size}?r=${pick([0, 1])}`,
      `portolan://patch/${this.#key}/${pick([1, 2, 99])}`,
      `portolan://icon/${this.#key}/${pick(['0123456789abcdef', 'f'.repeat(64)])}`,
      `portolan://photo/${this.#key}/../1?size=${size}`,
      `portolan://photo/ffffffffffffffff/1?size=${size}`,
    ])
    const which: Picture | undefined = parsePicture(address)
    if (which === undefined) return { ending: 'refused' }
    return this.#watched(address, async () => ((await this.#engine.picture(which)) === null ? 'refused' : 'returned'))
  }

  /** Waits for an ending within the bounds. */
  async #watched(what: string, body: () => Promise<string>): Promise<Turn> {
    const { child } = this.#engine
    const done = new AbortController()
    const lost = new Promise<never>((_, reject) => {
      const late = setTimeout(() => reject(new Error(`no result within ${TIME} ms`)), TIME)
      const watch = setInterval(() => {
        const bytes = residentBytes(child.pid!)
        if (bytes > usual.memory) reject(new Error(`it took ${Math.round(bytes / 2 ** 20)} MiB`))
      }, 100)
      const gone = (code: number | null, signal: string | null) => reject(new Error(`it ended with ${signal ?? code}`))
      child.once('exit', gone)
      done.signal.addEventListener('abort', () => {
        clearTimeout(late)
        clearInterval(watch)
        child.off('exit', gone)
      })
    })
    try {
      return { ending: await Promise.race([body(), lost]) }
    } catch (error) {
      if (error instanceof EngineFailure && error.isExpected)
        return error.message.length <= 500
          ? { ending: 'refused' }
          : { ending: what, fault: `a sentence of ${error.message.length} characters` }
      if (error instanceof EngineFailure) return { ending: what, fault: `this is a bug: ${error.message}` }
      this.ended = true
      return { ending: what, fault: (error as Error).message }
    } finally {
      done.abort()
    }
  }

  #input(name: CallName, dice: Dice): unknown {
    const form = z.toJSONSchema(calls[name].input, { io: 'input', unrepresentable: 'any' }) as Form
    const input = this.#made(form, dice, '')
    if (dice.next() > 1 / 6 || typeof input !== 'object' || input === null) return input
    const keys = Object.keys(input)
    if (keys.length > 0) (input as Record<string, unknown>)[dice.pick(keys)] = dice.pick(STRANGE)
    return input
  }

  #made(form: Form, dice: Dice, key: string): unknown {
    const { pick, next, below } = dice
    if ('const' in form) return form.const
    if (form.enum) return pick(form.enum)
    const either = form.anyOf ?? form.oneOf
    if (either) return this.#made(pick(either), dice, key)
    switch (form.type) {
      case 'object':
        return Object.fromEntries(
          Object.entries(form.properties ?? {})
            .filter(([name]) => form.required?.includes(name) || next() < 0.5)
            .map(([name, each]) => [name, this.#made(each, dice, name)]),
        )
      case 'array': {
        if (form.prefixItems) return form.prefixItems.map(each => this.#made(each, dice, key))
        const minimum = form.minItems ?? 0
        const length = Math.min(form.maxItems ?? 1000, minimum + (next() < 0.8 ? below(3) : 1000))
        return Array.from({ length }, () => this.#made(form.items || {}, dice, key))
      }
      case 'integer':
      case 'number':
        return this.#number(form, dice)
      case 'boolean':
        return next() < 0.5
      case 'null':
        return null
      case 'string':
        return this.#text(form, dice)
      default:
        return key === 'bytes' ? this.#bytes(dice) : pick(STRANGE)
    }
  }

  #number({ type, minimum = -1e300, maximum = 1e300 }: Form, { pick, next }: Dice): number {
    // Mostly what there is: ids, rows and classes are small.
    const value = next() < 0.7 ? pick([1, 2, 3, 4, 5]) : pick([...NUMBERS, minimum, maximum])
    const whole = type === 'integer' ? Math.trunc(value) : value
    return next() < 0.95 ? Math.min(maximum, Math.max(minimum, whole)) : whole
  }

  #text({ pattern, maxLength = 200 }: Form, { pick, next }: Dice): string {
    if (pattern !== undefined) return next() < 0.9 ? this.#hash : 'f'.repeat(64)
    if (maxLength < 4096) return next() < 0.9 ? pick(TEXTS) : 'x'.repeat(maxLength)
    const file = pick(['red.png', 'text.txt', 'pipe', 'folder', 'none.onnx', 'new.portolan', 'page.portolan', 'a\0b'])
    return join(this.#places, next() < 0.95 ? file : 'x'.repeat(3000))
  }

  #bytes({ pick, below }: Dice): Uint8Array {
    const red = Uint8Array.from(readFileSync(join(this.#places, 'red.png')))
    const damaged = Uint8Array.from(red)
    damaged[below(red.length)]! ^= 255
    return pick([red, damaged, red.subarray(0, below(red.length)), new Uint8Array(0), new Uint8Array(1e6)])
  }
}

const shown = (input: unknown): string =>
  JSON.stringify(input, (_, value) => (ArrayBuffer.isView(value) ? `${value.byteLength} bytes` : value))?.slice(0, 600)
