import { join } from 'node:path'
import { z } from 'zod'
import type { Accuracy } from '../../contract/models.ts'
import type { JobContext } from '../jobs/context.ts'
import type { Classifier, Label } from '../model/classifier.ts'
import { labelOfHint } from '../model/labels.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { wilson } from '../statistics/intervals.ts'
import { listFolders, listImages } from '../store/photographs.ts'
import { storedPredictions } from '../store/predictions.ts'
import type { Readable, Writable } from '../store/sql.ts'
import { predicted } from './predicted.ts'

/** The kind of a job that classifies all labelled photographs of a project. */
export const MODEL_EVALUATE = 'model evaluate'

/** Key of the model's classifier in the project. */
export const EvaluateJob = z.object({ classifier: z.string() })

interface Labelled {
  readonly file: string
  readonly copies: string[]
  readonly hash: string
  readonly index: number
}

/** The photographs whose folder or name is that of a class; copies with the same class count once. */
function labelledPhotographs(db: Readable, labels: readonly Label[]): readonly Labelled[] {
  const found = new Map<string, Labelled>()
  for (const { id, path } of listFolders(db)) {
    if (path === null) continue
    for (const image of listImages(db, id)) {
      if (image.status !== 'ok') continue
      const index = labelOfHint(labels, image.class)?.index
      if (index === undefined) continue
      const file = join(path, image.relative)
      const key = `${image.hash} ${index}`
      const known = found.get(key)
      if (known) known.copies.push(file)
      else found.set(key, { file, copies: [], hash: image.hash, index })
    }
  }
  return [...found.values()]
}

const TOP = 5
/** Pairs that are listed. */
const PAIRS = 20

/** Accuracy on the labelled photographs of a project that have predictions, and the classes that are confused most. */
export function accuracyOf(db: Readable, classifier: string, labels: readonly Label[]): Accuracy {
  const top = storedPredictions(db, classifier)
  const labelled = labelledPhotographs(db, labels)
  const totals = new Map<number, number>()
  const pairs = new Map<string, { actual: number; predicted: number; photographs: number }>()
  let [known, first, five] = [0, 0, 0]
  for (const { hash, index } of labelled) {
    const classes = top.get(hash)
    if (classes === undefined) continue
    known++
    totals.set(index, (totals.get(index) ?? 0) + 1)
    if (classes.slice(0, TOP).includes(index)) five++
    const best = classes[0]!
    if (best === index) {
      first++
      continue
    }
    const key = `${index} ${best}`
    const pair = pairs.get(key) ?? { actual: index, predicted: best, photographs: 0 }
    pair.photographs++
    pairs.set(key, pair)
  }
  return {
    labelled: labelled.length,
    known,
    classes: totals.size,
    top1: { count: first, of: known, share: wilson(first, known) },
    top5: { count: five, of: known, share: wilson(five, known) },
    confused: [...pairs.values()]
      .sort((a, b) => b.photographs - a.photographs || a.actual - b.actual || a.predicted - b.predicted)
      .slice(0, PAIRS)
      .map(pair => ({ ...pair, of: totals.get(pair.actual)! })),
  }
}

/** Classifies the labelled photographs that have no prediction yet. The body of a job. */
export async function evaluateModel(
  db: Writable,
  { classifier, runtime }: { readonly classifier: Classifier; readonly runtime: Runtime },
  job: JobContext,
): Promise<void> {
  const { unreadable } = await job.stage({
    name: 'predictions',
    existing: () => undefined,
    compute: work =>
      predicted(db, { classifier, runtime }, labelledPhotographs(db, classifier.labels), work, 'predictions'),
  })
  for (const { file, reason } of unreadable) job.log('warning', `${file}: ${reason}`)
}
