import { randomUUID } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, link, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { isInside } from './inside.ts'

/** The content of a file. */
export type Content = Uint8Array | string | Iterable<string>

interface OutputOptions {
  /** Refuse to replace an existing file. */
  readonly fresh?: boolean
}

/**
 * Writes an output file of the user atomically, and creates its folder. The bytes go to a hidden file beside it, which
 * is renamed when it is complete; a failure removes the hidden file and keeps the previous one. Links are followed.
 * Special files (a pipe that is read from, a terminal) are written to directly.
 * @throws UserError, one sentence, when the file cannot be written; its `cause` has the code `EEXIST` when `fresh` is
 * set and the file exists
 */
export async function writeOutput(file: string, content: Content, options: OutputOptions = {}): Promise<void> {
  const draft = await OutputDraft.create(file, options)
  try {
    await draft.write(content)
    await draft.finish()
  } catch (error) {
    await draft.discard()
    throw error
  }
}

/** A file that is written in parts. Ends with `finish` or `discard`. */
export class OutputDraft {
  readonly file: string
  readonly #target: string
  readonly #draft: string
  readonly #handle: FileHandle
  readonly #options: OutputOptions

  private constructor(file: string, target: string, draft: string, handle: FileHandle, options: OutputOptions) {
    this.file = file
    this.#target = target
    this.#draft = draft
    this.#handle = handle
    this.#options = options
  }

  /** @throws UserError when the file cannot be written */
  static async create(file: string, options: OutputOptions = {}): Promise<OutputDraft> {
    try {
      const { path, about } = await targetOf(file)
      if (about?.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' })
      if (about && options.fresh) throw Object.assign(new Error('it exists'), { code: 'EEXIST' })
      // A pipe or a device must not be replaced by a file.
      if (about && !about.isFile()) return new OutputDraft(file, path, path, await openSpecial(path, about), options)
      await mkdir(dirname(path), { recursive: true })
      // A name that does not contain the file's: names are limited to 255 bytes.
      const draft = join(dirname(path), `.portolan-${randomUUID()}`)
      return new OutputDraft(file, path, draft, await open(draft, 'wx', about?.mode ?? 0o666), options)
    } catch (error) {
      throw unwritable(file, error)
    }
  }

  async write(content: Content): Promise<void> {
    try {
      await this.#handle.writeFile(content)
    } catch (error) {
      throw isSystemError(error) ? unwritable(this.file, error) : error
    }
  }

  /** Renames the complete file. @throws UserError when that fails; call `discard` then */
  async finish(): Promise<void> {
    try {
      if (this.#draft === this.#target) return await this.#handle.close()
      await this.#handle.sync()
      await this.#handle.close()
      if (this.#options.fresh) {
        // Unlike a rename, a link fails where a file exists by now.
        await link(this.#draft, this.#target)
        await rm(this.#draft)
      } else await rename(this.#draft, this.#target)
    } catch (error) {
      throw unwritable(this.file, error)
    }
  }

  /** Removes an unfinished file. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {})
    if (this.#draft !== this.#target) await rm(this.#draft, { force: true }).catch(() => {})
  }
}

/** Opens a pipe or a device. A pipe without a reader would wait for one, and block a thread of the process for ever. */
async function openSpecial(path: string, about: Stats): Promise<FileHandle> {
  if (!about.isFIFO()) return open(path, 'w')
  // Fails at once without a reader. It stays open until the blocking one, which needs not handle partial writes, is.
  const probe = await open(path, constants.O_WRONLY | constants.O_NONBLOCK)
  try {
    return await open(path, 'w')
  } finally {
    await probe.close()
  }
}

/** The target of a path with all links resolved; it may not exist yet. */
async function targetOf(file: string): Promise<{ readonly path: string; readonly about: Stats | undefined }> {
  const real = await realpathOrUndefined(file)
  if (real !== undefined) return { path: real, about: await stat(real) }
  return { path: resolve(file), about: undefined }
}

const realpathOrUndefined = (file: string): Promise<string | undefined> =>
  realpath(file).catch(error => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })

/**
 * Refuses outputs that are inputs of the command, and several outputs to one file, before work starts.
 * Files are the same by their path with all links resolved, or by device and inode.
 * @param outputs files to be written; undefined ones are ignored
 * @param inputs  files of the command; missing ones are ignored
 * @param folders in which no existing file is replaced, at any depth
 * @throws UserError with the output and the file that it would overwrite
 */
export async function requireSeparate(
  outputs: readonly (string | undefined)[],
  inputs: readonly (string | undefined)[],
  folders: readonly string[] = [],
): Promise<void> {
  const given = outputs.filter(file => file !== undefined)
  const seen = new Map<string, string>()
  for (const file of given) {
    const { key, exists } = await identity(file)
    const other = seen.get(key)
    if (other !== undefined)
      throw new UserError(`cannot write ${file}: ${other} is the same file; give each output a different file`, {
        exitCode: 2,
      })
    seen.set(key, file)
    if (!exists) continue
    for (const input of inputs) {
      if (input === undefined || (await identity(input)).key !== key) continue
      throw new UserError(
        `cannot write ${file}: it is ${input === file ? 'an input of' : `${input}, which belongs to`} this command; choose another file`,
        { exitCode: 2 },
      )
    }
    const path = await realpath(file)
    for (const folder of folders) {
      const home = await realpathOrUndefined(folder).catch(() => undefined)
      if (home === undefined || !isInside(path, home)) continue
      throw new UserError(
        `cannot write ${file}: it exists already, among the photographs in ${folder}; choose another file`,
        { exitCode: 2 },
      )
    }
  }
}

/** The identity of a file, independent of the path to it. */
async function identity(file: string): Promise<{ readonly key: string; readonly exists: boolean }> {
  try {
    const { dev, ino } = await stat(file, { bigint: true })
    return { key: `${dev}:${ino}`, exists: true }
  } catch {
    // It does not exist yet: by its name in its folder with all links resolved.
    const folder = await realpath(dirname(resolve(file))).catch(() => dirname(resolve(file)))
    return { key: join(folder, basename(file)), exists: false }
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')
const isSystemError = (error: unknown): boolean => error instanceof Error && 'syscall' in error

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the medium is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'the file would be too large',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  ELOOP: 'its symbolic links form a loop',
  ENAMETOOLONG: 'its name is too long',
  EEXIST: 'it exists already',
  ENXIO: 'no program reads from it',
  EIO: 'the disk reports an error',
}

function unwritable(file: string, error: unknown): UserError {
  const code = codeOf(error)
  const why = REASONS[code] ?? (code || (error instanceof Error ? error.message : String(error)))
  return new UserError(`cannot write ${file}: ${why}; choose another place`, { cause: error })
}
