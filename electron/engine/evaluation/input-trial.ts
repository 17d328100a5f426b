import { basename } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { type Report, silent } from '../../contract/progress.ts'
import { decodedBatches } from '../images/batches.ts'
import type { PhotographSource } from '../images/read.ts'
import type { Classifier, Label } from '../model/classifier.ts'
import { strongest } from '../model/classify.ts'
import { CONVENTIONS, inConvention } from '../model/conventions.ts'
import type { ModelFile } from '../model/file.ts'
import { classifierOf } from '../model/load.ts'
import { prepare } from '../model/preprocess.ts'
import { inputSize, type Preprocessing, type Sidecar } from '../model/sidecar.ts'
import { float32 } from '../onnx/tensor.ts'
import type { Program, Runtime } from '../runtime/runtime.ts'
import { pairedMean } from '../statistics/intervals.ts'
import { logLikelihoods } from './likelihood.ts'

type Model = Pick<ModelFile, 'file' | 'hash' | 'graph'>

/** A photograph whose class is known. */
export interface LabelledPhotograph extends PhotographSource {
  readonly label: Label
}

/** A way to describe a network, and how well its predictions fit labelled photographs. */
export interface Trial {
  readonly logits: string
  readonly preprocessing: Preprocessing
  /** Photographs that it was tried on: the more, the longer it was not ruled out. */
  readonly photographs: number
  /** Share of these whose class has the largest logit. */
  readonly top1: number
  /** Mean log-likelihood of the true class, nats, at the temperature that fits best. */
  readonly logLikelihood: number
  /** Whether another one is better by more than chance. */
  readonly ruledOut: boolean
}

export interface Trials {
  /** The likeliest first. */
  readonly trials: readonly Trial[]
  /** Whether the likeliest recognises the photographs better than by chance. */
  readonly recognises: boolean
  /** Outputs that were not tried, because they have other classes. */
  readonly otherClasses: readonly string[]
}

/** Photographs of a round, after which what is clearly worse is left out, and rounds. */
const ROUND = 24
const ROUNDS = 8
/** Fewer decide nothing. */
const MINIMUM = 12

/**
 * Tries what `model init` could not know on photographs whose classes are known: the usual preprocessings, and every
 * value that may be the logits. After each round of photographs, what is worse than the best by more than chance is left
 * out: the difference of log-likelihoods, photograph by photograph, has an interval above 0 that holds for all comparisons
 * together. Ends when one is left, or at 192 photographs.
 * @param proposed    the description to confirm: only fields among its `unconfirmed` are varied
 * @param labels      the classes of the network, in order
 * @param photographs of known classes; the first of a round are spread over all of them
 */
export async function tryInputs(
  model: Model,
  proposed: Sidecar,
  labels: readonly Label[],
  photographs: readonly LabelledPhotograph[],
  runtime: Runtime,
  { signal, report = silent }: { readonly signal?: AbortSignal; readonly report?: Report } = {},
): Promise<Trials> {
  const heads: Classifier[] = []
  const otherClasses: string[] = []
  for (const logits of headsOf(proposed)) {
    const head = withClasses(model, { ...proposed, logits, layers: {} }, labels)
    if (head) heads.push(head)
    else otherClasses.push(logits)
  }
  if (heads.length === 0)
    throw new UserError(
      `no output of ${basename(model.file)} has ${labels.length} classes, as the labels do; choose other labels`,
    )
  const tried = heads.flatMap(head =>
    candidatesOf(proposed).map(preprocessing => ({ head, preprocessing, rows: [] as Float32Array[] })),
  )
  const programs = new Map<Classifier, Program>()
  const classes: number[] = []
  let alive = tried
  const comparisons = Math.max(1, tried.length - 1) * ROUNDS
  try {
    for (const head of heads) programs.set(head, await runtime.load(upToLogits(head)))
    const chosen = spread(photographs)
    const { size, resize } = proposed.input
    let done = 0
    for await (const batch of decodedBatches(chosen, { size, resize, batch: ROUND, signal })) {
      classes.push(...batch.images.map(({ source }) => source.label.index))
      for (const one of alive)
        one.rows.push(...(await logitsOf(one.head, programs.get(one.head)!, batch.bytes, one.preprocessing)))
      done += batch.images.length + batch.unreadable.length
      report({ stage: 'trying inputs', done, total: chosen.length, unit: 'photographs' })
      alive = likeliest(alive, classes, comparisons)
      if (alive.length === 1 && tried.length > 1) break
    }
  } finally {
    for (const program of programs.values()) await program.release()
  }
  if (classes.length === 0) throw new UserError('none of the labelled photographs can be read; choose others')
  const trials = tried
    .map((one): Trial => {
      const known = classes.slice(0, one.rows.length)
      return {
        logits: one.head.head,
        preprocessing: one.preprocessing,
        photographs: known.length,
        top1: one.rows.filter((row, i) => strongest(row, 1)[0]!.index === known[i]).length / known.length,
        logLikelihood: mean(logLikelihoods(one.rows, known)),
        ruledOut: !alive.includes(one),
      }
    })
    .toSorted((a, b) => Number(a.ruledOut) - Number(b.ruledOut) || b.logLikelihood - a.logLikelihood)
  const gains = logLikelihoods(alive[0]!.rows, classes).map(each => each + Math.log(labels.length))
  return { trials, otherClasses, recognises: gains.length >= MINIMUM && pairedMean(gains, comparisons).low > 0 }
}

