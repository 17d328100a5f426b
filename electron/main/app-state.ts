import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { z } from 'zod'

const Bounds = z.object({ x: z.int(), y: z.int(), width: z.int().min(200), height: z.int().min(200) }).readonly()
export type Bounds = z.infer<typeof Bounds>

const StoredState = z.object({
  window: z.object({ bounds: Bounds, maximized: z.boolean() }).readonly().nullable(),
  recent: z.array(z.object({ file: z.string(), opened: z.number() }).readonly()).readonly(),
})
type StoredState = z.infer<typeof StoredState>

const MAX_RECENT = 12

/** State kept between starts in a small JSON file of the profile: window bounds and recent projects. */
export class AppState {
  readonly #file: string
  #value: StoredState

  constructor(file: string) {
    this.#file = file
    this.#value = read(file)
  }

  get window(): StoredState['window'] {
    return this.#value.window
  }

  get recent(): readonly { file: string; name: string; opened: number; exists: boolean }[] {
    return this.#value.recent.map(each => ({
      ...each,
      name: basename(each.file, '.portolan'),
      exists: existsSync(each.file),
    }))
  }

  rememberWindow(bounds: Bounds, maximized: boolean): void {
    this.#save({ ...this.#value, window: { bounds, maximized } })
  }

  rememberProject(file: string, opened: number): void {
    const others = this.#value.recent.filter(each => each.file !== file)
    this.#save({ ...this.#value, recent: [{ file, opened }, ...others].slice(0, MAX_RECENT) })
  }

  forgetProject(file: string): void {
    this.#save({ ...this.#value, recent: this.#value.recent.filter(each => each.file !== file) })
  }

  forgetProjects(): void {
    this.#save({ ...this.#value, recent: [] })
  }

  #save(value: StoredState): void {
    this.#value = value
    mkdirSync(dirname(this.#file), { recursive: true })
    writeFileSync(`${this.#file}.new`, JSON.stringify(value, null, 2))
    renameSync(`${this.#file}.new`, this.#file)
  }
}

/** A missing or unreadable file is replaced by the default state. */
function read(file: string): StoredState {
  try {
    return StoredState.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return { window: null, recent: [] }
  }
}
