import { reason } from '../../electron/contract/errors.ts'
import { PatchSource } from '../../electron/contract/patch.ts'
import type { Point } from '../atlas/cells.ts'
import { notify, notifySkipped } from '../state/notices.ts'
import { call } from '../state/queries.ts'
import { placePatch, setPhotograph } from './lab.ts'

/** Adds a picture to the gallery and places it on the photograph. @param at where its centre is, if not at the usual place */
export async function placeNew(source: PatchSource, at?: Point): Promise<void> {
  placePatch((await call('patch.add', source)).id, at)
}

const bytesOf = async (file: Blob): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await file.arrayBuffer())

/** The source of a dropped or pasted picture: its path if it has one, else its bytes. */
async function patchSourceOf(file: File): Promise<PatchSource> {
  const path = await window.portolan.pathOf(file)
  if (path !== '') return { kind: 'file', file: path }
  return PatchSource.parse({ kind: 'bytes', name: file.name || 'clipboard.png', bytes: await bytesOf(file) })
}

export async function placeFile(file: File, at?: Point): Promise<void> {
  return placeNew(await patchSourceOf(file), at)
}

export async function photographOfFile(file: File): Promise<void> {
  const path = await window.portolan.pathOf(file)
  const photograph =
    path === ''
      ? await call('photograph.addBytes', { name: file.name || 'clipboard.png', bytes: await bytesOf(file) })
      : (await call('photograph.add', { files: [path] })).added[0]
  if (photograph) setPhotograph(photograph.id)
}

async function chooseFiles(): Promise<readonly string[]> {
  return window.portolan.shell('dialog.open', { kind: 'photographs' })
}

/** The picture on the clipboard. @returns undefined if there is none, with a notice */
async function clipboardPicture(): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const picture = await window.portolan.shell('clipboard.readImage', {})
  if (picture === null) {
    notify('The clipboard has no image: copy one first.', 'warning')
    return undefined
  }
  return new Uint8Array(picture.png)
}

export async function placeClipboard(): Promise<void> {
  const bytes = await clipboardPicture()
  if (bytes) await placeNew({ kind: 'bytes', name: 'clipboard.png', bytes })
}

export async function photographFromClipboard(): Promise<void> {
  const bytes = await clipboardPicture()
  if (bytes) setPhotograph((await call('photograph.addBytes', { name: 'clipboard.png', bytes })).id)
}

export async function photographFromFile(): Promise<void> {
  const [file] = await chooseFiles()
  if (file === undefined) return
  const [added] = (await call('photograph.add', { files: [file] })).added
  if (added) setPhotograph(added.id)
}

export async function placeFromFiles(): Promise<void> {
  const refused: string[] = []
  for (const file of await chooseFiles())
    try {
      await placeNew({ kind: 'file', file })
    } catch (error) {
      refused.push(reason(error))
    }
  notifySkipped(refused)
}

/** The first dropped or pasted picture, if any. */
export function pictureIn(items: DataTransfer | null): File | undefined {
  return [...(items?.files ?? [])].find(file => file.type.startsWith('image/'))
}
