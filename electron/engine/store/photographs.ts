import { findPlace, type Place, placeOf } from './places.ts'
import { command, type None, query, type Readable, type Writable } from './sql.ts'

/** A folder of photographs, which are not copied. Its path is null when only its name is stored (imported samples). */
export interface FolderRecord {
  readonly id: number
  readonly name: string
  readonly path: string | null
}

/**
 * A photograph of a folder, or a file of it that could not be read, with the reason. A photograph is its bytes: a file
 * that was replaced is another photograph at the same path, and the same bytes elsewhere are the same photograph.
 */
export type Photograph = {
  /** Path below the folder, with forward slashes. */
  readonly relative: string
  /** A folder's name or a leading synset that may name its class. */
  readonly class: string | null
} /** `width` and `height`: 0 where not known. */ & (
  | { readonly status: 'ok'; readonly hash: string; readonly width: number; readonly height: number }
  /** With a hash: these bytes cannot be decoded. Without: the file could not be read, which may succeed next time. */
  | { readonly status: 'unreadable'; readonly reason: string; readonly hash?: string }
)
export type ImageRecord = Photograph & {
  readonly id: number
  readonly folder: number
  /** False if the path had another picture when it was last read. */
  readonly current: boolean
}

interface ImageRow {
  readonly id: number
  readonly folder: number
  readonly relative: string
  readonly class: string | null
  readonly status: 'ok' | 'unreadable'
  readonly hash: string | null
  readonly width: number | null
  readonly height: number | null
  readonly reason: string | null
  readonly current: 0 | 1
}

interface FolderRow extends FolderRecord {
  readonly beside: string | null
}

const selectFolders = query<None, FolderRow>('SELECT id, name, path, beside FROM folders ORDER BY id')
const insertFolder = command<{ name: string; path: string | null; beside: string | null }>(`
  INSERT INTO folders (name, path, beside) VALUES (@name, @path, @beside)
`)
const updateFolder = command<Place & { readonly id: number }>(`
  UPDATE folders SET path = @path, beside = @beside WHERE id = @id
`)
const columns = 'id, folder, relative, class, status, hash, width, height, reason, current'
const selectImage = query<{ id: number }, ImageRow>(`SELECT ${columns} FROM images WHERE id = @id`)
const selectImages = query<{ folder: number }, ImageRow>(`
  SELECT ${columns} FROM images WHERE folder = @folder AND current = 1 ORDER BY relative
`)
const selectAllImages = query<None, ImageRow>(`SELECT ${columns} FROM images ORDER BY id`)
const selectByHash = query<{ hash: string }, ImageRow>(`
  SELECT ${columns} FROM images WHERE hash = @hash ORDER BY current DESC, id
`)
const selectAt = query<{ folder: number; relative: string }, ImageRow>(`
  SELECT ${columns} FROM images WHERE folder = @folder AND relative = @relative
`)
const selectDamage = query<{ hash: string }, { reason: string }>(`
  SELECT reason FROM images WHERE hash = @hash AND status = 'unreadable' LIMIT 1
`)
const insertImage = command<Omit<ImageRow, 'id' | 'current'>>(`
  INSERT INTO images (folder, relative, class, status, hash, width, height, reason, current)
  VALUES (@folder, @relative, @class, @status, @hash, @width, @height, @reason, 1)
`)
const updateImage = command<Omit<ImageRow, 'folder' | 'relative' | 'current'>>(`
  UPDATE images SET class = @class, status = @status, hash = @hash, width = @width, height = @height,
    reason = @reason, current = 1
  WHERE id = @id
`)
const setReplaced = command<{ id: number }>('UPDATE images SET current = 0 WHERE id = @id')
const selectHints = query<None, { hint: string; images: number }>(`
  SELECT class AS hint, count(DISTINCT hash) AS images FROM images
  WHERE status = 'ok' AND current = 1 AND class IS NOT NULL GROUP BY class
`)
const selectOfHints = query<{ hints: string }, ImageRow>(`
  SELECT ${columns} FROM images WHERE id IN (
    SELECT min(id) FROM images
    WHERE status = 'ok' AND current = 1 AND class IN (SELECT value FROM json_each(@hints)) GROUP BY hash)
  ORDER BY folder, relative
`)
const selectSearch = query<{ text: string; offset: number; limit: number }, ImageRow>(`
  SELECT ${columns} FROM images WHERE status = 'ok' AND current = 1 AND instr(lower(relative), lower(@text)) > 0
  ORDER BY folder, relative LIMIT @limit OFFSET @offset
`)
const countSearch = query<{ text: string }, { total: number }>(`
  SELECT count(*) AS total FROM images WHERE status = 'ok' AND current = 1 AND instr(lower(relative), lower(@text)) > 0
`)
const setDamaged = command<{ hash: string; reason: string }>(`
  UPDATE images SET status = 'unreadable', reason = @reason WHERE hash = @hash
`)

