import type { Population } from '../../../contract/experiment.ts'
import type { StageWork } from '../../jobs/context.ts'
import type { Classifier } from '../../model/classifier.ts'
import { predictions, strongest } from '../../model/classify.ts'
import { labelOfHint, labelText, unknownCount, unknownHints, unknownHintsText } from '../../model/labels.ts'
import { noteUnreadable } from '../../photographs/read.ts'
import { classifierKey } from '../../registry/enter.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import { storedPredictions, storePredictions } from '../../store/predictions.ts'
import type { Writable } from '../../store/sql.ts'
import type { Candidate } from './photographs.ts'

/** Strongest classes that are stored of each prediction. */
const KEPT = 10
const TOP = 5

export interface Found {
  readonly members: readonly Candidate[]
  readonly considered: number
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[]
  /** Why nobody belongs to it, as a sentence that a caller may end. */
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
  const key = classifierKey(classifier)
  const known = storedPredictions(db, key)
  const unknown = looked.filter(({ hash }) => !known.has(hash))
  const unreadable: { file: string; reason: string }[] = []
  let done = looked.length - unknown.length
  for await (const batch of predictions(classifier, runtime, unknown, { signal })) {
    const found = batch.predictions.map(({ source: { hash }, logits }) => ({
      image: hash,
      top: strongest(logits, KEPT).map(({ index }) => index),
    }))
    db.write(() => {
      storePredictions(db, key, found)
      // NaN logits of one network do not exclude a photograph from others: only damaged files are noted.
      for (const { error } of batch.unreadable) noteUnreadable(db, error)
    })
    for (const { image, top } of found) known.set(image, top)
    unreadable.push(...batch.unreadable.map(({ error }) => ({ file: error.file, reason: error.reason })))
    done += batch.predictions.length + batch.unreadable.length
    report({ stage: 'population', done, total: looked.length, unit: 'photographs' })
  }
  const ranks = population === 'labelled' ? 1 : TOP
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
      population === 'top5'
        ? `none of ${looked.length} photographs has ${name} among ${classifier.name}'s five strongest classes`
        : looked.length === 0
          ? `none of ${candidates.length} photographs is labelled as ${name}${classless.length > 0 ? ` (${unknownCount(classless)} are of no known class: ${unknownHintsText(classless)})` : ''}`
          : `${classifier.name} sees ${name} in none of the ${looked.length} photographs that are labelled so`,
  }
}
