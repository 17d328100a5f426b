import { float32 } from '../onnx/tensor.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Classifier } from './classifier.ts'
import { CONVENTIONS, inConvention } from './conventions.ts'
import { type GraphNormalisation, graphNormalisation } from './graph-normalisation.ts'
import { colourScale, prepare } from './preprocess.ts'
import { probabilitiesOf } from './probabilities.ts'
import { type Extent, inputSize, type Preprocessing } from './sidecar.ts'

/** A check of the sidecar's preprocessing by the network's predictions. */
interface RangeCheck {
  /** Number of images, and whether they were photographs or synthetic. */
  readonly images: number
  readonly photographs: boolean
  /**
   * The mutual information of image and predicted class in bits, H(mean prediction) − mean H(prediction); between 0,
   * where all predictions are equal, and log₂ of the number of images.
   */
  readonly information: number
  /** A preprocessing with far more information. */
  readonly likelier?: { readonly preprocessing: Preprocessing; readonly information: number }
  /** The fault and the way out, if there is a fault. */
  readonly warning?: string
}

/** Minimum number of photographs to decide on the order of the channels. */
const MIN_PHOTOGRAPHS = 12
/** Minimum ratio of information to report another range: a moderately wrong contrast costs less. */
const MIN_RATIO = 4 / 3
/** Predictions count as equal below this fraction of the maximum information. */
const EQUAL_FRACTION = 0.05

/**
 * Checks the preprocessing by the network's predictions. With a wrong range, predictions are equal for all images, or
 * random; the right range has the maximum information about the images, and the right order of channels the minimum
 * entropy on photographs.
 * @param photographs sRGB, [n, height, width, 3], at least 12 and varied; without them, synthetic images are used,
 *                    which
 *                    reveal a wrong range but not a wrong order of the channels
 */
export async function checkRange(
  classifier: Classifier,
  runtime: Runtime,
  photographs?: Uint8Array,
): Promise<RangeCheck> {
  const given = classifier.preprocessing
  const { channels } = given
  const size = inputSize(given)
  const bytes = photographs ?? syntheticImages(size)
  const images = bytes.length / (3 * size.height * size.width)
  // Without a key: used once, and its memory is freed at the end.
  const program = await runtime.load({
    ...classifier.graph,
    outputs: classifier.graph.outputs.filter(output => output.name === classifier.logits),
  })
  const evaluate = async (preprocessing: Preprocessing): Promise<Clarity> => {
    const data = float32([images, 3, size.height, size.width], prepare(bytes, preprocessing))
    const logits = (await program.run({ [classifier.input]: data }))[classifier.logits]
    if (logits?.type !== 'float32') throw new Error(`"${classifier.logits}" is not float32`)
    return clarity(logits.data, images)
  }
  try {
    const { information, entropies } = await evaluate(given)
    const check = { images, photographs: photographs !== undefined, information }
    const others = await Promise.all(
      CONVENTIONS.map(async convention => {
        const preprocessing = inConvention(given, convention, channels)
        return { text: convention.text, preprocessing, information: (await evaluate(preprocessing)).information }
      }),
    )
    const threshold = EQUAL_FRACTION * Math.log2(images)
    const normalisation = graphNormalisation(classifier.graph, classifier.input)
    if (normalisation?.range) {
      const warning = contradictory(classifier, normalisation)
      if (warning) return { ...check, warning }
    }
    // The constants in the graph count for more than the predictions: more contrast always means more information.
    const best = normalisation?.range
      ? { information: 0, preprocessing: given, text: '' }
      : others.reduce((a, b) => (b.information > a.information ? b : a))
    if (best.information > threshold && best.information > MIN_RATIO * information) {
      const symptom = information < threshold ? 'makes equal predictions for all images' : 'barely distinguishes images'
      return {
        ...check,
        likelier: best,
        warning: `with the preprocessing of its sidecar, ${classifier.name} ${symptom} (${information.toFixed(2)} bits per image); with ${best.text} it distinguishes them (${best.information.toFixed(2)} bits): check "range", "mean" and "std"`,
      }
    }
    if (information < threshold)
      return {
        ...check,
        warning: `${classifier.name} makes equal predictions for all images (${information.toFixed(2)} bits per image), whatever the range of its input: check "logits", and whether the model is trained`,
      }
    if (!photographs || images < MIN_PHOTOGRAPHS) return check
    for (const swapped of swaps(given)) {
      const other = await evaluate(swapped)
      if (!moreConfident(entropies, other.entropies)) continue
      return {
        ...check,
        likelier: { preprocessing: swapped, information: other.information },
        warning: `${classifier.name} is more confident on the photographs with ${swapped.channels} than with ${channels}: check "channels"`,
      }
    }
    return check
  } finally {
    await program.release()
  }
}

