import { resolve } from 'node:path'
import { UserError } from '../contract/errors.ts'

/** The paths that the user has chosen, by dialog, drop, command line or earlier use. The page may name no others. */
export class Grants {
  readonly #paths = new Set<string>()

  add(...paths: readonly string[]): void {
    for (const path of paths) this.#paths.add(resolve(path))
  }

  /** @throws UserError for the first path that was not chosen */
  require(paths: readonly string[]): void {
    const stranger = paths.find(path => resolve(path) !== path || !this.#paths.has(path))
    if (stranger !== undefined)
      throw new UserError(`${stranger} was not chosen in this window; open it with the dialog or drop it here`)
  }
}
