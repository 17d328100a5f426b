import type { Predictions } from '../../contract/patch.ts'
import type { Classifier } from '../model/classifier.ts'
import { loadLogits, strongest } from '../model/classify.ts'
import { requireFinite } from '../model/finite.ts'
import { BYTES } from '../model/preprocess.ts'
import { type OutputActivation, probabilitiesOf } from '../model/probabilities.ts'
import { inputSize } from '../model/sidecar.ts'
import type { Runtime } from '../runtime/runtime.ts'

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
