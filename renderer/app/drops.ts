import { reason } from '../../electron/contract/errors.ts'
import type { Photograph } from '../../electron/contract/project.ts'
import { showImage } from '../state/image.ts'
import { addModel } from '../state/models.ts'
import { notify, notifySkipped, refusalText } from '../state/notices.ts'
import { call } from '../state/queries.ts'
import { show } from '../state/view.ts'
import { count } from '../ui/text.ts'
import { openFile } from './projects.ts'

/** A dropped or pasted item: its path ('' if it has none), and whether it is a folder. */
interface Dropped {
  readonly path: string
  readonly name: string
  readonly folder: boolean
  /** MIME type reported by the platform, such as `image/png`. */
  readonly type: string
}

/** The items by kind. */
interface Sorted<T extends Dropped> {
  readonly projects: readonly T[]
  readonly models: readonly T[]
  readonly folders: readonly T[]
  readonly photographs: readonly T[]
  /** Pictures without a path: from a web page or the clipboard. */
  readonly pictures: readonly T[]
  readonly unknown: readonly T[]
}

const PICTURE = /\.(jpe?g|png|webp|gif|tiff?|avif|heic|bmp)$/i

/** Sorts items by name and type. */
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

/** Opens a project, or adds models, folders and photographs and shows the last photograph. */
export async function acceptItems(items: readonly Item[], open: boolean): Promise<void> {
  const sorted = sortDropped(items)
  if (sorted.projects.length > 1) throw new Error('a window holds one project; drop a single project file')
  const [project] = sorted.projects
  if (project) return openFile(project.path)
  if (!open) throw new Error('open or create a project first')
  if (sorted.unknown.length > 0) {
    notify(
      `Skipped ${count(sorted.unknown.length, 'unsupported file')} (${sorted.unknown[0]!.name}): drop photographs, folders, models (.onnx) or projects (.portolan).`,
      'warning',
    )
  }
  // A refused item does not stop the others.
  const refused: string[] = []
  const attempted = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      refused.push(reason(error))
      return undefined
    }
  }
  for (const { path } of sorted.models) await attempted(() => addModel(path))
  if (sorted.models.length > 0) show('models')
  for (const { path } of sorted.folders) await attempted(() => call('folder.add', { folder: path }))
  if (sorted.folders.length > 0) show('jobs')
  const added: Photograph[] = []
  if (sorted.photographs.length > 0) {
    const reply = await attempted(() => call('photograph.add', { files: sorted.photographs.map(p => p.path) }))
    added.push(...(reply?.added ?? []))
    refused.push(...(reply?.refused ?? []).map(refusalText))
  }
  for (const { name, bytes } of sorted.pictures) {
    const one = await attempted(async () => call('photograph.addBytes', { name, bytes: await bytes() }))
    if (one) added.push(one)
  }
  const last = added.at(-1)
  if (last) showImage(last)
  notifySkipped(refused)
}