/** The classifier with these logits; undefined where they are not of these classes. */
function withClasses(model: Model, sidecar: Sidecar, labels: readonly Label[]): Classifier | undefined {
  try {
    return classifierOf(model, sidecar, labels)
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}

const headsOf = ({ logits, alternatives }: Sidecar): readonly string[] => [
  logits,
  ...(alternatives?.['logits'] ?? []).filter(each => typeof each === 'string'),
]

/** The proposed preprocessing first, then the usual ones that its guesses leave open; no two of them feed the same numbers. */
function candidatesOf({ input, unconfirmed = [] }: Sidecar): readonly Preprocessing[] {
  const orders = unconfirmed.includes('input.channels') ? (['RGB', 'BGR'] as const) : [input.channels]
  const own = orders.map(channels => (channels === input.channels ? input : { ...input, channels, ...swapped(input) }))
  const usual = unconfirmed.includes('input.range')
    ? orders.flatMap(channels => CONVENTIONS.map(convention => inConvention(input, convention, channels)))
    : []
  const all = [...own, ...usual]
  const key = ({ channels, range, mean, std }: Preprocessing) => JSON.stringify([channels, range, mean, std])
  return all.filter((each, at) => all.findIndex(other => key(other) === key(each)) === at)
}

const swapped = ({ mean: [a, b, c], std: [d, e, f] }: Preprocessing): Pick<Preprocessing, 'mean' | 'std'> => ({
  mean: [c, b, a],
  std: [f, e, d],
})

const upToLogits = ({ graph, logits }: Classifier) => ({
  ...graph,
  outputs: graph.outputs.filter(({ name }) => name === logits),
})

/** As many as all rounds need, each round from all of them: folders are often in the order of the classes. */
function spread<T>(all: readonly T[]): readonly T[] {
  const count = Math.min(all.length, ROUND * ROUNDS)
  const chosen = Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!)
  const rounds = Math.ceil(count / ROUND)
  return Array.from({ length: rounds }, (_, round) => chosen.filter((_, i) => i % rounds === round)).flat()
}

/** [classes] of each image. Where they are not finite, equal for all classes: nothing is predicted. */
async function logitsOf(
  { input, logits, labels }: Classifier,
  program: Program,
  bytes: Uint8Array,
  preprocessing: Preprocessing,
): Promise<readonly Float32Array[]> {
  const { height, width } = inputSize(preprocessing)
  const images = bytes.length / (3 * height * width)
  const image = float32([images, 3, height, width], prepare(bytes, preprocessing))
  const found = (await program.run({ [input]: image }))[logits]
  if (found?.type !== 'float32') throw new Error(`"${logits}" is not float32`)
  const classes = labels.length
  return Array.from({ length: images }, (_, i) => {
    const row = found.data.slice(i * classes, (i + 1) * classes)
    return row.every(Number.isFinite) ? row : new Float32Array(classes)
  })
}

/** Those that are not clearly worse than the best, which is the first. */
function likeliest<T extends { readonly rows: readonly Float32Array[] }>(
  alive: readonly T[],
  classes: readonly number[],
  comparisons: number,
): T[] {
  const scored = alive
    .map(one => ({ one, values: logLikelihoods(one.rows, classes) }))
    .toSorted((a, b) => mean(b.values) - mean(a.values))
  const [best] = scored
  if (classes.length < MINIMUM) return scored.map(({ one }) => one)
  return scored
    .filter(
      ({ values }) =>
        !(
          pairedMean(
            best!.values.map((each, i) => each - values[i]!),
            comparisons,
          ).low > 0
        ),
    )
    .map(({ one }) => one)
}

const mean = (values: Float64Array): number => values.reduce((sum, each) => sum + each, 0) / values.length
