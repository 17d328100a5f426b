import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { reason } from '../../contract/errors.ts'
import { MOST_BYTES, MOST_PAGES } from './bounds.ts'
import { tiffPages } from './tiff-pages.ts'
import { ChangedImage, UnreadableImage } from './unreadable.ts'

/** The bytes of an image file and their SHA-256, hex: the key of everything that is computed from the photograph. */
export interface ImageFile {
  readonly file: string
  readonly bytes: Buffer
  readonly hash: string
}

/** A photograph to read, by its path; with a hash it is that one picture, and another one in its place is refused. */
export interface PhotographSource {
  readonly file: string
  /** SHA-256 of the file, hex. */
  readonly hash?: string
  /** Other places of the same bytes. */
  readonly copies?: readonly string[]
}

/**
 * Reads a file once, for hashing and decoding alike.
 * @param expected SHA-256, hex, of the photograph that is meant: a photograph is its bytes, wherever they lie
 * @throws UnreadableImage when there is nothing to read, with the reason
 * @throws ChangedImage when another picture lies there now
 */
export async function readImage(file: string, expected?: string): Promise<ImageFile> {
  try {
    const bytes = await readRegular(file, MOST_BYTES)
    const hash = sha256(bytes)
    if (expected !== undefined && hash !== expected) throw new ChangedImage(file, expected, hash)
    if (bytes.length === 0) throw new UnreadableImage(file, 'the file is empty', { hash })
    if (tiffPages(bytes, MOST_PAGES) > MOST_PAGES)
      throw new UnreadableImage(file, `it has more than ${MOST_PAGES} pages`, { hash })
    return { file, bytes, hash }
  } catch (error) {
    if (error instanceof UnreadableImage) throw error
    throw new UnreadableImage(file, fileReason(error), { cause: error })
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

/**
 * Reads a photograph at its own place, else where a copy of it lies.
 * @throws ChangedImage when another picture lies in one of the places, and it itself in none; else UnreadableImage of
 * its own place
 */
export async function readSource({ file, hash, copies = [] }: PhotographSource): Promise<ImageFile> {
  let refused: UnreadableImage | undefined
  for (const place of [file, ...copies])
    try {
      return await readImage(place, hash)
    } catch (error) {
      if (!(error instanceof UnreadableImage)) throw error
      // That the file is another picture says more than that its copies have gone.
      if (refused === undefined || (error instanceof ChangedImage && !(refused instanceof ChangedImage)))
        refused = error
    }
  throw refused
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
