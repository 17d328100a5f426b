import type { StageWork } from '../jobs/context.ts'
import type { Classifier } from '../model/classifier.ts'
import { predictions, strongest } from '../model/classify.ts'
import { noteUnreadable } from '../photographs/read.ts'
import { classifierKey } from '../registry/enter.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { storedPredictions, storePredictions } from '../store/predictions.ts'
import type { Writable } from '../store/sql.ts'

/** Strongest classes that are stored of each prediction. */
export const KEPT = 10

interface Predicted {
  /** The strongest classes of each photograph that could be read, strongest first, by the hash of its file. */
  readonly top: ReadonlyMap<string, readonly number[]>
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[]
}

/**
 * Predictions as `portolan classify` makes them. Stored ones are reused; others are made and stored, batch by batch.
 * @param stage name of the stage that is reported
 */
export async function predicted(
  db: Writable,
  { classifier, runtime }: { readonly classifier: Classifier; readonly runtime: Runtime },
  photographs: readonly { readonly file: string; readonly copies: readonly string[]; readonly hash: string }[],
  { signal, report }: Pick<StageWork, 'signal' | 'report'>,
  stage: string,
): Promise<Predicted> {
  const key = classifierKey(classifier)
  const top = storedPredictions(db, key)
  const unknown = photographs.filter(({ hash }) => !top.has(hash))
  const unreadable: { file: string; reason: string }[] = []
  let done = photographs.length - unknown.length
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
    for (const { image, top: classes } of found) top.set(image, classes)
    unreadable.push(...batch.unreadable.map(({ error }) => ({ file: error.file, reason: error.reason })))
    done += batch.predictions.length + batch.unreadable.length
    report({ stage, done, total: photographs.length, unit: 'photographs' })
  }
  return { top, unreadable }
}
