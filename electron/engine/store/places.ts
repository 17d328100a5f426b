import { existsSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'

/**
 * The path of a file or folder outside of a project: absolute and, so that a project which is moved together with it
 * still finds it, relative to the folder of the project. The second is null in rows of versions that did not store it,
 * and where no relative path exists (another drive).
 */
export interface Place {
  readonly path: string
  /** With `/` on every system. */
  readonly beside: string | null
}

/** @param project path of the project file; @param path path of the file or folder, which is resolved */
export function placeOf(project: string, path: string): Place {
  const absolute = resolve(path)
  const beside = relative(dirname(resolve(project)), absolute)
  // On another drive of Windows `relative` returns an absolute path.
  return { path: absolute, beside: isAbsolute(beside) ? null : beside.split(sep).join('/') || '.' }
}

/**
 * The current path: the absolute path if it exists, else the path relative to the project. If neither exists, the
 * absolute path, for the message.
 */
export function findPlace(project: string, { path, beside }: Place): string {
  if (beside === null || existsSync(path)) return path
  const moved = resolve(dirname(resolve(project)), beside)
  return existsSync(moved) ? moved : path
}