const record = (row: ImageRow): ImageRecord => {
  const { id, folder, relative, hash, width, height, reason } = row
  const common = { id, folder, relative, class: row.class, current: row.current === 1 }
  return row.status === 'ok'
    ? { ...common, status: 'ok', hash: hash ?? '', width: width ?? 0, height: height ?? 0 }
    : { ...common, status: 'unreadable', reason: reason ?? '', ...(hash !== null && { hash }) }
}

/** Folders with their current path: relative to the project if both were moved together. */
export const listFolders = (db: Readable): FolderRecord[] =>
  db
    .all(selectFolders, {})
    .map(({ id, name, path, beside }) => ({ id, name, path: path && findPlace(db.file, { path, beside }) }))

/** Finds or adds the folder of an absolute path. @returns its id */
export const putFolder = (db: Writable, path: string, name: string): number =>
  db.write(() => {
    const folders = db.all(selectFolders, {})
    // Two folders may resolve to one path; the one stored with this path comes first.
    const known =
      folders.find(folder => folder.path === path) ??
      folders.find(folder => folder.path !== null && findPlace(db.file, { ...folder, path: folder.path }) === path)
    if (known === undefined) return db.insert(insertFolder, { name, ...placeOf(db.file, path) })
    relinkFolder(db, known.id, path)
    return known.id
  })

/** Finds or adds a folder by name only. @returns its id */
export const addAbsentFolder = (db: Writable, name: string): number =>
  db.insert(insertFolder, { name, path: null, beside: null })

/** Updates the absolute path of a folder that was moved. */
export const relinkFolder = (db: Writable, id: number, path: string): void =>
  void db.run(updateFolder, { id, ...placeOf(db.file, path) })

/**
 * Adds or updates photographs of a folder. Where a file was replaced, the previous photograph keeps its row, and gets
 * its path back when the file is restored. One whose bytes are marked as damaged stays unreadable although its header is
 * valid; a file that could not be reached changes nothing.
 * @returns their ids, in the order of the input
 */
export const putPhotographs = (db: Writable, folder: number, photographs: readonly Photograph[]): number[] =>
  db.write(() => photographs.map(photograph => putPhotograph(db, folder, photograph)))

function putPhotograph(db: Writable, folder: number, photograph: Photograph): number {
  const { relative } = photograph
  const rows = db.all(selectAt, { folder, relative })
  const here = rows.find(row => row.current === 1)
  const facts = factsOf(db, photograph)
  if (facts.hash === null) {
    if (here === undefined) return db.insert(insertImage, { folder, relative, ...facts })
    if (here.hash === null) db.run(updateImage, { id: here.id, ...facts })
    return here.id
  }
  // A file that could not be read before becomes this photograph.
  const same = rows.find(({ hash }) => hash === facts.hash) ?? (here?.hash === null ? here : undefined)
  if (here !== undefined && here !== same) db.run(setReplaced, { id: here.id })
  if (same === undefined) return db.insert(insertImage, { folder, relative, ...facts })
  db.run(updateImage, { id: same.id, ...facts })
  return same.id
}

function factsOf(db: Readable, photograph: Photograph): Omit<ImageRow, 'id' | 'folder' | 'relative' | 'current'> {
  const { class: hint, hash = null } = photograph
  if (photograph.status === 'unreadable')
    return { class: hint, status: 'unreadable', hash, width: null, height: null, reason: photograph.reason }
  // 0: not known.
  const [width, height] = [photograph.width || null, photograph.height || null]
  const damage = db.one(selectDamage, { hash: photograph.hash })
  return damage
    ? { class: hint, status: 'unreadable', hash, width, height, reason: damage.reason }
    : { class: hint, status: 'ok', hash, width, height, reason: null }
}

