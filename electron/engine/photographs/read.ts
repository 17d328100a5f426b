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

/** @throws UserError when the project has no such photograph, or it is marked as damaged */
export function requirePhotograph(db: Readable, id: number): ReadableImage {
  const image = findImage(db, id)
  if (image === undefined) throw new NoPhotograph(db, id)
  if (image.status !== 'ok') throw new UserError(`${image.relative} cannot be read: ${image.reason}`)
  return image
}

/** The project has no photograph of that number; a retry is useless. */
export class NoPhotograph extends UserError {
  constructor(db: Readable, id: number) {
    super(`there is no photograph ${id} in ${db.file}`)
  }
}

/**
 * A photograph with its possible paths: its own first, then those of the same bytes in other folders of the project.
 * @throws UserError as `requirePhotograph`, or when only the names of its folders are stored
 */
function photographSource(db: Readable, id: number): Required<Omit<PhotographSource, 'bytes'>> {
  const image = requirePhotograph(db, id)
  const [file, ...copies] = placesOf(db, image, foldersById(db))
  if (file === undefined)
    throw new UserError(`the path of ${image.relative} is not stored: link its folder on the Photographs page`)
  return { file, hash: image.hash, copies }
}

/** Folders of a project by id: looked up once for many photographs. */
export type Folders = ReadonlyMap<number, FolderRecord>
export const foldersById = (db: Readable): Folders => new Map(listFolders(db).map(folder => [folder.id, folder]))

/** A photograph's path; undefined if only the name of its folder is stored. */
export const pathOf = (
  { folder, relative }: Pick<ImageRecord, 'folder' | 'relative'>,
  folders: Folders,
): string | undefined => {
  const path = folders.get(folder)?.path
  return path == null ? undefined : join(path, relative)
}

/** Possible paths of a photograph, its own first; none if only the names of its folders are stored. */
export const placesOf = (db: Readable, image: ReadableImage, folders: Folders): readonly string[] => {
  const others = imagesByHash(db, image.hash).filter(({ id }) => id !== image.id)
  return [image, ...others].flatMap(each => pathOf(each, folders) ?? [])
}

/** Checks before later work that a file exists. @throws UserError as `photographSource`, or when none exists */
export function requirePresent(db: Readable, id: number): void {
  const { file, copies } = photographSource(db, id)
  if (![file, ...copies].some(place => existsSync(place))) throw notThere(file)
}

const notThere = (file: string, cause?: UnreadableImage): UserError =>
  new UserError(
    `${file} is missing${cause ? ` (${cause.reason})` : ''}: restore it, or link its folder again on the Photographs page`,
    { cause },
  )

/**
 * Reads a photograph of the project from any of its paths, and verifies its hash.
 * @throws UserError when only the name of its folder is stored, or the file is missing
 * @throws ChangedImage when its path has another picture
 */
export async function readPhotograph(db: Readable, id: number): Promise<ImageFile> {
  try {
    return await readSource(photographSource(db, id))
  } catch (error) {
    if (!(error instanceof UnreadableImage) || error instanceof ChangedImage || error.hash !== undefined) throw error
    throw notThere(error.file, error)
  }
}

/** Cache of hashes by path, size and time of change: lists are read repeatedly. */
const hashed = new Map<string, string>()
const MAX_HASHED = 20_000

/** Whether a photograph can be shown: one of its paths has it, has another picture, or none exists. */
export async function stateOf(
  db: Readable,
  image: ImageRecord,
  folders: Folders,
): Promise<'present' | 'missing' | 'changed'> {
  if (image.status !== 'ok') return 'missing'
  let state: 'missing' | 'changed' = 'missing'
  for (const place of placesOf(db, image, folders)) {
    const hash = await hashOf(place)
    if (hash === image.hash) return 'present'
    if (hash !== undefined) state = 'changed'
  }
  return state
}

/** Whether a file exists, for long lists. Its contents are verified when it is read. */
export const isThere = (db: Readable, image: ImageRecord, folders: Folders): boolean =>
  image.status === 'ok' && placesOf(db, image, folders).some(place => existsSync(place))

/** @returns undefined when the file does not exist */
async function hashOf(file: string): Promise<string | undefined> {
  try {
    const { size, mtimeMs, ctimeMs, ino } = await stat(file)
    const key = `${file} ${size} ${mtimeMs} ${ctimeMs} ${ino}`
    const hash = hashed.get(key) ?? (await readImage(file)).hash
    if (hashed.size >= MAX_HASHED) hashed.clear()
    hashed.set(key, hash)
    return hash
  } catch (error) {
    return error instanceof UnreadableImage ? error.hash : undefined
  }
}

/** Marks a damaged picture by its bytes. A file that could not be reached, or was replaced, is read again next time. */
export function noteUnreadable(db: Writable, { hash, reason }: UnreadableImage): void {
  if (hash !== undefined) markDamaged(db, hash, reason)
}

/** Numbers photographs for statistics: copies of one picture count once. */
export class Identities {
  readonly #db: Readable
  readonly #numbers = new Map<number, number>()
  readonly #keys = new Map<string, number>()

  constructor(db: Readable) {
    this.#db = db
  }

  /** @param image id in the project @returns the same number for all copies */
  of(image: number): number {
    const before = this.#numbers.get(image)
    if (before !== undefined) return before
    const record = findImage(this.#db, image)
    const key = record ? identityOf(record) : `row ${image}`
    const number = this.#keys.get(key) ?? this.#keys.size
    this.#keys.set(key, number)
    this.#numbers.set(image, number)
    return number
  }
}

/** Identity of the photograph of a row: equal for all copies of one picture. */
export const identityOf = (image: ImageRecord): string => image.hash ?? `row ${image.id}`

/**
 * What photographs of a project are called: by their path within their folder, and by the folder where the project has
 * several, so that no two have the same name.
 */
export function photographName(db: Readable, id: number): string {
  const image = findImage(db, id)
  if (image === undefined) return `photograph ${id}`
  const folders = listFolders(db)
  const folder = folders.find(each => each.id === image.folder)
  if (folder === undefined || folders.length === 1) return image.relative
  const alike = folders.filter(({ name }) => name === folder.name).length > 1
  return `${alike ? `${folder.name} (folder ${folder.id})` : folder.name}/${image.relative}`
}
