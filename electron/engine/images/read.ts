import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { reason } from '../../contract/errors.ts'
import { MOST_BYTES, MOST_PAGES } from './bounds.ts'
import { tiffPages } from './tiff-pages.ts'
import { UnreadableImage } from './unreadable.ts'

/** The bytes of an image file and their SHA-256, hex: the key of everything that is computed from the photograph. */
export interface ImageFile {
  readonly file: string
  readonly bytes: Buffer
  readonly hash: string
}

/**
 * Reads a file once, for hashing and decoding alike.
 * @throws UnreadableImage when there is nothing to read, with the reason
 */
export async function readImage(file: string): Promise<ImageFile> {
  try {
    const bytes = await readRegular(file, MOST_BYTES)
    if (bytes.length === 0) throw new Error('the file is empty')
    if (tiffPages(bytes, MOST_PAGES) > MOST_PAGES) throw new Error(`it has more than ${MOST_PAGES} pages`)
    return { file, bytes, hash: sha256(bytes) }
  } catch (error) {
    throw new UnreadableImage(file, fileReason(error), error)
  }
}

/**
 * The bytes of a regular file: not of a folder, a named pipe or a device, which may have no end.
 * @param most bytes that it may have
 * @throws Error with the reason in plain words, or the operating system's own (`fileReason`)
 */
export async function readRegular(file: string, most: number): Promise<Buffer> {
  // Without O_NONBLOCK, opening a named pipe would wait for ever for somebody to write to it.
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  const about = await handle.stat()
  if (about.isDirectory()) throw new Error('it is a folder')
  if (!about.isFile()) throw new Error('it is not a regular file')
  if (about.size > most) throw new Error(`the file is larger than ${Math.round(most / 2 ** 20)} MiB`)
  return handle.readFile()
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  ELOOP: 'its symbolic links go round in a circle',
  ENAMETOOLONG: 'its path is too long',
  ENXIO: 'it is not a regular file',
  EIO: 'the disk reports an error',
}

/** Why the operating system refused a file, in plain words. */
export function fileReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return reasons[code] ?? reason(error)
}
