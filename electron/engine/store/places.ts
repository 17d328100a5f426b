import { existsSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'

/**
 * Where a file or folder outside of a project lies: as an absolute path and, so that a project which moves together
 * with what it was made from still finds it, relative to the folder of the project. The second is null in rows that
 * were written before it was kept, and where there is no relative path (another drive).
 */
export interface Place {
  readonly path: string
  /** With `/` on every system. */
  readonly beside: string | null
}

/** @param project path of the project file; @param path what lies somewhere, made absolute */
export function placeOf(project: string, path: string): Place {
  const absolute = resolve(path)
  const beside = relative(dirname(resolve(project)), absolute)
  // On another drive of Windows `relative` gives an absolute path.
  return { path: absolute, beside: isAbsolute(beside) ? null : beside.split(sep).join('/') || '.' }
}

/**
 * Where it lies now: at its absolute path, else at the same place relative to the project. Where it is at neither, the
 * absolute path, for the message.
 */
export function findPlace(project: string, { path, beside }: Place): string {
  if (beside === null || existsSync(path)) return path
  const moved = resolve(dirname(resolve(project)), beside)
  return existsSync(moved) ? moved : path
}
