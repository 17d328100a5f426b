import { reason } from '../../electron/contract/errors.ts'
import { PatchSource } from '../../electron/contract/patch.ts'
import { notify, notifyLeftOut } from '../state/notices.ts'
import { call } from '../state/queries.ts'
import { lay, putImage } from './lab.ts'

/** Keeps a picture as a patch and lays it on the photograph. */
export async function layNew(source: PatchSource): Promise<void> {
  lay((await call('patch.add', source)).id)
}

const bytesOf = async (file: Blob): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await file.arrayBuffer())

/** A picture that was dropped or pasted: by its path where it lies somewhere, else by what is in it. */
async function patchOf(file: File): Promise<PatchSource> {
  const path = await window.portolan.pathOf(file)
  if (path !== '') return { kind: 'file', file: path }
  return PatchSource.parse({ kind: 'bytes', name: file.name || 'clipboard.png', bytes: await bytesOf(file) })
}

export const layFile = async (file: File): Promise<void> => layNew(await patchOf(file))

export async function photographOfFile(file: File): Promise<void> {
  const path = await window.portolan.pathOf(file)
  const given =
    path === ''
      ? await call('image.addBytes', { name: file.name || 'clipboard.png', bytes: await bytesOf(file) })
      : (await call('image.add', { files: [path] })).added[0]
  if (given) putImage(given.id)
}

/** Chosen in a dialog. */
export async function chooseFiles(): Promise<readonly string[]> {
  return window.portolan.shell('dialog.open', { kind: 'photographs' })
}

/** The picture on the clipboard. @returns undefined where there is none; the reader is told */
export async function clipboardPicture(): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const held = await window.portolan.shell('clipboard.readImage', {})
  if (held === null) {
    notify('The clipboard holds no picture: copy one first.', 'warning')
    return undefined
  }
  return new Uint8Array(held.png)
}

export async function layClipboard(): Promise<void> {
  const bytes = await clipboardPicture()
  if (bytes) await layNew({ kind: 'bytes', name: 'clipboard.png', bytes })
}

export async function photographFromClipboard(): Promise<void> {
  const bytes = await clipboardPicture()
  if (bytes) putImage((await call('image.addBytes', { name: 'clipboard.png', bytes })).id)
}

export async function photographFromFile(): Promise<void> {
  const [file] = await chooseFiles()
  if (file === undefined) return
  const [added] = (await call('image.add', { files: [file] })).added
  if (added) putImage(added.id)
}

export async function layFromFiles(): Promise<void> {
  const refused: string[] = []
  for (const file of await chooseFiles())
    try {
      await layNew({ kind: 'file', file })
    } catch (error) {
      refused.push(reason(error))
    }
  notifyLeftOut(refused)
}

/** The picture among what was dropped or pasted, if there is one. */
export const pictureIn = (items: DataTransfer | null): File | undefined =>
  [...(items?.files ?? [])].find(file => file.type.startsWith('image/'))
