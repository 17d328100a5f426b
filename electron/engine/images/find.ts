import type { Dirent, Stats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { fileReason } from './read.ts'

interface FoundImage {
  /** Path to open: `folder` joined with `relative`. */
  readonly file: string
  /** The folder that was searched, as it was given. */
  readonly folder: string
  /** Path inside the folder, with `/` on every system. */
  readonly relative: string
  /** The presumed class: the leading synset of the file name, or the name of its sub-folder. */
  readonly classHint?: string
}

/** An entry of the folders that is not among the images. */
interface FoundException {
  readonly file: string
  readonly reason: string
  /** `ignored`: not a photograph. `failed`: possibly photographs, but unreadable. */
  readonly kind: 'ignored' | 'failed'
}

export interface FoundImages {
  /** In the order of the folders; within a folder by relative path, in order of code points. */
  readonly images: readonly FoundImage[]
  readonly exceptions: readonly FoundException[]
}

/** Extensions of photographs. `decodeImage` reports which of them cannot be decoded, with a reason. */
const EXTENSIONS = new Set(
  'jpg jpeg jpe jfif jif png apng webp gif tif tiff avif avifs heic heif hif bmp dib jxl jp2 j2k svg svgz ico ppm pgm pbm pnm tga psd exr hdr dng cr2 cr3 nef arw orf rw2 raf'
    .split(' ')
    .map(extension => `.${extension}`),
)

/** Whether a file is treated as a photograph, by its name. */
export const isPhotographName = (file: string): boolean => EXTENSIONS.has(extname(file).toLowerCase())

const SYNSET = /^n\d{8}(?!\d)/

/**
 * Lists the photographs in some folders and all their sub-folders. Symbolic links are followed, each folder is
 * listed once, and omitted entries are in `exceptions` with the reason.
 * @throws UserError when none of the given folders can be listed
 */
export async function findImages(folders: readonly string[], signal?: AbortSignal): Promise<FoundImages> {
  const images: FoundImage[] = []
  const exceptions: FoundException[] = []
  /** Real paths of listed folders to the path they were listed under: prevents symlink loops and repeated folders. */
  const listed = new Map<string, string>()
  const refused: UserError[] = []

  for (const folder of folders) {
    const found: FoundImage[] = []
    const missed: FoundException[] = []

    const visit = async (relative: string): Promise<void> => {
      signal?.throwIfAborted()
      const path = relative ? join(folder, relative) : folder
      const real = await realpath(path)
      const earlier = listed.get(real)
      if (earlier !== undefined) {
        missed.push({ file: path, reason: `the same folder as ${JSON.stringify(earlier)}`, kind: 'ignored' })
        return
      }
      const entries = await readdir(path, { withFileTypes: true })
      listed.set(real, path)
      // Sorted, so that the choice between two links to one folder does not depend on the file system.
      for (const entry of entries.toSorted((a, b) => byCodePoints(a.name, b.name)))
        await look(entry, relative ? `${relative}/${entry.name}` : entry.name)
    }

    const look = async (entry: Dirent, relative: string): Promise<void> => {
      const file = join(folder, relative)
      const miss = (kind: FoundException['kind'], reason: string) => missed.push({ file, reason, kind })
      if (entry.name.includes('\uFFFD')) return void miss('failed', 'its name is not valid UTF-8')
      if (entry.name.startsWith('.')) return void miss('ignored', 'hidden')
      try {
        const about: Dirent | Stats = entry.isSymbolicLink() ? await stat(file) : entry
        if (about.isDirectory()) return await visit(relative)
        if (!about.isFile()) return void miss('ignored', 'not a regular file')
      } catch (error) {
        if (signal?.aborted) throw error
        const dangling = entry.isSymbolicLink() && error instanceof Error && 'code' in error && error.code === 'ENOENT'
        return void miss('failed', dangling ? 'a symbolic link to nothing' : fileReason(error))
      }
      if (!isPhotographName(entry.name)) return void miss('ignored', 'not an image by its name')
      const hint = classHint(relative)
      found.push({ file, folder, relative, ...(hint === undefined ? {} : { classHint: hint }) })
    }

    try {
      await visit('')
    } catch (error) {
      if (signal?.aborted) throw error
      const reason = fileReason(error)
      refused.push(new UserError(`cannot list the folder ${JSON.stringify(folder)}: ${reason}`, { cause: error }))
      missed.push({ file: folder, reason, kind: 'failed' })
    }
    images.push(...found.sort((a, b) => byCodePoints(a.relative, b.relative)))
    exceptions.push(...missed.sort((a, b) => byCodePoints(a.file, b.file)))
  }
  if (refused[0] && refused.length === folders.length) throw refused[0]
  return { images, exceptions }
}

/** The class in a relative path: a leading synset, or else the folder of the file. */
export function classHint(relative: string): string | undefined {
  const parts = relative.split('/')
  return SYNSET.exec(basename(relative))?.[0] ?? parts.at(-2)
}

/** Order of code points, which is the order of UTF-8 bytes; JavaScript's `<` compares UTF-16 units. */
const byCodePoints = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
