import type { PatchLook } from '../../../contract/patch.ts'
import { ahead } from '../../images/batches.ts'
import type { TransparentPicture } from '../../images/decode.ts'
import { type PhotographSource, readSource } from '../../images/read.ts'
import { UnreadableImage } from '../../images/unreadable.ts'
import { type FrameClassifier, type Reading, readingOf } from '../classify.ts'
import { Stamps } from '../compose.ts'
import { layerAt, type Place } from '../geometry.ts'
import { groundOf } from '../ground.ts'
import { type Composing, classifiedCompositions } from '../pipeline.ts'

/** What is tried on every photograph. */
export interface ExperimentDesign {
  readonly pictures: readonly TransparentPicture[]
  readonly look: PatchLook
  readonly sizes: readonly number[]
  readonly places: readonly Place[]
  readonly source: number
  readonly target: number
}

/** A photograph of the population. */
export interface Subject extends PhotographSource {
  readonly image: number
  /** The first variant that is not known yet; −1: nothing is. */
  readonly next: number
}

/** An answer, as trials are counted: variant −1 is the photograph alone. */
export interface ExperimentReading extends Reading {
  readonly image: number
  readonly variant: number
}

/** Compositions in one run of the network. */
export const BATCH = 32
/** Photographs that are decoded before their turn. */
const AHEAD = 3

/** A patch's ordinal, and the places of size and position in the design. */
export const variantOf = (
  { sizes, places }: Pick<ExperimentDesign, 'sizes' | 'places'>,
  patch: number,
  size: number,
  position: number,
): number => (patch * sizes.length + size) * places.length + position

export const variantsOf = ({ pictures, sizes, places }: ExperimentDesign): number =>
  pictures.length * sizes.length * places.length

export interface ExperimentWatch {
  readonly signal?: AbortSignal | undefined
  /** A photograph that could not be read when its turn came. */
  readonly unreadable?: (subject: Subject, error: UnreadableImage) => void
  readonly batch?: number
}

/**
 * Tries every patch at every size and position on every photograph: each photograph is decoded once, each patch resized
 * once for each size, and composing costs two copies of pixels.
 * @yields the answers of one batch, in order of photographs and variants
 */
export async function* experimentReadings(
  net: FrameClassifier,
  design: ExperimentDesign,
  subjects: readonly Subject[],
  { signal, unreadable, batch = BATCH }: ExperimentWatch = {},
): AsyncGenerator<readonly ExperimentReading[]> {
  const compositions = allCompositions(net, design, subjects, unreadable)
  const stamps = new Stamps(design.sizes.length)
  for await (const { tags, logits } of classifiedCompositions(net, compositions, { batch, stamps, signal }))
    yield tags.map((tag, row) => ({ ...tag, ...readingOf(net.classifier, logits, row, design.source, design.target) }))
}

async function* allCompositions(
  { classifier }: FrameClassifier,
  { pictures, look, sizes, places }: ExperimentDesign,
  subjects: readonly Subject[],
  unreadable: ExperimentWatch['unreadable'],
): AsyncGenerator<Composing<{ image: number; variant: number }>> {
  const decode = async (subject: Subject) => {
    try {
      return { subject, ground: await groundOf(classifier, await readSource(subject)) }
    } catch (error) {
      if (error instanceof UnreadableImage) return { subject, error }
      throw error
    }
  }
  for await (const { subject, ground, error } of ahead(subjects, AHEAD, decode)) {
    if (ground === undefined) {
      unreadable?.(subject, error)
      continue
    }
    const { image, next } = subject
    if (next < 0) yield { tag: { image, variant: -1 }, ground }
    for (const [p, picture] of pictures.entries())
      for (const [s, size] of sizes.entries())
        for (const [position, place] of places.entries()) {
          const variant = variantOf({ sizes, places }, p, s, position)
          if (variant < next) continue
          const layer = layerAt(look, size, place, picture, ground.original)
          yield { tag: { image, variant }, ground, laid: { layer, picture, name: '' } }
        }
  }
}
