import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { reason, UserError } from '../../contract/errors.ts'

/** The file by which a published folder is known, so that it may be replaced. */
export const PAGE_MARK = 'portolan-page.json'

/**
 * A folder that is complete or absent: files go to a hidden folder beside it, which gets its name at the end. A folder
 * that was published before is replaced; any other that holds something is refused.
 */
export class FolderDraft {
  readonly #target: string
  readonly #draft: string
  bytes = 0
  files = 0

  private constructor(target: string, draft: string) {
    this.#target = target
    this.#draft = draft
  }

  /** @throws UserError when the folder holds something else, or cannot be written */
  static async create(folder: string): Promise<FolderDraft> {
    const target = await requireReplaceable(folder)
    const draft = join(dirname(target), `.portolan-${randomUUID()}`)
    try {
      await mkdir(draft, { recursive: true })
    } catch (error) {
      throw unwritable(folder, error)
    }
    return new FolderDraft(target, draft)
  }

  /** @param path of plain names, with `/` */
  async write(path: string, content: Uint8Array | string): Promise<void> {
    const file = join(this.#draft, ...path.split('/'))
    try {
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
    } catch (error) {
      throw unwritable(this.#target, error)
    }
    this.bytes += typeof content === 'string' ? Buffer.byteLength(content) : content.length
    this.files++
  }

  async finish(): Promise<void> {
    const before = `${this.#draft}-before`
    try {
      const replaced = existsSync(this.#target)
      // It may have been filled meanwhile.
      if (replaced) await requireReplaceable(this.#target)
      if (replaced) await rename(this.#target, before)
      try {
        await rename(this.#draft, this.#target)
      } catch (error) {
        if (replaced) await rename(before, this.#target)
        throw error
      }
    } catch (error) {
      throw error instanceof UserError ? error : unwritable(this.#target, error)
    }
    await rm(before, { recursive: true, force: true })
  }

  async discard(): Promise<void> {
    await rm(this.#draft, { recursive: true, force: true })
  }
}

/** @returns its path without links @throws UserError when it holds anything but a published page */
export async function requireReplaceable(folder: string): Promise<string> {
  const path = existsSync(folder) ? await realpath(folder) : resolve(folder)
  if (!existsSync(path)) return path
  let names: readonly string[]
  try {
    names = await readdir(path)
  } catch (error) {
    throw unwritable(folder, error)
  }
  if (names.length > 0 && !names.includes(PAGE_MARK))
    throw new UserError(
      `cannot publish to ${folder}: it holds other files (${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}); choose a new folder, or one that was published before`,
    )
  return path
}

const unwritable = (folder: string, error: unknown): UserError =>
  new UserError(`cannot publish to ${basename(folder)} in ${dirname(folder)}: ${reason(error)}; choose another place`, {
    cause: error,
  })