/** The contradictory between the sidecar's preprocessing and the constants in the graph, if there is one. */
function contradictory(
  { name, preprocessing }: Classifier,
  { range, channels, text }: GraphNormalisation,
): string | undefined {
  const { scale, offset } = colourScale(preprocessing)
  const [black, white] = range!
  const fits = scale.every((each, c) => near(offset[c]!, black, white) && near(each + offset[c]!, white, black))
  if (!fits) {
    const fedRange = `${Number(offset[0]!.toPrecision(3))} to ${Number((scale[0]! + offset[0]!).toPrecision(3))}`
    return `the graph of ${name} ${text}, which expects ${black} to ${white}, but the sidecar feeds it ${fedRange}: set "range" [${black}, ${white}], "mean" [0, 0, 0] and "std" [1, 1, 1]`
  }
  if (channels && channels !== preprocessing.channels)
    return `the graph of ${name} ${text}, which expects ${channels}, but the sidecar feeds it ${preprocessing.channels}: correct "channels"`
  return undefined
}

/** Equal within a tenth of the distance to the other end. */
const near = (value: number, expected: number, other: number): boolean =>
  Math.abs(value - expected) <= 0.1 * Math.abs(other - expected)

interface Clarity {
  readonly information: number
  /** Entropy of each prediction in bits. */
  readonly entropies: readonly number[]
}

/** @param logits [images, classes] */
function clarity(logits: Float32Array, images: number): Clarity {
  const classes = logits.length / images
  const mean = new Float32Array(classes)
  const entropies = Array.from({ length: images }, (_, image) => {
    const prediction = probabilitiesOf(
      { probabilities: 'softmax' },
      logits.subarray(image * classes, (image + 1) * classes),
    )
    for (const [index, probability] of prediction.entries()) mean[index]! += probability / images
    return entropy(prediction)
  })
  const information = entropy(mean) - average(entropies)
  // Overflow counts as no information.
  return { information: Number.isFinite(information) ? information : 0, entropies }
}

const entropy = (probabilities: Float32Array): number =>
  -probabilities.reduce((sum, p) => (p > 0 || Number.isNaN(p) ? sum + p * Math.log2(p) : sum), 0)

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** The other order of channels, with mean and deviation unchanged or swapped with the colours: either may be right. */
function swaps(given: Preprocessing): readonly Preprocessing[] {
  const { mean, std } = given
  const channels = given.channels === 'RGB' ? 'BGR' : 'RGB'
  return [
    { ...given, channels },
    { ...given, channels, mean: [mean[2], mean[1], mean[0]], std: [std[2], std[1], std[0]] },
  ]
}

/** Whether entropies b are significantly smaller than a: by 0.2 bits on average, with a paired t above 2. */
function moreConfident(a: readonly number[], b: readonly number[]): boolean {
  const gains = a.map((bits, index) => bits - b[index]!)
  const mean = average(gains)
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / (gains.length - 1)
  return mean > 0.2 && mean > 2 * Math.sqrt(variance / gains.length)
}

const SYNTHETIC = 8

/** Waves of eight directions, widths, contrasts and colours: [8, height, width, 3]. */
function syntheticImages({ height, width }: Extent): Uint8Array {
  const bytes = new Uint8ClampedArray(SYNTHETIC * height * width * 3)
  let at = 0
  for (let n = 0; n < SYNTHETIC; n++) {
    // Four wavelengths from a fourteenth of the image's edge, and four contrasts.
    const wave = ((2 * Math.PI * 14) / height) * ((1 + (n % 4)) / (1 + (n >> 2)))
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let colour = 0; colour < 3; colour++) {
          const phase = wave * (x * Math.cos(n) + y * Math.sin(n)) + colour * (n % 3)
          bytes[at++] = 128 + 100 * (((n * 7 + colour * 5) % 5) / 4) * Math.sin(phase)
        }
  }
  return new Uint8Array(bytes.buffer)
}
