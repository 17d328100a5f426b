import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { replaceFile } from './user-folder.ts'

/**
 * A JSON file of the user's folder, read again at every access, because other processes write it. Where it cannot be
 * written, which is no reason to fail, its content is kept in memory.
 */
export class UserJson<T> {
  readonly file: string
  readonly #schema: z.ZodType<T>
  readonly #empty: T
  readonly #mode: number
  #unwritten: T | undefined

  /** @param empty the content of a file that does not exist or is damaged; `mode`: of a new file */
  constructor(file: string, schema: z.ZodType<T>, empty: T, { mode = 0o666 } = {}) {
    this.file = file
    this.#schema = schema
    this.#empty = empty
    this.#mode = mode
  }

  read(): T {
    if (this.#unwritten !== undefined) return this.#unwritten
    try {
      return this.#parse()
    } catch {
      return this.#empty
    }
  }

  /** The error of the last read, if the file exists and can't be read; its content is ignored then. */
  get damage(): unknown {
    try {
      this.#parse()
      return undefined
    } catch (error) {
      return error
    }
  }

  /** @returns the error, if it could not be written */
  write(content: T): unknown {
    try {
      replaceFile(this.file, `${JSON.stringify(content, null, 2)}\n`, this.#mode)
      this.#unwritten = undefined
      return undefined
    } catch (error) {
      this.#unwritten = content
      return error
    }
  }

  #parse(): T {
    let text: string
    try {
      text = readFileSync(this.file, 'utf8')
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return this.#empty
      throw error
    }
    return this.#schema.parse(JSON.parse(text))
  }
}
