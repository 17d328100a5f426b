import { lstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { UserError } from '../contract/errors.ts'

/**
 * The paths that the user has chosen; the page may use no others. Paths chosen for reading, by dialog, drop, command line
 * or earlier use, must not be written to: writing requires a path from the save dialog.
 */
export class Grants {
  readonly #inputs = new Set<string>()
  readonly #outputs = new Set<string>()

  add(...paths: readonly string[]): void {
    for (const path of paths) this.#inputs.add(resolve(path))
  }

  /** Adds a path that was chosen in the save dialog. */
  addOutput(path: string): void {
    this.#outputs.add(resolve(path))
  }

  /** @throws UserError for the first path that was not chosen */
  require(paths: readonly string[]): void {
    const unknown = paths.find(path => resolve(path) !== path || !this.#inputs.has(path))
    if (unknown !== undefined)
      throw new UserError(`${unknown} was not chosen in this window; open it with the dialog or drop it here`)
  }

  /** @throws UserError for the first path that was not chosen for saving, or is a symbolic link */
  requireOutputs(paths: readonly string[]): void {
    for (const path of paths) {
      if (resolve(path) !== path || !this.#outputs.has(path))
        throw new UserError(`${path} was not chosen to be written to; choose it in the dialog for saving`)
      // The target of the link was not chosen, and may change.
      if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
        throw new UserError(`${path} is a link to another file; choose that file itself, or another name`)
    }
  }
}
