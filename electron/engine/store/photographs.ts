import { command, type None, query, type Readable, type Writable } from './sql.ts'

/** A folder of photographs, which stay where they are. Its path is null when only its name is known (imported samples). */
export interface FolderRecord {
  readonly id: number
  readonly name: string
  readonly path: string | null
}

/** A photograph of a folder, or a file of it that could not be read, with the reason. */
export type Photograph = {
  /** Path below the folder, with forward slashes. */
  readonly relative: string
  /** A folder's name or a leading synset that may name its class. */
  readonly class: string | null
} & (
  | { readonly status: 'ok'; readonly hash: string; readonly width: number; readonly height: number }
  /** The hash is known where the file could be read, but not decoded. */
  | { readonly status: 'unreadable'; readonly reason: string; readonly hash?: string }
)
export type ImageRecord = Photograph & { readonly id: number; readonly folder: number }

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
}

const selectFolders = query<None, FolderRecord>('SELECT id, name, path FROM folders ORDER BY id')
const selectFolderByPath = query<{ path: string }, FolderRecord>(
  'SELECT id, name, path FROM folders WHERE path = @path',
)
const insertFolder = command<{ name: string; path: string | null }>(`
  INSERT INTO folders (name, path) VALUES (@name, @path)
`)
const updateFolder = command<{ id: number; path: string }>('UPDATE folders SET path = @path WHERE id = @id')
const columns = 'id, folder, relative, class, status, hash, width, height, reason'
const selectImage = query<{ id: number }, ImageRow>(`SELECT ${columns} FROM images WHERE id = @id`)
const selectImages = query<{ folder: number }, ImageRow>(`
  SELECT ${columns} FROM images WHERE folder = @folder ORDER BY relative
`)
const selectByHash = query<{ hash: string }, ImageRow>(`
  SELECT ${columns} FROM images WHERE hash = @hash ORDER BY id
`)
const selectId = query<{ folder: number; relative: string }, { id: number }>(`
  SELECT id FROM images WHERE folder = @folder AND relative = @relative
`)
const upsertImage = command<Omit<ImageRow, 'id'>>(`
  INSERT INTO images (folder, relative, class, status, hash, width, height, reason)
  VALUES (@folder, @relative, @class, @status, @hash, @width, @height, @reason)
  ON CONFLICT (folder, relative) DO UPDATE SET
    class = @class, status = @status, hash = @hash, width = @width, height = @height, reason = @reason
`)
const selectHints = query<None, { hint: string; images: number }>(`
  SELECT class AS hint, count(*) AS images FROM images WHERE status = 'ok' AND class IS NOT NULL GROUP BY class
`)
const selectOfHints = query<{ hints: string }, ImageRow>(`
  SELECT ${columns} FROM images
  WHERE status = 'ok' AND class IN (SELECT value FROM json_each(@hints)) ORDER BY folder, relative
`)
const selectSearch = query<{ text: string; offset: number; limit: number }, ImageRow>(`
  SELECT ${columns} FROM images WHERE status = 'ok' AND instr(lower(relative), lower(@text)) > 0
  ORDER BY folder, relative LIMIT @limit OFFSET @offset
`)
const countSearch = query<{ text: string }, { total: number }>(`
  SELECT count(*) AS total FROM images WHERE status = 'ok' AND instr(lower(relative), lower(@text)) > 0
`)
const setUnreadable = command<{ id: number; reason: string }>(`
  UPDATE images SET status = 'unreadable', reason = @reason, width = NULL, height = NULL WHERE id = @id
`)

const record = (row: ImageRow): ImageRecord => {
  const { id, folder, relative, hash, width, height, reason } = row
  const common = { id, folder, relative, class: row.class }
  return row.status === 'ok'
    ? { ...common, status: 'ok', hash: hash ?? '', width: width ?? 0, height: height ?? 0 }
    : { ...common, status: 'unreadable', reason: reason ?? '', ...(hash !== null && { hash }) }
}

export const listFolders = (db: Readable): FolderRecord[] => db.all(selectFolders, {})

/** The folder with that absolute path, added if the project did not know it. @returns its id */
export const putFolder = (db: Writable, path: string, name: string): number =>
  db.write(() => db.one(selectFolderByPath, { path })?.id ?? db.insert(insertFolder, { name, path }))

/** A folder that is known by name only. @returns its id */
export const addAbsentFolder = (db: Writable, name: string): number => db.insert(insertFolder, { name, path: null })

/** The folder has moved: its photographs are found below the new absolute path from now on. */
export const relinkFolder = (db: Writable, id: number, path: string): void => void db.run(updateFolder, { id, path })

/** Adds photographs to a folder, or updates what is known of them. @returns their ids, in the order given */
export const putPhotographs = (db: Writable, folder: number, photographs: readonly Photograph[]): number[] =>
  db.write(() =>
    photographs.map(photograph => {
      const { relative, status } = photograph
      const facts =
        photograph.status === 'ok'
          ? { hash: photograph.hash, width: photograph.width, height: photograph.height, reason: null }
          : { hash: photograph.hash ?? null, width: null, height: null, reason: photograph.reason }
      db.run(upsertImage, { folder, relative, class: photograph.class, status, ...facts })
      // Not lastInsertRowid: an update leaves it as it was.
      return db.one(selectId, { folder, relative })!.id
    }),
  )

/** A photograph whose header was whole has turned out not to be decodable. */
export const markUnreadable = (db: Writable, id: number, reason: string): void =>
  void db.run(setUnreadable, { id, reason })

export const findImage = (db: Readable, id: number): ImageRecord | undefined => {
  const row = db.one(selectImage, { id })
  return row && record(row)
}

/** All files of a folder, the unreadable ones with their reasons too, by path. */
export const listImages = (db: Readable, folder: number): ImageRecord[] => db.all(selectImages, { folder }).map(record)

/** The same photograph may lie in several places. */
export const imagesByHash = (db: Readable, hash: string): ImageRecord[] => db.all(selectByHash, { hash }).map(record)

/** A photograph that can be read. */
export type ReadableImage = Extract<ImageRecord, { readonly status: 'ok' }>

const readable = (row: ImageRow): ReadableImage => {
  const image = record(row)
  if (image.status !== 'ok') throw new Error(`photograph ${image.id} was selected as readable`)
  return image
}

/** What folders and file names say of classes, and of how many readable photographs they say it. */
export const classHints = (db: Readable): { readonly hint: string; readonly images: number }[] =>
  db.all(selectHints, {})

/** The readable photographs of which one of these things is said, by path. */
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
