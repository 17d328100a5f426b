import { type Report, silent } from '../../contract/progress.ts'
import { lower } from '../autodiff/lower.ts'
import { decodedBatches } from '../images/batches.ts'
import type { PhotographSource } from '../images/read.ts'
import type { UnreadableImage } from '../images/unreadable.ts'
import { extract } from '../onnx/graph.ts'
import type { Program, Runtime } from '../runtime/runtime.ts'
import type { Classifier, Label } from './classifier.ts'
import { allFinite, NotFinite, requireSomeFinite } from './finite.ts'
import { atInputSize } from './free-size.ts'
import { headIdentity } from './identity.ts'
import { labelOfHint } from './labels.ts'
import { BYTES, withBytes } from './preprocess.ts'
import { inputSize } from './sidecar.ts'

interface ClassifyOptions {
  /** Photographs in one run of the network. */
  readonly batch?: number
  readonly signal?: AbortSignal | undefined
  readonly report?: Report
}

/** The network's output for a photograph. */
export interface Prediction<T> {
  readonly source: T
  /** SHA-256 of the photograph's file. */
  readonly hash: string
  /** [classes], before the softmax. */
  readonly logits: Float32Array
}

export interface Unread<T> {
  readonly source: T
  readonly error: UnreadableImage
}

/** Photographs in one run: enough to fill two cores, 32 · 3 · 224² floats are 19 MB. */
const BATCH = 32

/** The program from decoded photographs, BYTES, to the logits. */
export function loadLogits(classifier: Classifier, runtime: Runtime): Promise<Program> {
  const { logits, labels } = classifier
  const part = extract(atInputSize(classifier, []), [{ name: logits, type: 'float32', shape: ['N', labels.length] }])
  return runtime.load(withBytes(lower(part), classifier), { key: `logits of ${headIdentity(classifier)}` })
}

/**
 * Classifies photographs batch by batch, in their order; the next ones are decoded while the network runs.
 * @yields for each batch the outputs, and the photographs that could not be read or have NaN as logits
 * @throws UserError at the end when no photograph has finite logits
 */
export async function* predictions<T extends PhotographSource>(
  classifier: Classifier,
  runtime: Runtime,
  sources: readonly T[],
  { batch = BATCH, signal, report = silent }: ClassifyOptions = {},
): AsyncGenerator<{ readonly predictions: readonly Prediction<T>[]; readonly unreadable: readonly Unread<T>[] }> {
  const { size, resize } = classifier.preprocessing
  const { height, width } = inputSize(classifier.preprocessing)
  const classes = classifier.labels.length
  const program = await loadLogits(classifier, runtime)
  let done = 0
  let [withLogits, notFinite] = [0, 0]
  const progress = () => report({ stage: 'classifying', done, total: sources.length, unit: 'photographs' })
  try {
    progress()
    for await (const { images, bytes, unreadable } of decodedBatches(sources, { size, resize, batch, signal })) {
      const dims = [images.length, height, width, 3]
      const feeds = { [BYTES]: { type: 'uint8' as const, dims, data: bytes } }
      const found = images.length > 0 ? (await program.run(feeds))[classifier.logits] : undefined
      const logits = found?.type === 'float32' ? found.data : new Float32Array()
      if (logits.length !== images.length * classes)
        throw new Error(
          `"${classifier.logits}" returned ${logits.length} numbers for ${images.length} images and ${classes} classes`,
        )
      done += images.length + unreadable.length
      progress()
      const all = images.map(({ source, hash }, i) => ({
        source,
        hash,
        logits: logits.slice(i * classes, (i + 1) * classes),
      }))
      const finite = all.filter(prediction => allFinite(prediction.logits))
      withLogits += finite.length
      notFinite += all.length - finite.length
      yield {
        predictions: finite,
        unreadable: [
          ...unreadable,
          ...all
            .filter(prediction => !finite.includes(prediction))
            .map(({ source }) => ({ source, error: new NotFinite(source.file, classifier.name) })),
        ],
      }
    }
    requireSomeFinite(classifier.name, withLogits, notFinite)
  } finally {
    await program.release()
  }
}

