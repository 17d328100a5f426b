import { placementAt } from '../../../contract/placement.ts'
import { ahead } from '../../images/batches.ts'
import { type PhotographSource, readSource } from '../../images/read.ts'
import { UnreadableImage } from '../../images/unreadable.ts'
import { type FrameClassifier, type Reading, type TrialInput, trialReadings } from '../classify.ts'
import { backgroundOf } from '../compose.ts'
import type { LoadedPatch } from './tried.ts'
import { ALONE, type Axes, variantCount, variantOf } from './variants.ts'

/** What is tried on every photograph. */
export interface ExperimentDesign extends Axes {
  /** A control looks as the patch that it controls. */
  readonly patches: readonly LoadedPatch[]
  readonly source: number
  readonly target: number
}

/** A photograph of the population. */
export interface Subject extends PhotographSource {
  readonly image: number
  /** The first variant without a trial; `ALONE`: there are none. */
  readonly next: number
}

/** The network's output for one composition; `ALONE`: for the photograph without a patch. */
export interface ExperimentReading extends Reading {
  readonly image: number
  readonly variant: number
}

/** Compositions in one run of the network. */
export const BATCH = 32
/** Photographs that are decoded before their turn. */
const AHEAD = 3

/** How many compositions of each photograph are classified, without the photograph alone. */
export const variantsOf = (design: ExperimentDesign): number => variantCount(design, design.patches.length)

export interface ExperimentWatch {
  readonly signal?: AbortSignal | undefined
  /** A photograph that could not be read when its turn came. */
  readonly unreadable?: (subject: Subject, error: UnreadableImage) => void
  readonly batch?: number
}

/**
 * Tries every patch at every size and position on every photograph: each photograph is decoded once, each patch resized
 * once for each size, and composing costs two copies of pixels.
 * @yields the readings of one batch, in order of photographs and variants
 */
export async function* experimentReadings(
  net: FrameClassifier,
  design: ExperimentDesign,
  subjects: readonly Subject[],
  { signal, unreadable, batch = BATCH }: ExperimentWatch = {},
): AsyncGenerator<readonly ExperimentReading[]> {
  const pictures = new Map(design.patches.map(({ patch, picture }) => [patch, { ...picture, name: `patch ${patch}` }]))
  const { sizes, source, target } = design
  yield* trialReadings(net, trialInputs(net, design, subjects, unreadable), {
    ...{ pictures, sizes: sizes.length, source, target },
    ...{ batch, signal },
  })
}

async function* trialInputs(
  { classifier }: FrameClassifier,
  design: ExperimentDesign,
  subjects: readonly Subject[],
  unreadable: ExperimentWatch['unreadable'],
): AsyncGenerator<TrialInput<{ image: number; variant: number }>> {
  const decode = async (subject: Subject) => {
    try {
      return { subject, background: await backgroundOf(classifier, await readSource(subject)) }
    } catch (error) {
      if (error instanceof UnreadableImage) return { subject, error }
      throw error
    }
  }
  for await (const { subject, background, error } of ahead(subjects, AHEAD, decode)) {
    if (background === undefined) {
      unreadable?.(subject, error)
      continue
    }
    const { image, next } = subject
    if (next <= ALONE) yield { tag: { image, variant: ALONE }, background, patches: [] }
    for (const [ordinal, { patch, look, picture, fill }] of design.patches.entries())
      for (const [k, size] of design.sizes.entries())
        for (const [position, place] of design.places.entries()) {
          const variant = variantOf(design, { patch: ordinal, size: k, position })
          if (variant < next) continue
          const placement = { ...placementAt({ patch, look, size, place }, picture, background.original), ...fill }
          yield { tag: { image, variant }, background, patches: [placement] }
        }
  }
}
