import type { Composed, Composition } from '../../contract/patch.ts'
import type { Classifier } from '../model/classifier.ts'
import { headIdentity } from '../model/identity.ts'
import { type FrameClassifier, frameClassifier, topPredictions } from '../patch/classify.ts'
import { type Composite, compose, type Ground, type Placed, Stamps } from '../patch/compose.ts'
import { pictureOfPatch, requirePatch } from '../patch/gallery.ts'
import { groundOf } from '../patch/ground.ts'
import { readPhotograph, requirePhotograph } from '../photographs/read.ts'
import { createCpuRuntime } from '../runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { OpenProject } from './open-project.ts'

/**
 * Inference for the patch editor alone. A run of a job takes up to half a second and can't be interrupted; the operating
 * system shares the cores between two workers at once, so that a composition is answered in a fraction of that.
 */
let runtime: Promise<Runtime> | undefined
export const liveRuntime = (): Promise<Runtime> => {
  runtime ??= createCpuRuntime({ maxSessions: 4 })
  runtime.catch(() => {
    runtime = undefined
  })
  return runtime
}

const stamps = new WeakMap<OpenProject, Stamps>()

/** Classifiers of frames, each prepared once; the program stays for the next movement. */
const nets = new Map<string, Promise<FrameClassifier>>()
export const netOf = async (classifier: Classifier): Promise<FrameClassifier> => {
  const key = headIdentity(classifier)
  const known = nets.get(key) ?? liveRuntime().then(live => frameClassifier(classifier, live))
  nets.set(key, known)
  known.catch(() => nets.delete(key))
  return known
}

/** A photograph as the model takes it, kept for the next movement. */
export async function groundIn(project: OpenProject, classifier: Classifier, image: number): Promise<Ground> {
  const { hash } = requirePhotograph(project.db, image)
  const name = `ground ${JSON.stringify(classifier.preprocessing)} ${hash}`
  const known = project.peek<Ground>(name)
  if (known) return known
  const ground = await groundOf(classifier, await readPhotograph(project.db, image))
  return project.cached(
    name,
    () => ground,
    ({ rgb }) => rgb.byteLength,
  )
}

/** The patches of a composition with their pictures. @throws UserError when a patch is not there */
export const placedIn = (project: OpenProject, { patches }: Composition): Promise<Placed[]> =>
  Promise.all(
    patches.map(async ({ patch, ...placement }) => {
      const { name } = requirePatch(project.db, patch)
      const key = `patch ${patch}`
      const known = project.peek<Placed['picture']>(key)
      const picture = known ?? (await pictureOfPatch(project.db, patch))
      const kept = project.cached(
        key,
        () => picture,
        ({ rgba }) => rgba.byteLength,
      )
      return { placement, picture: kept, name }
    }),
  )

/** What the network is shown, and the photograph it is made from. */
export async function composed(
  project: OpenProject,
  classifier: Classifier,
  composition: Composition,
): Promise<{ readonly ground: Ground; readonly made: Composite }> {
  const ground = await groundIn(project, classifier, composition.image)
  const kept = stamps.get(project) ?? new Stamps()
  stamps.set(project, kept)
  return { ground, made: compose(ground, await placedIn(project, composition), kept) }
}

/** Composes and classifies. @returns undefined when somebody else is served meanwhile */
export async function classifiedNow(
  project: OpenProject,
  {
    model,
    composition,
    top,
    pinned,
  }: { model: string; composition: Composition; top: number; pinned: readonly number[] },
  wanted: () => boolean,
): Promise<Composed | undefined> {
  const classifier = await project.classifier(model)
  const { ground, made } = await composed(project, classifier, composition)
  const net = await netOf(classifier)
  if (!wanted()) return undefined
  const plain = await logitsBefore(project, net, composition.image, ground)
  if (!wanted()) return undefined
  const logits = await net.logits(made.rgb)
  return {
    pixels: { width: made.width, height: made.height, rgba: opaque(made.rgb) },
    before: topPredictions(net.classifier, plain, top, pinned),
    after: topPredictions(net.classifier, logits, top, pinned),
    notes: [...made.notes],
  }
}

/** Of the photograph alone, asked once. */
async function logitsBefore(
  project: OpenProject,
  net: FrameClassifier,
  image: number,
  { rgb }: Ground,
): Promise<Float32Array> {
  const name = `lab logits ${headIdentity(net.classifier)} ${requirePhotograph(project.db, image).hash}`
  const known = project.peek<Float32Array>(name)
  if (known) return known
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
 * Of the calls of one window the last one counts: while one is answered at most one waits, and a younger one takes its
 * place.
 */
export class LastWins {
  readonly #asked = new Map<number, number>()
  readonly #busy = new Map<number, Promise<unknown>>()

  /** @param body is given whether it is still wanted; @returns null when a younger call took its place */
  async ask<T>(client: number, body: (wanted: () => boolean) => Promise<T | undefined>): Promise<T | null> {
    const turn = (this.#asked.get(client) ?? 0) + 1
    this.#asked.set(client, turn)
    const wanted = (): boolean => this.#asked.get(client) === turn
    const before = this.#busy.get(client)
    const own = (async () => {
      await before?.catch(() => {})
      return wanted() ? ((await body(wanted)) ?? null) : null
    })()
    this.#busy.set(client, own)
    return own
  }
}
