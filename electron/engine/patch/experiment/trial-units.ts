import { z } from 'zod'
import type { ImageFile } from '../../images/read.ts'
import { UnreadableImage } from '../../images/unreadable.ts'
import type { Classifier } from '../../model/classifier.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import { asFloat64, bytesOf } from '../../store/bytes.ts'
import { packed, RefusedResult, unpacked } from '../../units/packed.ts'
import type { Tool, UnitKind } from '../../units/perform.ts'
import { contentsOf, errorOf, inUnits, photographOf, Unusable, unusable } from '../../units/photographs.ts'
import { Slabs } from '../../units/slabs.ts'
import { modelOf, type Order, type Part, PHOTOGRAPHS, partOf, type TrialsUnit } from '../../units/unit.ts'
import { inTurn, type RunOptions, type Workers } from '../../units/workers.ts'
import { type FrameClassifier, frameClassifier } from '../classify.ts'
import {
  type ExperimentDesign,
  type ExperimentReading,
  experimentReadings,
  type Subject,
  variantsOf,
} from './readings.ts'

/** Trials of a unit: about as long as the other units take. */
const TRIALS = 2048
const FIELDS = [
  'variant',
  'winner',
  'winnerProbability',
  'sourceProbability',
  'targetProbability',
  'sourceLogit',
  'targetLogit',
] as const

/** What a worker says of one photograph: why it could not be read, or that its trials are there. */
const Description = z.strictObject({
  photographs: z.array(z.union([Unusable, z.strictObject({ trials: z.int().min(0) })])).max(PHOTOGRAPHS),
})

interface TrialsOrder {
  readonly classifier: Classifier
  readonly design: ExperimentDesign
  readonly subjects: readonly (Subject & { readonly hash: string })[]
  readonly signal: AbortSignal
  readonly unreadable: (subject: Subject, error: UnreadableImage) => void
}

/**
 * The readings that `experimentReadings` would yield, computed by workers: photographs with all their variants, several units
 * at once, in the order of the photographs.
 * @throws the abort reason of the signal; UserError when no worker can perform a unit
 */
export async function* readingsByWorkers(
  workers: Workers,
  order: TrialsOrder,
): AsyncGenerator<readonly ExperimentReading[]> {
  const slabs = new Slabs()
  const abort = new AbortController()
  const signal = AbortSignal.any([order.signal, abort.signal])
  const run = (unit: readonly Read[], sent: () => void) => tried(workers, order, unit, slabs, { signal, sent })
  for await (const readings of inTurn(
    () => workers.room,
    unitsOf(order, signal, slabs),
    run,
    () => abort.abort(),
  )) {
    signal.throwIfAborted()
    yield readings
  }
}

interface Read {
  readonly source: TrialsOrder['subjects'][number]
  readonly file: ImageFile
}

/** Units of those that can be read; the others are reported. */
async function* unitsOf(
  { design, subjects, unreadable }: TrialsOrder,
  signal: AbortSignal,
  slabs: Slabs,
): AsyncGenerator<readonly Read[], void, void> {
  const photographs = Math.max(1, Math.min(PHOTOGRAPHS, Math.floor(TRIALS / (1 + variantsOf(design)))))
  for await (const unit of inUnits(subjects, signal, slabs, photographs)) {
    const readable: Read[] = []
    for (const { source, read } of unit)
      if (read instanceof UnreadableImage) unreadable(source, read)
      else readable.push({ source, file: read })
    if (readable.length > 0) yield readable
  }
}

async function tried(
  workers: Workers,
  { classifier, design, unreadable }: TrialsOrder,
  unit: readonly Read[],
  slabs: Slabs,
  options: Pick<RunOptions, 'signal' | 'sent'>,
): Promise<() => Promise<readonly ExperimentReading[]>> {
  const subjects = unit.map(({ source }) => source)
  const each = variantsOf(design)
  const counts = subjects.map(({ next }) => each - next)
  const { sizes, places, source, target, patches } = design
  const order: Order<readonly Tried[]> = {
    unit: {
      kind: 'trials',
      model: modelOf(classifier),
      sizes: [...sizes],
      places: places.map(({ x, y }) => ({ x, y })),
      source,
      target,
      patches: patches.map(({ patch, look, picture, fill }) => ({
        patch,
        look,
        width: picture.width,
        height: picture.height,
        surroundings: fill?.fill === 'surroundings',
        picture: partOf(picture.rgba),
      })),
      photographs: unit.map(({ file, source }) => ({ ...photographOf(file), next: source.next })),
    },
    classifier,
    ...contentsOf(unit, slabs),
    shared: patches.map(({ picture }) => picture.rgba),
    items: counts.reduce((sum, count) => sum + count, 0),
    resultBytes: 2 ** 16 + counts.reduce((sum, count) => sum + 8 * FIELDS.length * count + 2 ** 11, 0),
    accept: result =>
      acceptedTrials(result, { next: subjects.map(({ next }) => next), each, classes: classifier.labels.length }),
  }
  const performed = await workers.run(order, { priority: 2, ...options })
  return async () =>
    (await performed.take()).flatMap((one, i) => {
      const subject = subjects[i]!
      if (!('reason' in one)) return one.readings.map(reading => ({ image: subject.image, ...reading }))
      unreadable(subject, errorOf(subject.file, one, subject.hash))
      return []
    })
}

