import { basename, dirname } from 'node:path'
import sharp from 'sharp'
import { creditLine } from '../../contract/credit.ts'
import { UserError } from '../../contract/errors.ts'
import type { PatchRecord, PatchSource } from '../../contract/patch.ts'
import type { TransparentPicture } from '../images/decode.ts'
import { storedTransparentPixels } from '../images/stored-picture.ts'
import { readPhotograph } from '../photographs/read.ts'
import { creditOf } from '../store/credits.ts'
import { findIcon } from '../store/icons.ts'
import { contentKey } from '../store/keys.ts'
import { findPatch, patchPicture, putPatch } from '../store/patches.ts'
import { findImage } from '../store/photographs.ts'
import type { Readable, Writable } from '../store/sql.ts'
import { isTransparent, namedBytes, readPatch } from './picture.ts'

/** Keeps a picture as a patch. @param gallery false for controls, which are not listed */
export async function keepPatch(
  db: Writable,
  picture: TransparentPicture,
  {
    name,
    kind,
    origin,
    gallery = true,
  }: Pick<PatchRecord, 'name' | 'kind' | 'origin'> & { readonly gallery?: boolean },
): Promise<PatchRecord> {
  const { rgba, width, height } = picture
  const webp = await sharp(rgba, { raw: { width, height, channels: 4 } })
    .webp({ lossless: true, exact: true })
    .toBuffer()
  return putPatch(db, {
    key: contentKey({ patch: 1, width, height, rgba }),
    name: name.slice(0, 200),
    kind,
    origin,
    width,
    height,
    transparent: isTransparent(picture),
    gallery,
    created: Date.now(),
    webp,
  })
}

/**
 * Adds a patch to the gallery.
 * @param called its name; after its source by default
 * @throws UserError when the source is not there, cannot be read, or shows nothing
 */
export async function addPatch(db: Writable, source: PatchSource, called?: string): Promise<PatchRecord> {
  switch (source.kind) {
    case 'file': {
      const picture = await readPatch(source.file)
      return keepPatch(db, picture, { name: called ?? basename(source.file), kind: 'file', origin: source.file })
    }
    case 'bytes': {
      const picture = await readPatch(namedBytes(source.name, source.bytes))
      return keepPatch(db, picture, { name: called ?? source.name, kind: 'bytes', origin: 'clipboard' })
    }
    case 'region': {
      const { picture, file } = await regionOf(db, source.image, source.box)
      const name = basename(file)
      const credit = creditOf(db, findImage(db, source.image) ?? {})
      const origin = `region of ${name}${credit === null ? '' : ` (${creditLine(credit)})`}`
      return keepPatch(db, picture, { name: called ?? `part of ${name}`, kind: 'region', origin })
    }
    case 'icon': {
      const webp = findIcon(db, source.icon)?.webp
      if (!webp)
        throw new UserError(`there is no icon ${source.icon.slice(0, 12)} in ${db.file}: it may not be made yet`)
      const picture = await readPatch(namedBytes(`icon ${source.icon.slice(0, 12)}`, webp))
      return keepPatch(db, picture, {
        name: called ?? `icon ${source.icon.slice(0, 8)}`,
        kind: 'icon',
        origin: 'icon of an atlas',
      })
    }
  }
}

/** Shares of a photograph's width and height. */
export interface Region {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** The square in the middle of a photograph: so that all patches and their controls cover as much. */
export function middleSquare(db: Readable, image: number): Region {
  const found = findImage(db, image)
  const { width, height } = found?.status === 'ok' ? found : { width: 1, height: 1 }
  const [across, down] = [Math.min(1, height / width) / 2, Math.min(1, width / height) / 2]
  return { left: 0.5 - across, right: 0.5 + across, top: 0.5 - down, bottom: 0.5 + down }
}

/**
 * A region of a photograph at its own resolution; what of it lies beyond the photograph is cut off.
 * @throws UserError when nothing is left, or the photograph is not where it was
 */
export async function regionOf(
  db: Readable,
  image: number,
  box: Region,
): Promise<{ readonly picture: TransparentPicture; readonly file: string }> {
  const read = await readPhotograph(db, image)
  const { file } = read
  const { rgba, width, height } = await readPatch(read)
  const clamp = (share: number, edge: number): number => Math.min(edge, Math.max(0, Math.round(share * edge)))
  const [left, right] = [clamp(box.left, width), clamp(box.right, width)]
  const [top, bottom] = [clamp(box.top, height), clamp(box.bottom, height)]
  if (right <= left || bottom <= top)
    throw new UserError(
      `nothing of ${basename(file)} lies in the region ${box.left.toFixed(2)}, ${box.top.toFixed(2)} to ${box.right.toFixed(2)}, ${box.bottom.toFixed(2)}: draw it larger, within the photograph`,
    )
  const cut = new Uint8Array(4 * (right - left) * (bottom - top))
  for (let row = top; row < bottom; row++)
    cut.set(rgba.subarray(4 * (row * width + left), 4 * (row * width + right)), 4 * (row - top) * (right - left))
  return { picture: { rgba: cut, width: right - left, height: bottom - top }, file }
}

/** @throws UserError when there is no such patch */
export const requirePatch = (db: Readable, id: number): PatchRecord => {
  const patch = findPatch(db, id)
  if (patch === undefined)
    throw new UserError(`there is no patch ${id} in ${db.file}: the gallery shows those there are`)
  return patch
}

/** The pixels of a patch. @throws UserError when there is no such patch */
export async function pictureOfPatch(db: Readable, id: number): Promise<TransparentPicture> {
  const { width, height } = requirePatch(db, id)
  const data = await storedTransparentPixels(patchPicture(db, id)!, width, height)
  return { rgba: new Uint8Array(data.buffer, data.byteOffset, data.byteLength), width, height }
}

const repeated = (names: readonly string[]): ReadonlySet<string> =>
  new Set(names.filter((name, k) => names.indexOf(name) !== k))

/**
 * The names of patches in one list: their own, and where several have the same, files by their folder too
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