/** All outputs at once, for a small number of photographs. */
export async function classify<T extends PhotographSource>(
  classifier: Classifier,
  runtime: Runtime,
  sources: readonly T[],
  options: ClassifyOptions = {},
): Promise<{ readonly predictions: readonly Prediction<T>[]; readonly unreadable: readonly Unread<T>[] }> {
  const all: Prediction<T>[] = []
  const unread: Unread<T>[] = []
  for await (const { predictions: some, unreadable } of predictions(classifier, runtime, sources, options)) {
    all.push(...some)
    unread.push(...unreadable)
  }
  return { predictions: all, unreadable: unread }
}

/** The accuracy of a network. Top 5: the true class is among the five largest logits. */
interface Evaluation<T> {
  /** Photographs with a known class that could be read: the denominator of the accuracies. Copies count once. */
  readonly n: number
  /** Files with the same bytes as an earlier one of their class. */
  readonly copies: number
  /** 0…1; 0 without photographs. */
  readonly top1: number
  readonly top5: number
  /** In the order of the classes; only those that occur. */
  readonly perClass: readonly {
    readonly label: Label
    readonly n: number
    readonly top1: number
    readonly top5: number
  }[]
  /** Photographs whose path names no class of the model; they were not classified. */
  readonly unlabelled: readonly T[]
  readonly unreadable: readonly Unread<T>[]
}

/** Evaluates a classifier on photographs whose paths name their class. */
export async function evaluate<T extends PhotographSource & { readonly classHint?: string }>(
  classifier: Classifier,
  runtime: Runtime,
  photographs: readonly T[],
  options: ClassifyOptions = {},
): Promise<Evaluation<T>> {
  const unlabelled: T[] = []
  const labelled: { file: string; photograph: T; label: Label }[] = []
  const known = new Map<string | undefined, Label | undefined>()
  for (const photograph of photographs) {
    const hint = photograph.classHint
    if (!known.has(hint)) known.set(hint, labelOfHint(classifier.labels, hint))
    const label = known.get(hint)
    if (label) labelled.push({ file: photograph.file, photograph, label })
    else unlabelled.push(photograph)
  }
  const tallies = new Map<number, { n: number; first: number; five: number }>()
  const unread: Unread<T>[] = []
  const counted = new Set<string>()
  let copies = 0
  for await (const { predictions: some, unreadable } of predictions(classifier, runtime, labelled, options)) {
    for (const { source, hash, logits } of some) {
      const { index } = source.label
      const key = `${hash} ${index}`
      if (counted.has(key)) {
        copies++
        continue
      }
      counted.add(key)
      const tally = tallies.get(index) ?? { n: 0, first: 0, five: 0 }
      const rank = rankOf(logits, index)
      tally.n++
      if (rank < 1) tally.first++
      if (rank < 5) tally.five++
      tallies.set(index, tally)
    }
    unread.push(...unreadable.map(({ source, error }) => ({ source: source.photograph, error })))
  }
  const all = [...tallies.values()]
  const n = all.reduce((sum, tally) => sum + tally.n, 0)
  const share = (key: 'first' | 'five') => (n ? all.reduce((sum, tally) => sum + tally[key], 0) / n : 0)
  return {
    n,
    copies,
    top1: share('first'),
    top5: share('five'),
    perClass: [...tallies]
      .toSorted(([a], [b]) => a - b)
      .map(([index, tally]) => ({
        label: classifier.labels[index]!,
        n: tally.n,
        top1: tally.first / tally.n,
        top5: tally.five / tally.n,
      })),
    unlabelled,
    unreadable: unread,
  }
}

/** The number of classes with a larger logit; of equal logits the lower index ranks first. */
function rankOf(logits: Float32Array, index: number): number {
  const own = logits[index]!
  let rank = 0
  for (const [other, logit] of logits.entries()) if (logit > own || (logit === own && other < index)) rank++
  return rank
}

/** The k largest of some values, largest first; of equal ones the lower index. */
export function strongest(values: Float32Array, k: number): { readonly index: number; readonly value: number }[] {
  return Array.from(values, (value, index) => ({ index, value }))
    .sort((a, b) => b.value - a.value || a.index - b.index)
    .slice(0, k)
}
