import { join } from 'node:path'
import { UserError } from '../../../contract/errors.ts'
import type { Population } from '../../../contract/experiment.ts'
import { KEPT, predicted } from '../../evaluation/predicted.ts'
import type { StageWork } from '../../jobs/context.ts'
import type { Classifier } from '../../model/classifier.ts'
import { labelOfHint, labelText, unknownCount, unknownHints, unknownHintsText } from '../../model/labels.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import { listFolders, listImages } from '../../store/photographs.ts'
import type { Readable, Writable } from '../../store/sql.ts'

/** A photograph that may be tried. */
export interface Candidate {
  readonly image: number
  readonly file: string
  /** Other places of the same bytes. */
  readonly copies: readonly string[]
  readonly hash: string
  /** The class that its folder or file name gives; null: none. */
  readonly hint: string | null
}

/**
 * The readable photographs of some folders, or of all. A photograph that lies in several places is one trial, not
 * several: the first place is taken, and the others where it has gone from there.
 * @throws UserError when there are none, or a folder is known by name only
 */
export function candidatesOf(db: Readable, folders: readonly number[] | null): readonly Candidate[] {
  const all = listFolders(db)
  const missing = folders?.find(id => !all.some(folder => folder.id === id))
  if (missing !== undefined) throw new UserError(`${db.file} has no folder ${missing}: the Photographs page shows all`)
  const found = new Map<string, Candidate & { readonly copies: string[] }>()
  for (const { id, path } of all) {
    if (path === null || (folders && !folders.includes(id))) continue
    for (const image of listImages(db, id)) {
      if (image.status !== 'ok') continue
      const file = join(path, image.relative)
      const known = found.get(image.hash)
      if (known) known.copies.push(file)
      else found.set(image.hash, { image: image.id, file, copies: [], hash: image.hash, hint: image.class })
    }
  }
  if (found.size === 0)
    throw new UserError(
      `there are no photographs to try patches on in ${db.file}: add a folder of photographs (portolan patch experiment … --images FOLDER)`,
    )
  return [...found.values()]
}

/** Of a photograph's strongest classes, among how many the source has to be. */
const RANKS: Readonly<Record<Population, number>> = { labelled: 1, top5: 5, top10: KEPT }

export interface Found {
  readonly members: readonly Candidate[]
  readonly considered: number
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[]
  /** Why it is empty, as the start of a sentence. */
  readonly none: string
}

/**
 * The photographs of a population. Stored predictions are reused; only other photographs are classified.
 * Predictions are those of `portolan classify`: the population is defined by how the network is used.
 */
export async function populationOf(
  db: Writable,
  { classifier, runtime }: { readonly classifier: Classifier; readonly runtime: Runtime },
  { population, source }: { readonly population: Population; readonly source: number },
  candidates: readonly Candidate[],
  { signal, report }: Pick<StageWork, 'signal' | 'report'>,
): Promise<Found> {
  const isLabelled = ({ hint }: Candidate): boolean => labelOfHint(classifier.labels, hint)?.index === source
  const looked = population === 'labelled' ? candidates.filter(isLabelled) : candidates
  const { top: known, unreadable } = await predicted(
    db,
    { classifier, runtime },
    looked,
    { signal, report },
    'population',
  )
  const ranks = RANKS[population]
  const name = labelText(classifier.labels[source]!)
  const classless = unknownHints(
    classifier.labels,
    candidates.map(({ hint }) => hint),
  )
  return {
    members: looked.filter(({ hash }) => known.get(hash)?.slice(0, ranks).includes(source)),
    considered: looked.length,
    unreadable,
    none:
      population !== 'labelled'
        ? `none of ${looked.length} photographs has ${name} among ${classifier.name}'s ${ranks === KEPT ? 'ten' : 'five'} strongest classes`
        : looked.length === 0
          ? `none of ${candidates.length} photographs is labelled as ${name}${classless.length > 0 ? ` (${unknownCount(classless)} are of no known class: ${unknownHintsText(classless)})` : ''}`
          : `${classifier.name} sees ${name} in none of the ${looked.length} photographs that are labelled so`,
  }
}
