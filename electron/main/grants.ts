import { lstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { UserError } from '../contract/errors.ts'

/**
 * The paths that the user has chosen. The page may name no others. What was chosen to be read, by dialog, drop, command
 * line or earlier use, must not be written to: that takes a choice of its own, in the dialog for saving.
 */
export class Grants {
  readonly #inputs = new Set<string>()
  readonly #outputs = new Set<string>()

  add(...paths: readonly string[]): void {
    for (const path of paths) this.#inputs.add(resolve(path))
  }

  /** A place that was chosen to be written to. */
  addOutput(path: string): void {
    this.#outputs.add(resolve(path))
  }

  /** @throws UserError for the first path that was not chosen */
  require(paths: readonly string[]): void {
    const stranger = paths.find(path => resolve(path) !== path || !this.#inputs.has(path))
    if (stranger !== undefined)
      throw new UserError(`${stranger} was not chosen in this window; open it with the dialog or drop it here`)
  }

  /** @throws UserError for the first path that was not chosen for saving, or is a link to another place */
  requireOutputs(paths: readonly string[]): void {
    for (const path of paths) {
      if (resolve(path) !== path || !this.#outputs.has(path))
        throw new UserError(`${path} was not chosen to be written to; choose it in the dialog for saving`)
      // What it leads to was not chosen, and may be changed after the choice.
      if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
        throw new UserError(`${path} is a link to another file; choose that file itself, or another name`)
    }
  }
}
