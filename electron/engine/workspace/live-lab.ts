import type { Composed, Predictions } from '../../contract/patch.ts'
import type { Composition } from '../../contract/placement.ts'
import type { TransparentPicture } from '../images/decode.ts'
import type { Picture } from '../images/encode.ts'
import type { Classifier } from '../model/classifier.ts'
import { strongest } from '../model/classify.ts'
import { headIdentity } from '../model/identity.ts'
import { requireClasses } from '../model/labels.ts'
import { type FrameClassifier, frameClassifier, topPredictions } from '../patch/classify.ts'
import {
  type Background,
  backgroundOf,
  type Composite,
  compose,
  type PatchPictures,
  ResampledPatches,
} from '../patch/compose.ts'
import { pictureOfPatch, requirePatch } from '../patch/gallery.ts'
import { readPhotograph, requirePhotograph } from '../photographs/read.ts'
import { createCpuRuntime } from '../runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { OpenProject } from './open-project.ts'

/**
 * Inference for the patch editor only. A run of a job takes up to half a second and cannot be interrupted; with a second
 * worker the operating system shares the cores, so that a composition is classified in a fraction of that.
 */
let runtime: Promise<Runtime> | undefined
export const liveRuntime = (): Promise<Runtime> => {
  runtime ??= createCpuRuntime({ maxSessions: 4 })
  runtime.catch(() => {
    runtime = undefined
  })
  return runtime
}

const resampledPatches = new WeakMap<OpenProject, ResampledPatches>()

/** Classes that lead before or after whose values are given for both. */
const LEADING = 10

/** Classifiers of frames, each prepared once and kept for the next composition. */
const nets = new Map<string, Promise<FrameClassifier>>()
export const netOf = async (classifier: Classifier): Promise<FrameClassifier> => {
  const key = headIdentity(classifier)
  const net = nets.get(key) ?? liveRuntime().then(live => frameClassifier(classifier, live))
  nets.set(key, net)
  net.catch(() => nets.delete(key))
  return net
}

/** A photograph, preprocessed for the model and cached for the next composition. */
export async function backgroundIn(project: OpenProject, classifier: Classifier, image: number): Promise<Background> {
  const { hash } = requirePhotograph(project.db, image)
  const name = `background ${JSON.stringify(classifier.preprocessing)} ${hash}`
  const cached = project.peek<Background>(name)
  if (cached) return cached
  const background = await backgroundOf(classifier, await readPhotograph(project.db, image))
  return project.cached(
    name,
    () => background,
    ({ rgb }) => rgb.byteLength,
  )
}

/** The pictures of a composition's patches, cached. @throws UserError when a patch is missing */
export async function picturesIn(project: OpenProject, { patches }: Composition): Promise<PatchPictures> {
  const found = patches.map(async ({ patch }) => {
    const { name } = requirePatch(project.db, patch)
    const key = `patch ${patch}`
    const picture = project.peek<TransparentPicture>(key) ?? (await pictureOfPatch(project.db, patch))
    const cached = project.cached(
      key,
      () => picture,
      ({ rgba }) => rgba.byteLength,
    )
    return [patch, { ...cached, name }] as const
  })
  return new Map(await Promise.all(found))
}

/** The composed input of the network, and its photograph. */
export async function composed(
  project: OpenProject,
  classifier: Classifier,
  composition: Composition,
): Promise<{ readonly background: Background; readonly composite: Composite }> {
  const background = await backgroundIn(project, classifier, composition.image)
  const cache = resampledPatches.get(project) ?? new ResampledPatches()
  resampledPatches.set(project, cache)
  const pictures = await picturesIn(project, composition)
  return { background, composite: compose(background, composition.patches, pictures, cache) }
}

interface Asked {
  readonly model: string
  readonly composition: Composition
  readonly top: number
  readonly pinned: readonly number[]
}

/** The photograph and the composition as they are classified, and their predictions. */
interface ClassifiedPair {
  readonly before: Picture
  readonly after: Picture
  readonly predictions: { readonly before: Predictions; readonly after: Predictions }
  readonly notes: readonly string[]
}

/** Composes and classifies. @throws the reason of `check`, which is called before each run of the network */
export async function classifiedPair(
  project: OpenProject,
  { model, composition, top, pinned }: Asked,
  check: () => void = () => {},
): Promise<ClassifiedPair> {
  const classifier = await project.classifier(model)
  requireClasses(classifier.name, classifier.labels.length, pinned)
  const { background, composite } = await composed(project, classifier, composition)
  const net = await netOf(classifier)
  check()
  const plain = await logitsBefore(project, net, composition.image, background)
  check()
  const logits = await net.logits(composite.rgb)
  // A class that rises from far below to the top has a value before, too, and so has one that falls.
  const leading = [plain, logits].flatMap(each => strongest(each, LEADING)).map(({ index }) => index)
  const followed = [...new Set([...pinned, ...leading])]
  return {
    before: background,
    after: composite,
    predictions: {
      before: topPredictions(net.classifier, plain, top, followed),
      after: topPredictions(net.classifier, logits, top, followed),
    },
    notes: composite.notes,
  }
}

class Replaced extends Error {}

/** Composes and classifies. @returns undefined when a later call has replaced this one */
export async function classifiedNow(
  project: OpenProject,
  asked: Asked,
  isLatest: () => boolean,
): Promise<Composed | undefined> {
  const check = (): void => {
    if (!isLatest()) throw new Replaced()
  }
  try {
    const { after, predictions, notes } = await classifiedPair(project, asked, check)
    const { width, height, rgb } = after
    return { pixels: { width, height, rgba: opaque(rgb) }, ...predictions, notes: [...notes] }
  } catch (error) {
    if (error instanceof Replaced) return undefined
    throw error
  }
}

/** Logits of the photograph without patches, cached. */
async function logitsBefore(
  project: OpenProject,
  net: FrameClassifier,
  image: number,
  { rgb }: Background,
): Promise<Float32Array> {
  const name = `lab logits ${headIdentity(net.classifier)} ${requirePhotograph(project.db, image).hash}`
  const cached = project.peek<Float32Array>(name)
  if (cached) return cached
  const logits = await net.logits(rgb)
  return project.cached(
    name,
    () => logits,
    ({ byteLength }) => byteLength,
  )
}

function opaque(rgb: Uint8Array): Uint8Array<ArrayBuffer> {
  const rgba = new Uint8Array((rgb.length / 3) * 4).fill(255)
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from]!
    rgba[to + 1] = rgb[from + 1]!
    rgba[to + 2] = rgb[from + 2]!
  }
  return rgba
}

/**
 * Runs only the latest call of each window: while one runs at most one waits, and a later call replaces it.
 */
export class LastWins {
  readonly #latest = new Map<number, number>()
  readonly #busy = new Map<number, Promise<unknown>>()

  /** @param body receives whether its call is still the latest; @returns null when a later call replaced it */
  async run<T>(client: number, body: (isLatest: () => boolean) => Promise<T | undefined>): Promise<T | null> {
    const turn = (this.#latest.get(client) ?? 0) + 1
    this.#latest.set(client, turn)
    const isLatest = (): boolean => this.#latest.get(client) === turn
    const before = this.#busy.get(client)
    const running = (async () => {
      await before?.catch(() => {})
      return isLatest() ? ((await body(isLatest)) ?? null) : null
    })()
    this.#busy.set(client, running)
    return running
  }
}
