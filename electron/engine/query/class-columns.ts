import type { AttributionSign } from '../../contract/class-selection.ts'
import type { ClassColumn, RankedColumn } from '../attribution/class-columns.ts'
import { readColumns, readRankedColumns, storedColumns } from '../class-atlas/columns.ts'
import type { AttributionSource } from '../class-atlas/source.ts'
import type { Classifier } from '../model/classifier.ts'
import { requireClasses } from '../model/labels.ts'
import { layerAt } from '../model/layers.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { findAttributions } from '../store/attributions.ts'
import { sampleSet } from '../store/samples.ts'
import type { Project } from './project.ts'

/** The classifier of an atlas. @throws UserError when its file is missing or has changed */
export const classifierOf = (project: Project, { set, classifier }: AtlasRecord): Promise<Classifier> =>
  project.classifier(classifier ?? sampleSet(project.db, set)!.model)

/**
 * Columns of some classes at the layer of an atlas: those that are not cached are read in one pass. A cached column with
 * ranks is also used without them.
 * @throws UserError when the model's file is missing
 */
export async function classColumns(
  project: Project,
  atlas: AtlasRecord,
  classes: readonly number[],
): Promise<readonly ClassColumn[]> {
  const plain = (index: number): string => columnName(atlas, 'column', index)
  return cachedColumns<ClassColumn>(
    project,
    classes,
    index =>
      project.peek<ClassColumn>(plain(index)) ??
      project.peek<RankedColumn>(columnName(atlas, 'positive', index)) ??
      project.peek<RankedColumn>(columnName(atlas, 'negative', index)),
    async missing => {
      const { set, tensor, attribution, classifier } = atlas
      const stored = findAttributions(project.db, set, tensor, attribution, classifier ?? '')
      // Stored attributions can be read without the model's file.
      if (stored) {
        requireClasses(atlas.name, stored.width, missing)
        return storedColumns(project.db, stored, missing)
      }
      return readColumns(await sourceOf(project, atlas, missing), missing)
    },
    plain,
  )
}

/**
 * The same with the ranks of the classes, so that a filter's counts follow its settings at once.
 * @throws UserError when the model's file is missing
 */
export async function rankedColumns(
  project: Project,
  atlas: AtlasRecord,
  classes: readonly number[],
  sign: AttributionSign,
): Promise<readonly RankedColumn[]> {
  const name = (index: number): string => columnName(atlas, sign, index)
  return cachedColumns<RankedColumn>(
    project,
    classes,
    index => project.peek<RankedColumn>(name(index)),
    async missing => {
      const source = await sourceOf(project, atlas, missing)
      return readRankedColumns({ ...source, runtime: await project.runtime(source.classifier) }, missing, sign)
    },
    name,
  )
}

/** The cache key of a column: samples, layer, classifier and kind of attribution. */
const columnName = ({ set, tensor, classifier, attribution }: AtlasRecord, kind: string, index: number): string =>
  `class column ${set} ${JSON.stringify(tensor)} ${classifier} ${attribution} ${kind} ${index}`

/** Columns that are being read: a filter requests the same one for every grid at once. */
const reading = new WeakMap<Project, Map<string, Promise<ClassColumn>>>()

async function cachedColumns<Column extends ClassColumn & Partial<RankedColumn>>(
  project: Project,
  classes: readonly number[],
  cached: (index: number) => Column | undefined,
  read: (missing: readonly number[]) => Promise<readonly Column[]>,
  name: (index: number) => string,
): Promise<readonly Column[]> {
  const pending = reading.get(project) ?? new Map<string, Promise<ClassColumn>>()
  reading.set(project, pending)
  const columns = new Map<number, Column | Promise<Column>>()
  for (const index of classes) {
    // A name is used for one type only.
    const known = cached(index) ?? (pending.get(name(index)) as Promise<Column> | undefined)
    if (known !== undefined) columns.set(index, known)
  }
  const missing = [...new Set(classes)].filter(index => !columns.has(index))
  if (missing.length > 0) {
    const found = read(missing).then(all => {
      const size = ({ values, known, ranks }: Column): number =>
        values.byteLength + known.byteLength + (ranks?.byteLength ?? 0)
      return new Map(all.map(column => [column.index, project.cached(name(column.index), () => column, size)]))
    })
    for (const index of missing) {
      const one = found.then(all => all.get(index)!)
      columns.set(index, one)
      pending.set(name(index), one)
      const end = (): void => void pending.delete(name(index))
      one.then(end, end)
    }
  }
  return await Promise.all(classes.map(index => columns.get(index)!))
}

/** The source of the attributions of an atlas's samples. @throws UserError when the network lacks one of the classes */
async function sourceOf(project: Project, atlas: AtlasRecord, classes: readonly number[]): Promise<AttributionSource> {
  const classifier = await classifierOf(project, atlas)
  requireClasses(classifier.name, classifier.labels.length, classes)
  return {
    db: project.db,
    set: atlas.set,
    classifier,
    layer: layerAt(classifier, atlas.tensor, atlas.layer),
    attribution: atlas.attribution,
  }
}
