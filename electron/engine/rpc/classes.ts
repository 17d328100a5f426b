import { distance } from 'fastest-levenshtein'
import type { ClassInfo } from '../../contract/project.ts'
import type { Label } from '../model/classifier.ts'
import { distinctNames, labelOfHint, looseForm } from '../model/labels.ts'
import { foldersById } from '../photographs/read.ts'
import { labelsOf } from '../query/model-records.ts'
import { photographOf } from '../query/photographs.ts'
import { classHints, imagesOfHints } from '../store/photographs.ts'
import type { OpenProject } from '../workspace/open-project.ts'
import { predictionsOf } from '../workspace/predictions.ts'
import type { Calls } from './handlers.ts'

/** Predictions shown beside a photograph. */
const PREDICTIONS = 5

export const classesCalls: Calls<'classes'> = {
  'classes.list': async ({ model }, { project }) => {
    const labels = await labelsOf(project(), model)
    return infos(project(), labels, labels)
  },
  'classes.search': async ({ model, text, limit }, { project }) => {
    const labels = await labelsOf(project(), model)
    return infos(project(), labels, nearest(labels, text).slice(0, limit))
  },
  'classes.photographs': async ({ model, index, offset, limit }, { project }) => {
    const it = project()
    const labels = await labelsOf(it, model)
    const hints = classHints(it.db)
      .map(({ hint }) => hint)
      .filter(hint => labelOfHint(labels, hint)?.index === index)
    const images = imagesOfHints(it.db, hints)
    const page = images.slice(offset, offset + limit)
    const folders = foldersById(it.db)
    const shown = await Promise.all(page.map(image => photographOf(it, image, labels, folders)))
    const predictions = await predictionsOf(it, model, page, PREDICTIONS)
    return {
      total: images.length,
      photographs: shown.map(photograph => ({ ...photograph, predictions: predictions.get(photograph.id) ?? null })),
    }
  },
}

/** Some of the classes of a model. Titles and photographs depend on all of them. */
function infos(project: OpenProject, labels: readonly Label[], some: readonly Label[]): ClassInfo[] {
  const counts = new Map<number, number>()
  const all = classHints(project.db)
  for (const { hint, images } of all) {
    const label = labelOfHint(labels, hint)
    if (label !== undefined) counts.set(label.index, (counts.get(label.index) ?? 0) + images)
  }
  const titles = distinctNames(labels)
  return some.map(({ index, synset, name, synonyms }) => ({
    index,
    synset,
    name,
    title: titles[index]!,
    synonyms,
    photographs: counts.get(index) ?? 0,
  }))
}

/** The rank of a class in a search: 0 is the best match; undefined without a match. */
function rank({ index, synset, name, synonyms }: Label, wanted: string): number | undefined {
  if (String(index) === wanted || synset === wanted) return 0
  const names = [name, ...synonyms].map(looseForm)
  if (names[0] === wanted) return 1
  if (names.includes(wanted)) return 2
  if (names[0]!.startsWith(wanted)) return 3
  if (names.some(each => each.split(/[\s-]/).some(word => word.startsWith(wanted)))) return 4
  if (names.some(each => each.includes(wanted))) return 5
  const away = Math.min(...names.map(each => distance(each, wanted)))
  return away <= Math.ceil(wanted.length / 3) ? 5 + away : undefined
}

/** Classes by what was typed, the best first; all of them where nothing was. */
export function nearest(labels: readonly Label[], text: string): Label[] {
  const wanted = looseForm(text)
  if (wanted === '') return [...labels]
  return labels
    .flatMap(label => {
      const its = rank(label, wanted)
      return its === undefined ? [] : [{ label, rank: its }]
    })
    .sort((a, b) => a.rank - b.rank || a.label.index - b.label.index)
    .map(({ label }) => label)
}
