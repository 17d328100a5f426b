import { basename } from 'node:path'
import type { AtlasSummary } from '../../contract/atlas.ts'
import type { ClassAtlas } from '../../contract/class-atlas.ts'
import { UserError } from '../../contract/errors.ts'
import type { ClassInfo, ModelInfo } from '../../contract/project.ts'
import type { PublishChoice } from '../../contract/published.ts'
import type { PublishedSource } from './source.ts'

/** The atlases of a choice with their models and classes. */
export interface Chosen {
  readonly atlases: readonly AtlasSummary[]
  readonly classAtlases: readonly ClassAtlas[]
  /** Without paths of this machine. */
  readonly models: readonly ModelInfo[]
  readonly classes: Readonly<Record<string, readonly ClassInfo[]>>
}

/** @throws UserError for an atlas that is gone or without cells, and for a class atlas without its whole atlas */
export async function chosenOf({ ask, project }: PublishedSource, choice: PublishChoice): Promise<Chosen> {
  const all = await ask('atlas.list', {})
  const atlases = choice.atlases.map(id => required(all, id, project.file))
  const ofClasses = await ask('classAtlas.list', {})
  const classAtlases = choice.classAtlases.map(id => required(ofClasses, id, project.file))
  for (const { name, layer, from } of classAtlases)
    if (!choice.atlases.includes(from ?? 0))
      throw new UserError(`cannot publish ${name} without the atlas of ${layer} that it was made from: choose that too`)
  const used = new Set([...atlases, ...classAtlases].map(({ model }) => model))
  const models = (await ask('models.list', {}))
    .filter(({ hash }) => used.has(hash))
    .map(model => ({ ...model, file: basename(model.file), note: null }))
  const classes: Record<string, readonly ClassInfo[]> = {}
  for (const { hash } of models) classes[hash] = await ask('classes.list', { model: hash })
  return { atlases, classAtlases, models, classes }
}

function required<T extends AtlasSummary>(all: readonly T[], id: number, file: string): T {
  const found = all.find(each => each.id === id)
  if (found === undefined) throw new UserError(`there is no atlas ${id} in ${file}; choose another`)
  // A grid that is being built may have no cells yet.
  const grids = found.grids.filter(({ shown }) => shown > 0)
  if (grids.length === 0)
    throw new UserError(
      `cannot publish ${found.name} of ${found.layer}: it has no cells yet; wait until it is laid out`,
    )
  return { ...found, grids }
}