/** Marks a picture with a valid header as not decodable, in all files with the same bytes. @param hash SHA-256 */
export const markDamaged = (db: Writable, hash: string, reason: string): void =>
  void db.run(setDamaged, { hash, reason })

const selectReplaced = query<None, { replaced: number }>(`
  SELECT count(DISTINCT hash) AS replaced FROM images AS old WHERE current = 0
    AND NOT EXISTS (SELECT 1 FROM images AS here WHERE here.hash = old.hash AND here.current = 1)
`)

/** Number of photographs that were replaced by other files since they were entered, and have no other path. */
export const countReplaced = (db: Readable): number => db.one(selectReplaced, {})?.replaced ?? 0

export const findImage = (db: Readable, id: number): ImageRecord | undefined => {
  const row = db.one(selectImage, { id })
  return row && record(row)
}

/** All files of a folder as last read, the unreadable ones with their reasons, by path. */
export const listImages = (db: Readable, folder: number): ImageRecord[] => db.all(selectImages, { folder }).map(record)

/** All photographs that the project has known, those that were replaced included. */
export const allImages = (db: Readable): ImageRecord[] => db.all(selectAllImages, {}).map(record)

/** The same photograph may have several paths; those where it was last read come first. */
export const imagesByHash = (db: Readable, hash: string): ImageRecord[] => db.all(selectByHash, { hash }).map(record)

/** A photograph that can be read. */
export type ReadableImage = Extract<ImageRecord, { readonly status: 'ok' }>

const readable = (row: ImageRow): ReadableImage => {
  const image = record(row)
  if (image.status !== 'ok') throw new Error(`photograph ${image.id} was selected as readable`)
  return image
}

/** Class hints of folders and file names, with the number of readable photographs of each. */
export const classHints = (db: Readable): { readonly hint: string; readonly images: number }[] =>
  db.all(selectHints, {})

/** The readable photographs with one of these class hints, by path; one with several paths once. */
export const imagesOfHints = (db: Readable, hints: readonly string[]): ReadableImage[] =>
  db.all(selectOfHints, { hints: JSON.stringify(hints) }).map(readable)

/** Readable photographs whose path below their folder contains a text, without regard to case; '' finds all. */
export const searchImages = (
  db: Readable,
  text: string,
  offset: number,
  limit: number,
): { readonly total: number; readonly images: ReadableImage[] } =>
  db.snapshot(() => ({
    total: db.one(countSearch, { text })?.total ?? 0,
    images: db.all(selectSearch, { text, offset, limit }).map(readable),
  }))

const selectUses = query<{ folder: number }, { sets: number; experiments: number; sweeps: number }>(`
  SELECT
    (SELECT count(*) FROM sample_sets WHERE EXISTS (
      SELECT 1 FROM samples JOIN images ON images.id = samples.image
      WHERE samples.set_id = sample_sets.id AND images.folder = @folder)) AS sets,
    (SELECT count(*) FROM experiments WHERE EXISTS (
      SELECT 1 FROM trials JOIN images ON images.id = trials.image
      WHERE trials.experiment = experiments.id AND images.folder = @folder)) AS experiments,
    (SELECT count(*) FROM sweeps WHERE EXISTS (
      SELECT 1 FROM images WHERE images.id = json_extract(sweeps.plan, '$.image') AND images.folder = @folder)) AS sweeps
`)
const deleteImages = command<{ folder: number }>('DELETE FROM images WHERE folder = @folder')
const deleteFolder = command<{ folder: number }>('DELETE FROM folders WHERE id = @folder')

/** What was made from photographs of a folder, as the end of a sentence; null where nothing was. */
export function usesOfFolder(db: Readable, folder: number): string | null {
  const { sets = 0, experiments = 0, sweeps = 0 } = db.one(selectUses, { folder }) ?? {}
  const counts = [
    [sets, 'sample set'],
    [experiments, 'patch experiment'],
    [sweeps, 'sweep'],
  ] as const
  const parts = counts.flatMap(([n, name]) => (n === 0 ? [] : [`${n} ${name}${n === 1 ? '' : 's'}`]))
  return parts.length === 0 ? null : `its photographs are in ${parts.join(', ')} of this project`
}

/** Removes a folder and its photographs from the project, of which nothing was made. Files stay. */
export const removeFolder = (db: Writable, folder: number): void =>
  db.write(() => {
    db.run(deleteImages, { folder })
    db.run(deleteFolder, { folder })
  })
