import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { isInside } from '../files/inside.ts'
import { replaceFile, userFolder } from '../files/user-folder.ts'
import type { Json } from '../store/json.ts'
import { listFolders } from '../store/photographs.ts'
import type { Readable } from '../store/sql.ts'

/**
 * Folders that this user has named on this machine. A project says itself which folders its jobs read, and it may come
 * from anybody: what it says is followed without a question only where the user has said the same before.
 */
const Named = z.array(z.string())
const MOST = 2000
const file = (): string => join(userFolder(), 'folders.json')

function namedFolders(): readonly string[] {
  try {
    return Named.parse(JSON.parse(readFileSync(file(), 'utf8')))
  } catch {
    // Not there yet, or damaged: then folders have to be named again.
    return []
  }
}

/** Remembers folders that the user has just named, the latest last. Where the user's folder cannot be written to, nothing is remembered. */
export function rememberFolders(folders: readonly string[]): void {
  const paths = folders.map(folder => resolve(folder))
  const known = namedFolders()
  if (paths.every(path => known.includes(path))) return
  const all = [...known.filter(path => !paths.includes(path)), ...paths].slice(-MOST)
  try {
    replaceFile(file(), JSON.stringify(all), 0o600)
  } catch {
    // Then these folders have to be named again.
  }
}

const Params = z.object({ folders: z.array(z.string()).optional(), image: z.string().optional() })
/** Jobs of a plan that the project keeps: they read photographs of its folders. */
const Planned = z.union([
  z.object({ experiment: z.int() }),
  z.object({ suggestion: z.int() }),
  z.object({ sweep: z.int() }),
])

/** The folders that a job of a project reads photographs from. @returns absolute paths */
export function foldersOfJob(db: Readable, params: Json): readonly string[] {
  const { folders = [], image } = Params.safeParse(params).data ?? {}
  const own = Planned.safeParse(params).success ? listFolders(db).flatMap(({ path }) => path ?? []) : []
  return [...new Set([...folders, ...(image === undefined ? [] : [dirname(image)]), ...own].map(path => resolve(path)))]
}

/** Those of some folders that the user has named neither before nor now, themselves or a folder around them. */
export function unnamedFolders(folders: readonly string[], now: readonly string[]): readonly string[] {
  const named = [...namedFolders(), ...now.map(path => resolve(path))]
  return folders.filter(path => !named.some(outer => path === outer || isInside(path, outer)))
}
