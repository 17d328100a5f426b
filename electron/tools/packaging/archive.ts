import { execFileSync } from 'node:child_process'
import { basename, dirname } from 'node:path'
import { reason, UserError } from '../../contract/errors.ts'

/** Packs a folder, under the name of the file. @returns `file`. @throws UserError where tar fails */
export function tarball(folder: string, file: string): string {
  const name = basename(file, '.tar.gz')
  const args = [
    '-C',
    dirname(folder),
    '--owner=0',
    '--group=0',
    `--transform=s,^${basename(folder)},${name},`,
    '-czf',
    file,
  ]
  try {
    execFileSync('tar', [...args, basename(folder)], { stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (error) {
    throw new UserError(`cannot write ${file}: ${reason(error)}`, { cause: error })
  }
  return file
}
