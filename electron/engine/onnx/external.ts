import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { isAbsolute, join, relative, sep, win32 } from 'node:path'
import { reason, UserError } from '../../contract/errors.ts'

/** The location of a tensor's bytes: the `external_data` entries of a TensorProto. */
export interface ExternalLocation {
  readonly location: string
  readonly offset: number
  /** Bytes; checked against the tensor's own size. */
  readonly length: number
}

/**
 * Opens a file of external weights. A model is an untrusted file: it may name only files in its own folder, so absolute
 * paths, `..` and links that lead out of the folder are refused.
 * @param folder the model's folder; undefined when the model has none (it came as bytes)
 * @returns an open file and its size; the caller closes it
 * @throws UserError
 */
export function openExternal(
  file: string,
  folder: string | undefined,
  location: string,
): { readonly handle: number; readonly size: number } {
  const refuse = refusal(file, location)
  if (folder === undefined) return refuse('has no folder to be read from')
  if (!location || location.includes('\0')) return refuse('is not a file name')
  if (isAbsolute(location) || win32.isAbsolute(location)) return refuse('is an absolute path')
  if (location.split(/[\\/]/).includes('..')) return refuse('leads out of the folder')
  let path: string
  try {
    path = realpathSync(join(folder, location))
    const inside = relative(realpathSync(folder), path)
    if (isAbsolute(inside) || inside === '..' || inside.startsWith(`..${sep}`))
      return refuse('is a link that leads out of the folder')
  } catch (error) {
    if (error instanceof UserError) throw error
    return refuse('is missing', error)
  }
  let handle: number
  try {
    // A named pipe would block for ever without O_NONBLOCK; the path is resolved, so a link here was created since.
    handle = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0))
  } catch (error) {
    return refuse(`cannot be opened (${reason(error)})`, error)
  }
  const info = fstatSync(handle)
  if (info.isFile()) return { handle, size: info.size }
  closeSync(handle)
  return refuse('is not a file')
}

const refusal =
  (file: string, location: string) =>
  (why: string, cause?: unknown): never => {
    throw new UserError(
      `cannot read ${file}: its external data "${location}" ${why}; keep the data files in the model's own folder`,
      { cause },
    )
  }

/** Reads a tensor's bytes from a file of external weights, with the checks of `openExternal`. */
export function readExternal(file: string, folder: string | undefined, where: ExternalLocation): Uint8Array {
  const { location, offset, length } = where
  const refuse = refusal(file, location)
  const { handle, size } = openExternal(file, folder, location)
  try {
    if (offset + length > size)
      return refuse(`ends at byte ${size}, before the ${length} bytes at ${offset} of a tensor`)
    const bytes = new Uint8Array(length)
    for (let done = 0; done < length; ) {
      const read = readSync(handle, bytes, done, Math.min(length - done, 1 << 30), offset + done)
      if (read === 0) return refuse('was truncated while it was read')
      done += read
    }
    return bytes
  } finally {
    closeSync(handle)
  }
}
