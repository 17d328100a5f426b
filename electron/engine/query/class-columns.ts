import type { AttributionSign } from '../../contract/class-atlas.ts'
import type { ClassColumn } from '../attribution/filter.ts'
import { readColumns, type Source } from '../class-atlas/source.ts'
import { layerAt } from '../model/layers.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { classifierOf, columnName } from './attribution.ts'
import type { Project } from './project.ts'

/** Where the attributions of an atlas's samples are found. @throws UserError when the model's file has gone */
export async function sourceOf(project: Project, atlas: AtlasRecord): Promise<Source> {
  const classifier = await classifierOf(project, atlas)
  return {
    db: project.db,
    set: atlas.set,
    classifier,
    layer: layerAt(classifier, atlas.tensor, atlas.layer),
    attribution: atlas.attribution,
    runtime: await project.runtime(classifier),
  }
}

/**
 * What all samples of an atlas's set say about some classes at its layer, with the classes' ranks: kept in memory, so
 * that a filter answers at once while its numbers are turned.
 */
export async function rankedColumns(
  project: Project,
  atlas: AtlasRecord,
  classes: readonly number[],
  sign: AttributionSign,
): Promise<readonly ClassColumn[]> {
  const name = (index: number): string => columnName(atlas, `ranks ${sign}`, index)
  const kept = new Map(classes.map(index => [index, project.peek<ClassColumn>(name(index))]))
  const missing = [...kept].filter(([, column]) => column === undefined).map(([index]) => index)
  if (missing.length > 0)
    for (const column of await readColumns(await sourceOf(project, atlas), missing, sign))
      kept.set(
        column.index,
        project.cached(
          name(column.index),
          () => column,
          ({ values, ranks }) => values.byteLength + ranks.byteLength,
        ),
      )
  return classes.map(index => kept.get(index)!)
}
