import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { type ImageFile, type PhotographSource, readImage, readSource } from '../images/read.ts'
import { ChangedImage, UnreadableImage } from '../images/unreadable.ts'
import {
  type FolderRecord,
  findImage,
  type ImageRecord,
  imagesByHash,
  listFolders,
  markDamaged,
  type ReadableImage,
} from '../store/photographs.ts'
import type { Readable, Writable } from '../store/sql.ts'

/** @throws UserError when the project has no such photograph, or its picture is known to be damaged */
export function requirePhotograph(db: Readable, id: number): ReadableImage {
  const image = findImage(db, id)
  if (image === undefined) throw new NoPhotograph(db, id)
  if (image.status !== 'ok') throw new UserError(`${image.relative} cannot be read: ${image.reason}`)
  return image
}

/** There is no photograph of that number, which is not a reason to try again. */
export class NoPhotograph extends UserError {
  constructor(db: Readable, id: number) {
    super(`there is no photograph ${id} in ${db.file}`)
  }
}

/**
 * A photograph with the places where it may lie: its own first, then wherever else a folder of the project had the same
 * bytes.
 * @throws UserError as `requirePhotograph`, or when only the names of its folders are known
 */
export function photographSource(db: Readable, id: number): Required<PhotographSource> {
  const image = requirePhotograph(db, id)
  const [file, ...copies] = placesOf(db, image, foldersById(db))
  if (file === undefined)
    throw new UserError(`${image.relative} is known by name only: link its folder on the Photographs page`)
  return { file, hash: image.hash, copies }
}

/** Folders of a project by id: looked up once for many photographs. */
export type Folders = ReadonlyMap<number, FolderRecord>
export const foldersById = (db: Readable): Folders => new Map(listFolders(db).map(folder => [folder.id, folder]))

/** A photograph's own place; undefined where its folder is known by name only. */
export const pathOf = (
  { folder, relative }: Pick<ImageRecord, 'folder' | 'relative'>,
  folders: Folders,
): string | undefined => {
  const path = folders.get(folder)?.path
  return path == null ? undefined : join(path, relative)
}

/** Where a photograph may lie, its own place first; none where only the names of its folders are known. */
export const placesOf = (db: Readable, image: ReadableImage, folders: Folders): readonly string[] => {
  const others = imagesByHash(db, image.hash).filter(({ id }) => id !== image.id)
  return [image, ...others].flatMap(each => pathOf(each, folders) ?? [])
}

/** For work that starts later: whether there is a file at all. @throws UserError as `photographSource`, or when there is none */
export function requirePresent(db: Readable, id: number): void {
  const { file, copies } = photographSource(db, id)
  if (![file, ...copies].some(place => existsSync(place))) throw notThere(file)
}

const notThere = (file: string, cause?: UnreadableImage): UserError =>
  new UserError(
    `${file} is not where it was${cause ? ` (${cause.reason})` : ''}: restore it, or link its folder again on the Photographs page`,
    { cause },
  )

/**
 * Reads a photograph of the project: its bytes and no others, wherever they lie now.
 * @throws UserError when it is known by name only, or lies nowhere
 * @throws ChangedImage when another picture lies in its place
 */
export async function readPhotograph(db: Readable, id: number): Promise<ImageFile> {
  try {
    return await readSource(photographSource(db, id))
  } catch (error) {
    if (!(error instanceof UnreadableImage) || error instanceof ChangedImage || error.hash !== undefined) throw error
    throw notThere(error.file, error)
  }
}

/** Files whose bytes were hashed, by path with size and time of change: lists are looked at again and again. */
const hashed = new Map<string, string>()
const MOST_HASHED = 20_000

/** Whether a photograph can be shown: it lies in one of its places, another picture does, or there is nothing. */
export async function stateOf(
  db: Readable,
  image: ImageRecord,
  folders: Folders,
): Promise<'here' | 'gone' | 'changed'> {
  if (image.status !== 'ok') return 'gone'
  let found: 'gone' | 'changed' = 'gone'
  for (const place of placesOf(db, image, folders)) {
    const hash = await hashOf(place)
    if (hash === image.hash) return 'here'
    if (hash !== undefined) found = 'changed'
  }
  return found
}

/** For lists of hundreds: whether there is a file at all. What it holds is found out when it is read. */
export const isThere = (db: Readable, image: ImageRecord, folders: Folders): boolean =>
  image.status === 'ok' && placesOf(db, image, folders).some(place => existsSync(place))

/** @returns undefined where there is no such file */
async function hashOf(file: string): Promise<string | undefined> {
  try {
    const { size, mtimeMs, ctimeMs, ino } = await stat(file)
    const key = `${file} ${size} ${mtimeMs} ${ctimeMs} ${ino}`
    const hash = hashed.get(key) ?? (await readImage(file)).hash
    if (hashed.size >= MOST_HASHED) hashed.clear()
    hashed.set(key, hash)
    return hash
  } catch (error) {
    return error instanceof UnreadableImage ? error.hash : undefined
  }
}

/** Remembers a damaged picture by its bytes. What could not be reached, or was replaced, is tried again next time. */
export function noteUnreadable(db: Writable, { hash, reason }: UnreadableImage): void {
  if (hash !== undefined) markDamaged(db, hash, reason)
}

/** Numbers of photographs for statistics: copies of one picture, wherever they lie, count once. */
export class Identities {
  readonly #db: Readable
  readonly #numbers = new Map<number, number>()
  readonly #keys = new Map<string, number>()

  constructor(db: Readable) {
    this.#db = db
  }

  /** @param image id in the project @returns the same number for all copies */
  of(image: number): number {
    const known = this.#numbers.get(image)
    if (known !== undefined) return known
    const found = findImage(this.#db, image)
    const key = found ? identityOf(found) : `row ${image}`
    const number = this.#keys.get(key) ?? this.#keys.size
    this.#keys.set(key, number)
    this.#numbers.set(image, number)
    return number
  }
}

/** Identity of the photograph that a row is of: equal for all copies of one picture. */
export const identityOf = (image: ImageRecord): string => image.hash ?? `row ${image.id}`
