import type { PatchRecord } from '../../contract/patch.ts'
import { command, type None, query, type Readable, type Writable } from './sql.ts'

interface PatchRow extends Omit<PatchRecord, 'transparent'> {
  readonly transparent: number
}

const columns = 'id, name, width, height, transparent, kind, origin, created'
const selectGallery = query<None, PatchRow>(`SELECT ${columns} FROM patches WHERE gallery = 1 ORDER BY id DESC`)
const selectOne = query<{ id: number }, PatchRow>(`SELECT ${columns} FROM patches WHERE id = @id`)
const selectByKey = query<{ key: string }, PatchRow>(`SELECT ${columns} FROM patches WHERE key = @key`)
const selectPicture = query<{ id: number }, { webp: Uint8Array }>('SELECT webp FROM patches WHERE id = @id')
const insertPatch = command<
  Omit<PatchRow, 'id'> & { readonly key: string; readonly gallery: number; readonly webp: Uint8Array }
>(`
  INSERT INTO patches (key, name, kind, origin, width, height, transparent, gallery, created, webp)
  VALUES (@key, @name, @kind, @origin, @width, @height, @transparent, @gallery, @created, @webp)
`)
const updateGallery = command<{ id: number; gallery: number }>('UPDATE patches SET gallery = @gallery WHERE id = @id')
const updateName = command<{ id: number; name: string }>('UPDATE patches SET name = @name WHERE id = @id')

const record = (row: PatchRow): PatchRecord => ({ ...row, transparent: row.transparent === 1 })

/** The gallery, latest first. */
export const listPatches = (db: Readable): PatchRecord[] => db.all(selectGallery, {}).map(record)

/** Any patch, also one that is not in the gallery. */
export const findPatch = (db: Readable, id: number): PatchRecord | undefined => {
  const row = db.one(selectOne, { id })
  return row && record(row)
}

/** Lossless WebP. */
export const patchPicture = (db: Readable, id: number): Uint8Array | undefined => db.one(selectPicture, { id })?.webp

/** Stores a picture; the same pixels are one patch, which is added to the gallery again if it had been removed. */
export const putPatch = (
  db: Writable,
  patch: Omit<PatchRecord, 'id'> & { readonly key: string; readonly gallery: boolean; readonly webp: Uint8Array },
): PatchRecord =>
  db.write(() => {
    const known = db.one(selectByKey, { key: patch.key })
    if (known === undefined) {
      const row = { ...patch, transparent: Number(patch.transparent), gallery: Number(patch.gallery) }
      return findPatch(db, db.insert(insertPatch, row))!
    }
    if (patch.gallery) db.run(updateGallery, { id: known.id, gallery: 1 })
    return record(known)
  })

/** Removes a patch from the gallery; results that refer to it keep it. */
export const hidePatch = (db: Writable, id: number): void => void db.run(updateGallery, { id, gallery: 0 })

export const renamePatch = (db: Writable, id: number, name: string): void => void db.run(updateName, { id, name })
