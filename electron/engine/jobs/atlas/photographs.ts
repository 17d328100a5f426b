import { basename, resolve } from 'node:path'
import { ahead } from '../../images/batches.ts'
import { measureImage } from '../../images/decode.ts'
import { findImages } from '../../images/find.ts'
import { UnreadableImage } from '../../images/unreadable.ts'
import { contentKey } from '../../store/keys.ts'
import { listImages, type Photograph, putFolder, putPhotographs } from '../../store/photographs.ts'
import type { Writable } from '../../store/sql.ts'
import type { StageWork } from '../context.ts'

/** A photograph that samples can be drawn from. */
export interface Source {
  readonly file: string
  /** Id in the project. */
  readonly image: number
}

export interface Photographs {
  readonly sources: readonly Source[]
  /** Content key of all of them, in order. */
  readonly key: string
  /** Files that look like photographs but cannot be read, each with its reason. */
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[]
}

/** Files under way at once: reading waits for the disk, not for the processor. */
const AHEAD = 8

/** Lists the photographs in some folders and enters them into the project, the unreadable ones with their reasons. */
export async function enterPhotographs(
  db: Writable,
  folders: readonly string[],
  { signal, report }: Pick<StageWork, 'signal' | 'report'>,
): Promise<Photographs> {
  const found = await findImages(
    folders.map(folder => resolve(folder)),
    signal,
  )
  const unreadable = found.exceptions.filter(({ kind }) => kind === 'failed')
  const read: { file: string; folder: string; photograph: Photograph }[] = []
  for await (const photograph of ahead(found.images, AHEAD, inspect)) {
    signal.throwIfAborted()
    const { file, folder } = found.images[read.length]!
    read.push({ file, folder, photograph })
    report({ stage: 'photographs', done: read.length, total: found.images.length, unit: 'files' })
  }
  const sources: Source[] = []
  const hashes: string[] = []
  db.write(() => {
    for (const folder of new Set(read.map(item => item.folder))) {
      const id = putFolder(db, folder, basename(folder))
      // What sampling has found out about a photograph stays known: its header is whole, its picture is not.
      const known = new Map(listImages(db, id).map(image => [image.relative, image]))
      const items = read.filter(item => item.folder === folder)
      const ids = putPhotographs(
        db,
        id,
        items.map(({ photograph }) => {
          const before = known.get(photograph.relative)
          const damaged =
            before?.status === 'unreadable' && photograph.status === 'ok' && before.hash === photograph.hash
          return damaged ? before : photograph
        }),
      )
      for (const [i, { file, photograph }] of items.entries()) {
        if (photograph.status === 'unreadable') unreadable.push({ file, reason: photograph.reason, kind: 'failed' })
        else {
          sources.push({ file, image: ids[i]! })
          hashes.push(photograph.hash)
        }
      }
    }
  })
  return { sources, key: contentKey({ photographs: hashes }), unreadable }
}

async function inspect(image: { file: string; relative: string; classHint?: string }): Promise<Photograph> {
  const common = { relative: image.relative, class: image.classHint ?? null }
  try {
    const { hash, width, height } = await measureImage(image.file)
    return { ...common, status: 'ok', hash, width, height }
  } catch (error) {
    if (error instanceof UnreadableImage) return { ...common, status: 'unreadable', reason: error.reason }
    throw error
  }
}
