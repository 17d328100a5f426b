import type { Predictions } from '../../contract/patch.ts'
import type { PatchPlacement } from '../../contract/placement.ts'
import type { Classifier } from '../model/classifier.ts'
import { loadLogits, strongest } from '../model/classify.ts'
import { requireFinite } from '../model/finite.ts'
import { BYTES } from '../model/preprocess.ts'
import { type OutputActivation, probabilitiesOf } from '../model/probabilities.ts'
import { inputSize } from '../model/sidecar.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { type Background, type PatchPictures, pasteOn, ResampledPatches } from './compose.ts'

/** Classifies frames that are composed already: the pixels that are shown are the pixels that are fed. */
export interface FrameClassifier {
  readonly classifier: Classifier
  /**
   * @param rgb sRGB, [n, height, width, 3]; left untouched
   * @returns logits, [n, classes]
   */
  logits(rgb: Uint8Array): Promise<Float32Array>
  release(): Promise<void>
}

export async function frameClassifier(classifier: Classifier, runtime: Runtime): Promise<FrameClassifier> {
  const program = await loadLogits(classifier, runtime)
  const { height, width } = inputSize(classifier.preprocessing)
  const frame = height * width * 3
  return {
    classifier,
    logits: async rgb => {
      const n = rgb.length / frame
      const found = (await program.run({ [BYTES]: { type: 'uint8', dims: [n, height, width, 3], data: rgb } }))[
        classifier.logits
      ]
      if (found?.type !== 'float32' || found.data.length !== n * classifier.labels.length)
        throw new Error(`"${classifier.logits}" returned no logits for ${n} frames`)
      requireFinite(found.data, classifier.name, 'its logits')
      return found.data
    },
    release: () => program.release(),
  }
}

/** The strongest and the pinned classes of one frame, as window and command line show them. @param logits [classes] */
export function topPredictions(
  classifier: OutputActivation,
  logits: Float32Array,
  top: number,
  pinned: readonly number[],
): Predictions {
  const probabilities = probabilitiesOf(classifier, logits)
  const one = (index: number) => ({ index, probability: probabilities[index]!, logit: logits[index]! })
  return {
    top: strongest(logits, top).map(({ index }) => one(index)),
    pinned: pinned.map(one),
  }
}

/** The part of a prediction that a trial stores. */
export interface Reading {
  readonly winner: number
  readonly winnerProbability: number
  readonly sourceProbability: number
  readonly targetProbability: number
  readonly sourceLogit: number
  readonly targetLogit: number
}

/** @param logits [n, classes]; @param row which of the n */
export function readingOf(
  { probabilities, labels: { length: classes } }: Pick<Classifier, 'probabilities' | 'labels'>,
  logits: Float32Array,
  row: number,
  source: number,
  target: number,
): Reading {
  const start = row * classes
  let winner = 0
  // Of equal logits the lower index, as in `strongest`.
  for (let index = 1; index < classes; index++) if (logits[start + index]! > logits[start + winner]!) winner = index
  const largest = logits[start + winner]!
  let sum = 0
  for (let index = 0; index < classes; index++) sum += Math.exp(logits[start + index]! - largest)
  const share = (index: number) =>
    probabilities === 'sigmoid'
      ? 1 / (1 + Math.exp(-logits[start + index]!))
      : Math.exp(logits[start + index]! - largest) / sum
  return {
    winner,
    winnerProbability: share(winner),
    sourceProbability: share(source),
    targetProbability: share(target),
    sourceLogit: logits[start + source]!,
    targetLogit: logits[start + target]!,
  }
}

/** A trial to classify: a background with patches on it, and what its reading is stored under. */
export interface TrialInput<T> {
  readonly tag: T
  readonly background: Background
  /** Empty: the photograph alone. */
  readonly patches: readonly PatchPlacement[]
}

export interface TrialOptions {
  readonly pictures: PatchPictures
  /** Resized copies of each picture that are kept: as many as there are sizes. */
  readonly sizes: number
  readonly source: number
  readonly target: number
  /** Compositions in one run of the network. */
  readonly batch: number
  readonly signal?: AbortSignal | undefined
}

/** As many runs as the runtime takes at once: one computes while the next waits for its turn. */
const UNDER_WAY = 2

/**
 * Classifies compositions in their order. While the network runs, the next batch is composed straight into its buffer:
 * a copy of the photograph and one of the patch.
 * @yields the readings of one batch, each with its tag
 * @throws the signal's reason when it is aborted
 */
export async function* trialReadings<T>(
  net: FrameClassifier,
  trials: AsyncIterable<TrialInput<T>> | Iterable<TrialInput<T>>,
  { pictures, sizes, source, target, batch, signal }: TrialOptions,
): AsyncGenerator<readonly (T & Reading)[]> {
  const cache = new ResampledPatches(sizes)
  const { height, width } = inputSize(net.classifier.preprocessing)
  const frame = height * width * 3
  const running: { readonly tags: readonly T[]; readonly logits: Promise<Float32Array> }[] = []
  const next = async (): Promise<readonly (T & Reading)[]> => {
    const { tags, logits } = running.shift()!
    const found = await logits
    return tags.map((tag, row) => ({ ...tag, ...readingOf(net.classifier, found, row, source, target) }))
  }
  let buffer = new Uint8Array(batch * frame)
  let tags: T[] = []
  const send = (): void => {
    const logits = net.logits(buffer.subarray(0, tags.length * frame))
    // A run that fails is seen when its turn comes; until then it must not end the process.
    logits.catch(() => {})
    running.push({ tags, logits })
    buffer = new Uint8Array(batch * frame)
    tags = []
  }
  try {
    for await (const { tag, background, patches } of trials) {
      signal?.throwIfAborted()
      const rgb = buffer.subarray(tags.length * frame, (tags.length + 1) * frame)
      rgb.set(background.rgb)
      pasteOn({ rgb, width, height }, background, patches, pictures, cache)
      tags.push(tag)
      if (tags.length < batch) continue
      send()
      if (running.length >= UNDER_WAY) yield await next()
    }
    if (tags.length > 0) send()
    while (running.length > 0) yield await next()
  } finally {
    await Promise.allSettled(running.map(({ logits }) => logits))
  }
}
