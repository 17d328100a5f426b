import { float32 } from '../onnx/tensor.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Classifier } from './classifier.ts'
import { type OwnScale, ownScale } from './own-scale.ts'
import { colourScale, prepare } from './preprocess.ts'
import { probabilitiesOf } from './probabilities.ts'
import { type Extent, inputSize, type Preprocessing } from './sidecar.ts'

/** What the network's answers say of the preprocessing that its sidecar names. */
export interface RangeCheck {
  /** Images that were looked at, and whether they were photographs or made up. */
  readonly images: number
  readonly photographs: boolean
  /**
   * Bits that an answer tells about which image it was given: the mutual information of image and class,
   * H(mean answer) − mean H(answer); between 0, where all answers are alike, and log₂ of the number of images.
   */
  readonly information: number
  /** A preprocessing under which the network answers far more clearly. */
  readonly likelier?: { readonly preprocessing: Preprocessing; readonly information: number }
  /** What is wrong and what to do, where something is. */
  readonly warning?: string
}

interface Convention {
  readonly text: string
  readonly range: readonly [number, number]
  /** In the order RGB. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

const NONE = [0, 0, 0] as const
const ONE = [1, 1, 1] as const

/** How networks are commonly fed; the means are ImageNet's. */
const CONVENTIONS: readonly Convention[] = [
  { text: '0 to 255', range: [0, 255], mean: NONE, std: ONE },
  { text: '0 to 255 minus the mean', range: [0, 255], mean: [123, 117, 104], std: ONE },
  { text: '0 to 1', range: [0, 1], mean: NONE, std: ONE },
  { text: '-1 to 1', range: [-1, 1], mean: NONE, std: ONE },
  {
    text: '0 to 1, normalised by mean and standard deviation',
    range: [0, 1],
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
]

/** Fewer photographs than this say too little about the order of the channels. */
const FEWEST = 12
/** Another range is reported from a third more information on: contrast a few times too low or high costs less. */
const CLEARLY = 4 / 3
/** Below a twentieth of what the images could tell, the answers are alike. */
const ALIKE = 0.05

/**
 * Checks the preprocessing against reality. A network fed in the wrong range answers every image alike, or at random;
 * the right range is the one under which its answers tell most about the images, and the right order of channels the
 * one under which it is surer of photographs.
 * @param photographs sRGB, [n, height, width, 3], at least 12 and varied; without them, made-up images are used, which
 *                    show a wrong range but not a wrong order of the channels
 */
export async function checkRange(
  classifier: Classifier,
  runtime: Runtime,
  photographs?: Uint8Array,
): Promise<RangeCheck> {
  const given = classifier.preprocessing
  const { channels } = given
  const size = inputSize(given)
  const bytes = photographs ?? madeUpImages(size)
  const images = bytes.length / (3 * size.height * size.width)
  // Without a key: asked once, and its memory is wanted back for what follows.
  const program = await runtime.load({
    ...classifier.graph,
    outputs: classifier.graph.outputs.filter(output => output.name === classifier.logits),
  })
  const ask = async (preprocessing: Preprocessing): Promise<Answers> => {
    const data = float32([images, 3, size.height, size.width], prepare(bytes, preprocessing))
    const logits = (await program.run({ [classifier.input]: data }))[classifier.logits]
    if (logits?.type !== 'float32') throw new Error(`"${classifier.logits}" is not float32`)
    return clarity(logits.data, images)
  }
  try {
    const { information, entropies } = await ask(given)
    const check = { images, photographs: photographs !== undefined, information }
    const others = await Promise.all(
      CONVENTIONS.map(async ({ text, range, mean, std }) => {
        const ordered = ([r, g, b]: Convention['mean']): [number, number, number] =>
          channels === 'RGB' ? [r, g, b] : [b, g, r]
        const [black, white] = range
        const preprocessing = {
          ...given,
          range: [black, white] as [number, number],
          mean: ordered(mean),
          std: ordered(std),
        }
        return { text, preprocessing, information: (await ask(preprocessing)).information }
      }),
    )
    const least = ALIKE * Math.log2(images)
    const own = ownScale(classifier.graph, classifier.input)
    if (own?.range) {
      const warning = contradiction(classifier, own)
      if (warning) return { ...check, warning }
    }
    // The graph's own constants count for more than the answers: more contrast always carries more information.
    const best = own?.range
      ? { information: 0, preprocessing: given, text: '' }
      : others.reduce((a, b) => (b.information > a.information ? b : a))
    if (best.information > least && best.information > CLEARLY * information) {
      const how = information < least ? 'answers everything alike' : 'tells images apart badly'
      return {
        ...check,
        likelier: best,
        warning: `fed as the sidecar says, ${classifier.name} ${how} (${information.toFixed(2)} bits an image); fed with ${best.text} it tells them apart (${best.information.toFixed(2)} bits): check "range", "mean" and "std"`,
      }
    }
    if (information < least)
      return {
        ...check,
        warning: `${classifier.name} answers everything alike (${information.toFixed(2)} bits an image), whatever the range of its input: check "logits", and whether the model is trained`,
      }
    if (!photographs || images < FEWEST) return check
    for (const swapped of swaps(given)) {
      const other = await ask(swapped)
      if (!surer(entropies, other.entropies)) continue
      return {
        ...check,
        likelier: { preprocessing: swapped, information: other.information },
        warning: `${classifier.name} is surer of the photographs when it is fed ${swapped.channels} instead of ${channels}: check "channels"`,
      }
    }
    return check
  } finally {
    await program.release()
  }
}

/** Where the sidecar prepares images otherwise than the graph's own constants are made for. */
function contradiction({ name, preprocessing }: Classifier, { range, channels, text }: OwnScale): string | undefined {
  const { scale, offset } = colourScale(preprocessing)
  const [black, white] = range!
  const fits = scale.every((each, c) => near(offset[c]!, black, white) && near(each + offset[c]!, white, black))
  if (!fits) {
    const fed = `${Number(offset[0]!.toPrecision(3))} to ${Number((scale[0]! + offset[0]!).toPrecision(3))}`
    return `the graph of ${name} ${text}, which is made for ${black} to ${white}, but the sidecar feeds it ${fed}: make "range" [${black}, ${white}], "mean" [0, 0, 0] and "std" [1, 1, 1]`
  }
  if (channels && channels !== preprocessing.channels)
    return `the graph of ${name} ${text}, which is made for ${channels}, but the sidecar feeds it ${preprocessing.channels}: correct "channels"`
  return undefined
}

/** Equal to a tenth of the way to the other end. */
const near = (value: number, wanted: number, other: number): boolean =>
  Math.abs(value - wanted) <= 0.1 * Math.abs(other - wanted)

interface Answers {
  readonly information: number
  /** Bits of doubt in each answer. */
  readonly entropies: readonly number[]
}

/** @param logits [images, classes] */
function clarity(logits: Float32Array, images: number): Answers {
  const classes = logits.length / images
  const mean = new Float32Array(classes)
  const entropies = Array.from({ length: images }, (_, image) => {
    const answer = probabilitiesOf(
      { probabilities: 'softmax' },
      logits.subarray(image * classes, (image + 1) * classes),
    )
    for (const [index, probability] of answer.entries()) mean[index]! += probability / images
    return entropy(answer)
  })
  const information = entropy(mean) - average(entropies)
  // Numbers that overflow tell nothing.
  return { information: Number.isFinite(information) ? information : 0, entropies }
}

const entropy = (probabilities: Float32Array): number =>
  -probabilities.reduce((sum, p) => (p > 0 || Number.isNaN(p) ? sum + p * Math.log2(p) : sum), 0)

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** The other order of channels, with mean and deviation as they stand or each with its colour: either may be meant. */
function swaps(given: Preprocessing): readonly Preprocessing[] {
  const { mean, std } = given
  const channels = given.channels === 'RGB' ? 'BGR' : 'RGB'
  return [
    { ...given, channels },
    { ...given, channels, mean: [mean[2], mean[1], mean[0]], std: [std[2], std[1], std[0]] },
  ]
}

/** Whether doubts b are smaller than a: a fifth of a bit on average, and more than chance (paired t above 2). */
function surer(a: readonly number[], b: readonly number[]): boolean {
  const gains = a.map((doubt, index) => doubt - b[index]!)
  const mean = average(gains)
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / (gains.length - 1)
  return mean > 0.2 && mean > 2 * Math.sqrt(variance / gains.length)
}

const MADE_UP = 16

/** Waves of sixteen directions, widths, contrasts and colours: [16, height, width, 3]. */
function madeUpImages({ height, width }: Extent): Uint8Array {
  const bytes = new Uint8ClampedArray(MADE_UP * height * width * 3)
  let at = 0
  for (let n = 0; n < MADE_UP; n++) {
    // Four wavelengths from a fourteenth of the image's edge, and as many contrasts.
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
