import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { isInside } from '../files/inside.ts'
import { userFolder } from '../files/user-folder.ts'
import { UserJson } from '../files/user-json.ts'
import type { Json } from '../store/json.ts'
import { listFolders } from '../store/photographs.ts'
import type { Readable } from '../store/sql.ts'

/**
 * Folders that this user has opened on this machine. A project stores which folders its jobs read, and it may come from
 * an untrusted source: a job reads them without confirmation only if the user has opened them before.
 */
const Named = z.array(z.string())
const MAX_FOLDERS = 2000
/** If it is missing or damaged, the user confirms folders again. */
const named = (): UserJson<string[]> => new UserJson(join(userFolder(), 'folders.json'), Named, [], { mode: 0o600 })

/** Stores folders that the user has opened, the latest last. Nothing is stored where the user's folder cannot be written to. */
export function rememberFolders(folders: readonly string[]): void {
  const paths = folders.map(folder => resolve(folder))
  const stored = named()
  const before = stored.read()
  if (paths.every(path => before.includes(path))) return
  const all = [...before.filter(path => !paths.includes(path)), ...paths].slice(-MAX_FOLDERS)
  stored.write(all)
}

const Params = z.object({ folders: z.array(z.string()).optional(), image: z.string().optional() })
/** Jobs of a stored plan: they read photographs of the project's folders. */
const Planned = z.union([
  z.object({ experiment: z.int() }),
  z.object({ suggestion: z.int() }),
  z.object({ sweep: z.int() }),
])

/** The folders that a job of a project reads photographs from. @returns absolute paths */
export function foldersOfJob(db: Readable, params: Json): readonly string[] {
  const { folders = [], image } = Params.safeParse(params).data ?? {}
  const ofPlan = Planned.safeParse(params).success ? listFolders(db).flatMap(({ path }) => path ?? []) : []
  return [
    ...new Set([...folders, ...(image === undefined ? [] : [dirname(image)]), ...ofPlan].map(path => resolve(path))),
  ]
}

/** The folders that the user has opened neither before nor now, nor a folder that contains them. */
export function unnamedFolders(folders: readonly string[], now: readonly string[]): readonly string[] {
  const opened = [...named().read(), ...now.map(path => resolve(path))]
  return folders.filter(path => !opened.some(outer => path === outer || isInside(path, outer)))
}