/** What a worker says of one photograph. */
type Tried = z.infer<typeof Unusable> | { readonly readings: readonly Omit<ExperimentReading, 'image'>[] }

/** The trials in the result of a unit. @throws RefusedResult when they are of other photographs or variants, or no predictions */
export function acceptedTrials(
  result: Uint8Array,
  { next, each, classes }: { readonly next: readonly number[]; readonly each: number; readonly classes: number },
): readonly Tried[] {
  const { description, sections } = unpacked(result, Description, 1)
  const { photographs } = description
  if (photographs.length !== next.length)
    throw new RefusedResult(`has ${photographs.length} photographs instead of ${next.length}`)
  const expected = photographs.reduce((sum, one, i) => sum + ('reason' in one ? 0 : each - next[i]!), 0)
  if (sections[0]!.length !== 8 * FIELDS.length * expected) throw new RefusedResult('has trials of another number')
  const numbers = asFloat64(sections[0]!)
  let at = 0
  return photographs.map((one, i): Tried => {
    if ('reason' in one) return one
    const readings = Array.from({ length: each - next[i]! }, (_, k) => {
      const [variant, winner, winnerProbability, sourceProbability, targetProbability, sourceLogit, targetLogit] =
        numbers.subarray(at, at + FIELDS.length) as unknown as [number, number, number, number, number, number, number]
      at += FIELDS.length
      const shares = [winnerProbability, sourceProbability, targetProbability]
      if (
        variant !== next[i]! + k ||
        !(Number.isInteger(winner) && winner >= 0 && winner < classes) ||
        !shares.every(share => share >= 0 && share <= 1) ||
        !(Number.isFinite(sourceLogit) && Number.isFinite(targetLogit))
      )
        throw new RefusedResult('has a trial that is none')
      return { variant, winner, winnerProbability, sourceProbability, targetProbability, sourceLogit, targetLogit }
    })
    return { readings }
  })
}

interface TrialsTool extends Tool {
  readonly net: FrameClassifier
}

/** How a worker performs units of an experiment. */
export const trialUnits: UnitKind<TrialsUnit, TrialsTool> = {
  key: ({ model }) => JSON.stringify(model),
  open: async (_, { classifier, runtime }: { readonly classifier: Classifier; readonly runtime: Runtime }) => {
    const net = await frameClassifier(classifier, runtime)
    return { net, release: () => net.release() }
  },
  perform: async (unit, { net }, content, signal) => {
    const patches = await Promise.all(
      unit.patches.map(async ({ patch, look, width, height, surroundings, picture }) => ({
        patch,
        look,
        picture: { rgba: new Uint8Array(await content(picture)), width, height },
        fill: surroundings ? ({ fill: 'surroundings' } as const) : {},
      })),
    )
    const subjects = await Promise.all(
      unit.photographs.map(async ({ name, sha256, bytes, next }: Part & { name: string; next: number }, image) => ({
        ...{ image, next, file: name, hash: sha256 },
        bytes: await content({ sha256, bytes }),
      })),
    )
    const design: ExperimentDesign = { ...unit, patches }
    const photographs: z.input<typeof Description>['photographs'] = subjects.map(({ next }) => ({
      trials: variantsOf(design) - next,
    }))
    const numbers: number[] = []
    const unreadable = ({ image }: Subject, error: UnreadableImage): void => {
      photographs[image] = unusable(error)
    }
    for await (const readings of experimentReadings(net, design, subjects, { signal, unreadable }))
      for (const reading of readings) for (const field of FIELDS) numbers.push(reading[field])
    return packed({ photographs }, [bytesOf(Float64Array.from(numbers))])
  },
}
