import { reason, UserError } from '../../contract/errors.ts'
import { storedPixels } from '../images/stored-picture.ts'
import { type None, query, type Readable } from '../store/sql.ts'

const selectIcons = query<None, { key: string; size: number }>(`
  SELECT key, size FROM icons WHERE webp IS NOT NULL ORDER BY key
`)
const selectIcon = query<{ key: string }, { webp: Uint8Array }>('SELECT webp FROM icons WHERE key = @key')
const selectPatches = query<None, { id: number; width: number; height: number }>(`
  SELECT id, width, height FROM patches ORDER BY id
`)
const selectPatch = query<{ id: number }, { webp: Uint8Array }>('SELECT webp FROM patches WHERE id = @id')

/** Pictures decoded at a time: each is small, and libvips has its own threads. */
const AT_ONCE = 4

interface StoredPicture {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly webp: () => Uint8Array | undefined
}

/**
 * Decodes every icon and patch of a project.
 * @param progress pictures that are done, of all
 * @returns the number of pictures, and their faults
 */
export async function checkPictures(
  db: Readable,
  progress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<{ readonly pictures: number; readonly faults: readonly string[] }> {
  const pictures: StoredPicture[] = [
    ...db.all(selectIcons, {}).map(({ key, size }) => ({
      name: `icon ${key.slice(0, 12)}`,
      width: size,
      height: size,
      webp: () => db.one(selectIcon, { key })?.webp,
    })),
    ...db.all(selectPatches, {}).map(({ id, width, height }) => ({
      name: `patch ${id}`,
      width,
      height,
      webp: () => db.one(selectPatch, { id })?.webp,
    })),
  ]
  const faults: string[] = []
  for (let at = 0; at < pictures.length; at += AT_ONCE) {
    signal.throwIfAborted()
    const results = await Promise.all(pictures.slice(at, at + AT_ONCE).map(faultOf))
    faults.push(...results.filter(fault => fault !== undefined))
    progress(Math.min(at + AT_ONCE, pictures.length), pictures.length)
  }
  return { pictures: pictures.length, faults }
}

const faultOf = async ({ name, width, height, webp }: StoredPicture): Promise<string | undefined> => {
  const bytes = webp()
  // Another process has replaced it.
  if (bytes === undefined) return undefined
  try {
    await storedPixels(bytes, width, height)
    return undefined
  } catch (error) {
    if (error instanceof UserError) return `${name} cannot be decoded: ${reason(error.cause)}`
    throw error
  }
}
