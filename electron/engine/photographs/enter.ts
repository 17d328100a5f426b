import { basename, dirname, join, resolve, sep } from 'node:path'
import type { Credit } from '../../contract/credit.ts'
import { ahead } from '../images/batches.ts'
import { isCreditsFile, readCredits, UnreadableCredits } from '../images/credits.ts'
import { measureImage } from '../images/decode.ts'
import { type FoundImages, findImages } from '../images/find.ts'
import { UnreadableImage } from '../images/unreadable.ts'
import type { StageWork } from '../jobs/context.ts'
import { putCredit } from '../store/credits.ts'
import { contentKey } from '../store/keys.ts'
import { listFolders, listImages, type Photograph, putFolder, putPhotographs } from '../store/photographs.ts'
import type { Writable } from '../store/sql.ts'

/** A photograph that samples can be drawn from. */
export interface Source {
  readonly file: string
  /** SHA-256 of the file: another picture at its path is not sampled. */
  readonly hash: string
  /** Id in the project. */
  readonly image: number
}

export interface Photographs {
  readonly sources: readonly Source[]
  /** Content key of all photographs, in order. */
  readonly key: string
  /** Files that look like photographs but cannot be read, each with its reason. */
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[]
  /** Photographs of the project that are in its folders no more, by path. */
  readonly missing: readonly string[]
  /** ATTRIBUTION.csv files that cannot be read, each with its reason: their photographs are added without credits. */
  readonly creditless: readonly { readonly file: string; readonly reason: string }[]
}

/** Credits of photographs, and the lists that could not be read. */
export interface Credits {
  /** By the path of the photograph. */
  readonly of: ReadonlyMap<string, Credit>
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[]
}

/** Reads the ATTRIBUTION.csv of every folder that was searched. */
export async function creditsIn({ exceptions }: Pick<FoundImages, 'exceptions'>): Promise<Credits> {
  const of = new Map<string, Credit>()
  const unreadable: { file: string; reason: string }[] = []
  for (const { file } of exceptions) {
    if (!isCreditsFile(file)) continue
    try {
      for (const [name, credit] of await readCredits(file)) of.set(resolve(dirname(file), name), credit)
    } catch (error) {
      if (!(error instanceof UnreadableCredits)) throw error
      unreadable.push({ file, reason: `cannot read the credits of photographs: ${error.message}` })
    }
  }
  return { of, unreadable }
}

/** Files read concurrently: reading waits for the disk, not for the processor. */
const AHEAD = 8

/**
 * Lists the photographs in some folders and adds them to the project, the unreadable ones with their reasons. A file
 * whose bytes have changed is a new photograph.
 */
export async function enterPhotographs(
  db: Writable,
  folders: readonly string[],
  { signal, report }: Pick<StageWork, 'signal' | 'report'>,
): Promise<Photographs> {
  const listed = await findImages(
    folders.map(folder => resolve(folder)),
    signal,
  )
  const credits = await creditsIn(listed)
  const unreadable = listed.exceptions.filter(({ kind }) => kind === 'failed')
  const read: { file: string; folder: string; photograph: Photograph }[] = []
  for await (const photograph of ahead(listed.images, AHEAD, inspect)) {
    signal.throwIfAborted()
    const { file, folder } = listed.images[read.length]!
    read.push({ file, folder, photograph })
    report({ stage: 'photographs', done: read.length, total: listed.images.length, unit: 'files' })
  }
  const missing = missingOf(db, folders, listed)
  const sources: Source[] = []
  db.write(() => {
    for (const folder of new Set(read.map(item => item.folder))) {
      const items = read.filter(item => item.folder === folder)
      const ids = putPhotographs(
        db,
        putFolder(db, folder, basename(folder)),
        items.map(({ photograph }) => photograph),
      )
      for (const [i, { file, photograph }] of items.entries()) {
        if (photograph.status === 'unreadable') unreadable.push({ file, reason: photograph.reason, kind: 'failed' })
        else {
          const credit = credits.of.get(file)
          if (credit) putCredit(db, photograph.hash, credit)
          // A damaged picture with a valid header stays in the list, because the key of the samples includes it.
          sources.push({ file, hash: photograph.hash, image: ids[i]! })
        }
      }
    }
  })
  return { sources, key: photographsKey(sources), unreadable, missing, creditless: credits.unreadable }
}

/** Photographs that the project has of these folders, and that are not listed in them: their sub-folder may be missing. */
function missingOf(db: Writable, folders: readonly string[], { images, exceptions }: FoundImages): readonly string[] {
  const listed = new Set([...images, ...exceptions].map(({ file }) => file))
  // What a sub-folder contains that cannot be listed is unknown, and reported with it.
  const unlisted = exceptions.filter(({ kind }) => kind === 'failed').map(({ file }) => join(file, sep))
  const given = new Set(folders.map(folder => resolve(folder)))
  return listFolders(db)
    .filter(({ path }) => path !== null && given.has(path))
    .flatMap(({ id, path }) =>
      listImages(db, id)
        .filter(({ status }) => status === 'ok')
        .map(({ relative }) => join(path!, relative)),
    )
    .filter(file => !listed.has(file) && !unlisted.some(folder => file.startsWith(folder)))
}

/** The sentence about them; undefined without any. */
export const missingSentence = (missing: readonly string[]): string | undefined =>
  missing.length === 0
    ? undefined
    : `${missing.length} ${missing.length === 1 ? 'photograph' : 'photographs'} of the project ${missing.length === 1 ? 'is' : 'are'} no longer in the folder, such as ${missing[0]}: restore ${missing.length === 1 ? 'it' : 'them'} to use ${missing.length === 1 ? 'it' : 'them'} again`

/** Content key of some photographs, in order. */
export const photographsKey = (sources: readonly Source[]): string =>
  contentKey({ photographs: sources.map(({ hash }) => hash) })

async function inspect(image: { file: string; relative: string; classHint?: string }): Promise<Photograph> {
  const common = { relative: image.relative, class: image.classHint ?? null }
  try {
    const { hash, width, height } = await measureImage(image.file)
    return { ...common, status: 'ok', hash, width, height }
  } catch (error) {
    if (!(error instanceof UnreadableImage)) throw error
    const { reason, hash } = error
    return { ...common, status: 'unreadable', reason, ...(hash !== undefined && { hash }) }
  }
}
