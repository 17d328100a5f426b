import { reason } from '../../electron/contract/errors.ts'
import type { Photograph } from '../../electron/contract/project.ts'
import { showImage } from '../state/image.ts'
import { notify, notifyLeftOut, refusalText } from '../state/notices.ts'
import { call } from '../state/queries.ts'
import { show } from '../state/view.ts'
import { count } from '../ui/text.ts'
import { openFile } from './projects.ts'

/** Something dropped or pasted: where it lies ('' for nowhere), and whether it is a folder. */
export interface Dropped {
  readonly path: string
  readonly name: string
  readonly folder: boolean
  /** What the platform says it is, such as `image/png`. */
  readonly type: string
}

/** What is to be done with it. */
export interface Sorted<T extends Dropped> {
  readonly projects: readonly T[]
  readonly models: readonly T[]
  readonly folders: readonly T[]
  readonly photographs: readonly T[]
  /** Pictures that lie nowhere: from a page or the clipboard. */
  readonly pictures: readonly T[]
  readonly unknown: readonly T[]
}

const PICTURE = /\.(jpe?g|png|webp|gif|tiff?|avif|heic|bmp)$/i

/** Tell by name and type what was dropped. */
export function sortDropped<T extends Dropped>(items: readonly T[]): Sorted<T> {
  const kinds = new Map<keyof Sorted<T>, T[]>()
  for (const item of items) {
    const kind = kindOf(item)
    kinds.set(kind, [...(kinds.get(kind) ?? []), item])
  }
  const of = (kind: keyof Sorted<T>): readonly T[] => kinds.get(kind) ?? []
  return {
    projects: of('projects'),
    models: of('models'),
    folders: of('folders'),
    photographs: of('photographs'),
    pictures: of('pictures'),
    unknown: of('unknown'),
  }
}

function kindOf({ path, name, folder, type }: Dropped): keyof Sorted<Dropped> {
  if (folder) return path === '' ? 'unknown' : 'folders'
  if (/\.portolan$/i.test(name)) return path === '' ? 'unknown' : 'projects'
  if (/\.onnx$/i.test(name)) return path === '' ? 'unknown' : 'models'
  if (PICTURE.test(name) || type.startsWith('image/')) return path === '' ? 'pictures' : 'photographs'
  return 'unknown'
}

type Item = Dropped & { readonly bytes: () => Promise<Uint8Array<ArrayBuffer>> }

/** Take what was dropped: open a project, add models, folders and photographs, and show the last photograph. */
export async function take(items: readonly Item[], open: boolean): Promise<void> {
  const sorted = sortDropped(items)
  if (sorted.projects.length > 1) throw new Error('one project at a time can be opened in a window; drop one of them')
  const [project] = sorted.projects
  if (project) return openFile(project.path)
  if (!open) throw new Error('open a project or begin one before you drop anything else')
  if (sorted.unknown.length > 0) {
    notify(
      `${count(sorted.unknown.length, 'thing')} dropped are no photographs, folders, models (.onnx) or projects (.portolan): ${sorted.unknown[0]!.name}`,
      'warning',
    )
  }
  // What is refused does not keep the others out.
  const refused: string[] = []
  const tried = async <T>(what: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await what()
    } catch (error) {
      refused.push(reason(error))
      return undefined
    }
  }
  for (const { path } of sorted.models) await tried(() => call('models.add', { file: path }))
  if (sorted.models.length > 0) show('models')
  for (const { path } of sorted.folders) await tried(() => call('data.add', { folder: path }))
  if (sorted.folders.length > 0) show('jobs')
  const added: Photograph[] = []
  if (sorted.photographs.length > 0) {
    const answer = await tried(() => call('image.add', { files: sorted.photographs.map(p => p.path) }))
    added.push(...(answer?.added ?? []))
    refused.push(...(answer?.refused ?? []).map(refusalText))
  }
  for (const { name, bytes } of sorted.pictures) {
    const one = await tried(async () => call('image.addBytes', { name, bytes: await bytes() }))
    if (one) added.push(one)
  }
  const last = added.at(-1)
  if (last) showImage(last)
  notifyLeftOut(refused)
}
