import { basename, dirname } from 'node:path'
import type { PatchRecord } from '../../../contract/patch.ts'
import { findImage, listFolders } from '../../store/photographs.ts'
import type { Readable } from '../../store/sql.ts'

const repeated = (names: readonly string[]): ReadonlySet<string> =>
  new Set(names.filter((name, k) => names.indexOf(name) !== k))

/**
 * What patches are called beside each other: by their names, and where several have the same, files by their folder too
 * and others by their number.
 * @returns a name for each, all distinct for distinct patches
 */
export function patchNames(patches: readonly PatchRecord[]): readonly string[] {
  const plain = repeated(patches.map(({ name }) => name))
  const placed = patches.map(({ name, kind, origin }) =>
    plain.has(name) && kind === 'file' ? `${basename(dirname(origin))}/${name}` : name,
  )
  const same = repeated(placed)
  return placed.map((name, k) => (same.has(name) ? `${name} (patch ${patches[k]!.id})` : name))
}

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
