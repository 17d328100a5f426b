import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, open, read, readFile } from 'node:fs'
import { promisify } from 'node:util'
import { reason } from '../../contract/errors.ts'
import { BOUNDS } from '../bounds/bounds.ts'
import { tiffPages } from './tiff-pages.ts'
import { ChangedImage, UnreadableImage } from './unreadable.ts'

/** The bytes of an image file and their SHA-256, hex: the photograph's part of content keys. */
export interface ImageFile {
  readonly file: string
  readonly bytes: Buffer
  readonly hash: string
}

/** A photograph to read, by its path; with a hash, other content is refused. */
export interface PhotographSource {
  readonly file: string
  /** SHA-256 of the file, hex. */
  readonly hash?: string
  /** Other paths of the same bytes. */
  readonly copies?: readonly string[]
  /** The content, where it was sent: nothing is read at the path, which is only its name in messages. */
  readonly bytes?: Buffer
}

/** Memory of so many bytes, with any content, to read a file into. */
export type Allocate = (bytes: number) => Buffer

/**
 * Reads a file once, for hashing and decoding.
 * @param expected SHA-256, hex, of the expected photograph
 * @throws UnreadableImage when the file cannot be read, with the reason
 * @throws ChangedImage when the file has other content
 */
export async function readImage(file: string, expected?: string, allocate?: Allocate): Promise<ImageFile> {
  try {
    return imageFile(file, await readRegular(file, BOUNDS.photographBytes, allocate), expected)
  } catch (error) {
    if (error instanceof UnreadableImage) throw error
    throw new UnreadableImage(file, fileReason(error), { cause: error })
  }
}

/** The content of an image file that has been read. @throws UnreadableImage, ChangedImage as `readImage` */
function imageFile(file: string, bytes: Buffer, expected?: string): ImageFile {
  const hash = sha256(bytes)
  if (expected !== undefined && hash !== expected) throw new ChangedImage(file, expected, hash)
  if (bytes.length === 0) throw new UnreadableImage(file, 'the file is empty', { hash })
  if (tiffPages(bytes, BOUNDS.tiffPages) > BOUNDS.tiffPages)
    throw new UnreadableImage(file, `it has more than ${BOUNDS.tiffPages} pages`, { hash })
  return { file, bytes, hash }
}

/**
 * The bytes of a regular file, not of a folder, a named pipe or a device, which may be endless.
 * @param maxBytes of the file
 * @throws Error with the reason in plain words, or of the operating system (`fileReason`)
 */
export async function readRegular(
  file: string,
  maxBytes: number,
  allocate: Allocate = Buffer.allocUnsafeSlow,
): Promise<Buffer> {
  // Without O_NONBLOCK, opening a named pipe would wait indefinitely for a writer.
  const descriptor = await opened(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    // This, and closing, waits for no disk: having a thread do it costs more than it does, and a build by many workers reads
    // thousands of photographs a second.
    const about = fstatSync(descriptor)
    if (about.isDirectory()) throw new Error('it is a folder')
    if (!about.isFile()) throw new Error('it is not a regular file')
    if (about.size > maxBytes) throw new Error(`the file is larger than ${Math.round(maxBytes / 2 ** 20)} MiB`)
    // A device of the system's own may be a file of no bytes that has some. Otherwise one read: `readFile` asks for the size again.
    if (about.size === 0) return await wholeOf(descriptor)
    const bytes = allocate(about.size)
    for (let at = 0; ; ) {
      const { bytesRead } = await readInto(descriptor, bytes, at, bytes.length - at, at)
      at += bytesRead
      if (bytesRead === 0 || at === bytes.length) return bytes.subarray(0, at)
    }
  } finally {
    closeSync(descriptor)
  }
}

const opened = promisify(open)
const readInto = promisify(read)
const wholeOf = promisify(readFile)

/**
 * Reads a photograph at its path, or else at the path of a copy.
 * @throws ChangedImage when one of the paths has other content, and none the expected one; else UnreadableImage of the
 * first path
 */
export async function readSource(
  { file, hash, copies = [], bytes }: PhotographSource,
  allocate?: Allocate,
): Promise<ImageFile> {
  if (bytes !== undefined) return imageFile(file, bytes, hash)
  let refused: UnreadableImage | undefined
  for (const place of [file, ...copies])
    try {
      return await readImage(place, hash, allocate)
    } catch (error) {
      if (!(error instanceof UnreadableImage)) throw error
      // A changed file is more informative than missing copies.
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
  ELOOP: 'its symbolic links form a loop',
  ENAMETOOLONG: 'its path is too long',
  ENXIO: 'it is not a regular file',
  EIO: 'the disk reports an error',
}

/** Why the operating system refused a file, in plain words. */
export function fileReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return reasons[code] ?? reason(error)
}
