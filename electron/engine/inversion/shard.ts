import { createHash } from 'node:crypto'
import type { Report } from '../../contract/progress.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { float32, scalar, type Tensor } from '../onnx/tensor.ts'
import { Random } from '../random/random.ts'
import type { Program, Runtime } from '../runtime/runtime.ts'
import { adamNumbers } from './adam.ts'
import { centreFeeds } from './centre.ts'
import { FidelityScorer } from './fidelity.ts'
import type { Sized } from './frame.ts'
import { fitted, fittingEdge, layerSize } from './layer-size.ts'
import { centredDirections, centringOf, offsetOf } from './objective.ts'
import { pictureGraph } from './readout.ts'
import { amplitudes, startingSpectrum } from './spectrum.ts'
import { spectraOf } from './spectrum-of.ts'
import type { LayerStatistics } from './statistics.ts'
import { STEP_STATE, stepGraph, stepWindow } from './step.ts'
import { drawTransform } from './transform.ts'
import { atEdge, drawView, viewFeeds } from './views.ts'
import { warpFeeds, windowFeeds } from './warp.ts'
import { type Whitening, whiten } from './whitening.ts'

/** A finished icon and its fidelity. */
export interface InvertedIcon {
  /** [size, size, 3], red, green, blue. */
  readonly rgb: Uint8Array
  readonly size: number
  readonly fidelity: number
  readonly robustFidelity: number
  /** [channels]: the centre activation of the finished icon. */
  readonly activation: Float32Array
  /** The objective of the last step of the best attempt. */
  readonly objective: number
  readonly status: 'ok' | 'grey' | 'non-finite'
}

export interface InvertOptions extends Pick<LayerStatistics, 'mean'> {
  /** Needed when the objective whitens. */
  readonly whitening?: Pick<Whitening, 'channels' | 'matrix'> | undefined
  readonly seed: number
  readonly signal?: AbortSignal | undefined
  /**
   * [n, size, size, 3], red, green, blue in 0 … 1: the pictures that the icons start from, where the inversion starts from
   * photographs; or `noise`, for icons that have too few.
   */
  readonly starts?: Float32Array | 'noise' | undefined
  /** Called for every step of the batch, over all attempts. */
  readonly report?: Report | undefined
}

/** Steps in which gradients are redirected, if the inversion does so (lucid). */
const EARLY_STEPS = 16
/** Standard deviation of the pixels, of 255, below which an icon counts as grey. */
const GREY = 3

/** Inverts one part of a batch on one runtime. */
export class Shard {
  readonly #classifier: Classifier
  readonly #layer: Layer
  readonly #inversion: Sized
  readonly #step: Program
  readonly #radii: readonly number[]
  readonly #picture: Program
  readonly #scorer: FidelityScorer

  private constructor(
    classifier: Classifier,
    layer: Layer,
    inversion: Sized,
    programs: {
      readonly step: Program
      readonly radii: readonly number[]
      readonly picture: Program
      readonly scorer: FidelityScorer
    },
  ) {
    this.#classifier = classifier
    this.#layer = layer
    this.#inversion = inversion
    this.#step = programs.step
    this.#radii = programs.radii
    this.#picture = programs.picture
    this.#scorer = programs.scorer
  }

  /** @param inversion with the batch of this shard */
  static async create(classifier: Classifier, runtime: Runtime, layer: Layer, inversion: Sized): Promise<Shard> {
    const { size, batch, image } = inversion
    const { graph, radii } = stepGraph(classifier, layer, inversion)
    // Without keys, so that weights and memory are freed with the shard.
    const step = await runtime.load(graph, { state: STEP_STATE, divisible: true })
    const picture = await runtime.load(pictureGraph(size, batch, image), { divisible: true })
    const scorer = await FidelityScorer.create(classifier, runtime, layer, size, batch)
    return new Shard(classifier, layer, inversion, { step, radii, picture, scorer })
  }

  async release(): Promise<void> {
    await Promise.all([this.#step.release(), this.#picture.release(), this.#scorer.release()])
  }

  /**
   * Several attempts, of which the one with the largest final objective is used for each icon.
   * @param directions [batch, channels], unwhitened
   * @param start      0 for the first start of these directions, more after a failed one
   */
  async start(directions: Float32Array, start: number, options: InvertOptions): Promise<InvertedIcon[]> {
    const { size, batch, tries } = this.#inversion
    const best = new Float32Array(size * size * 3 * batch)
    const objectives = new Float32Array(batch).fill(Number.NaN)
    for (let attempt = 0; attempt < tries; attempt++) {
      const { rgb, objective } = await this.#optimise(directions, start * tries + attempt, attempt, options)
      for (let icon = 0; icon < batch; icon++) {
        if (attempt > 0 && !(objective[icon]! > objectives[icon]!) && !Number.isNaN(objectives[icon])) continue
        objectives[icon] = objective[icon]!
        for (let pixel = icon * 3; pixel < rgb.length; pixel += 3 * batch)
          best.set(rgb.subarray(pixel, pixel + 3), pixel)
      }
    }
    const finite = Array.from({ length: batch }, (_, icon) => Number.isFinite(objectives[icon]))
    const bytes = best.map(value => Math.round(255 * (Number.isFinite(value) ? value : 0)))
    const scores = await this.#scorer.scores(
      bytes.map(value => value / 255),
      directions,
      options.signal,
    )
    return scores.map((fidelity, icon) => {
      const rgb = new Uint8Array(size * size * 3)
      for (let pixel = 0; pixel < size * size; pixel++)
        rgb.set(bytes.subarray((pixel * batch + icon) * 3, (pixel * batch + icon) * 3 + 3), pixel * 3)
      const status = !finite[icon] ? 'non-finite' : deviation(rgb) < GREY ? 'grey' : 'ok'
      return { rgb, size, ...fidelity, objective: objectives[icon]!, status }
    })
  }

  /** What the objective subtracts because of the layer's mean activation. @returns [channels] */
  #offset(mean: Float32Array | undefined): Float32Array | undefined {
    if (centringOf(this.#inversion) === 0) return undefined
    if (mean === undefined) throw new Error('this objective needs the mean activation of the layer')
    return offsetOf(this.#inversion.objective, mean)
  }

  /** The feeds of the transform of a step, and the edge of the network's input. */
  #transform(step: number, random: Random): { readonly edge: number; readonly feeds: Record<string, Tensor> } {
    const { size, steps, transforms, input } = this.#inversion
    const share = (step - 1) / steps
    const lowPass = this.#lowPass(share)
    if ('views' in transforms) {
      const drawn = drawView(transforms, share, random)
      const view = input
        ? atEdge(drawn, input, size)
        : { ...drawn, edge: fittingEdge(this.#classifier, this.#layer, drawn.edge) }
      const { window } = transforms
      const radius = window && share < window.until ? window.radius : undefined
      return { edge: view.edge, feeds: { ...viewFeeds(size, view, radius), ...windowFeeds(0, 0, size), ...lowPass } }
    }
    const draw = fitted(this.#classifier, this.#layer, drawTransform(size, transforms, random))
    const { warp, window } = warpFeeds(size, stepWindow(this.#inversion), draw)
    return { edge: draw.edge, feeds: { ...warp, ...window, ...lowPass } }
  }

  /** Amplitudes of all frequencies, for a low-pass whose cutoff rises with the steps. */
  #lowPass(share: number): Record<string, Tensor> {
    const { size, image } = this.#inversion
    if (image?.lowPass === undefined) return {}
    const { from, growth, until } = image.lowPass
    const cutoff = share < until ? from + growth * (share / until) ** 2 : undefined
    return { amplitudes: amplitudes(size, image.falloff, cutoff) }
  }

  /**
   * Runs all steps of one attempt. Equal spectra for equal (seed, direction, attempt); one transform per step for all
   * icons.
   */
  async #optimise(
    directions: Float32Array,
    attempt: number,
    shown: number,
    { seed, whitening, mean, starts, signal, report }: InvertOptions,
  ): Promise<{ rgb: Float32Array; objective: Float32Array }> {
    const { size, steps, tries, batch, redirect, objective, image } = this.#inversion
    const { channels } = this.#layer
    if (this.#inversion.start && starts === undefined) throw new Error('this inversion needs pictures to start from')
    if (objective.whiten && !whitening) throw new Error('this objective needs a whitening matrix')
    const hashes = Array.from({ length: batch }, (_, icon) =>
      hashOf(directions.subarray(icon * channels, (icon + 1) * channels)),
    )
    const spectrum =
      starts instanceof Float32Array
        ? spectraOf(starts, size, batch, image)
        : startingSpectrum(size, seed, attempt, hashes)
    const zeros = float32(spectrum.dims)
    const offset = this.#offset(mean)
    const target = float32(
      [batch, channels],
      objective.whiten && whitening
        ? whiten(directions, whitening)
        : offset
          ? centredDirections(objective, directions, offset)
          : directions,
    )
    const inputs = (step: number): Record<string, Tensor> => {
      const { edge, feeds } = this.#transform(step, new Random('transform', seed, attempt, step))
      const { rate, secondMomentScale, keep } = adamNumbers(step, this.#inversion)
      return {
        ...(step === 1 && { spectrum, first: zeros, second: zeros }),
        ...feeds,
        target,
        ...(offset && { offset: float32([1, channels], offset) }),
        ...centreFeeds(...layerSize(this.#classifier, this.#layer, edge), this.#radii),
        rate: scalar(rate),
        secondMomentScale: scalar(secondMomentScale),
        ...(this.#inversion.optimizer && { keep: scalar(keep) }),
        ...(redirect && { early: { type: 'bool', dims: [], data: Uint8Array.of(step <= EARLY_STEPS ? 1 : 0) } }),
      }
    }
    const fetches = (step: number): string[] => (step === steps ? ['objective', 'spectrum.next'] : [])
    // The next step is queued while one runs: the state stays on the device, so no result is needed first.
    let running = this.#step.run(inputs(1), fetches(1))
    let last: Record<string, Tensor> = {}
    for (let step = 1; step <= steps; step++) {
      const next = step < steps ? this.#step.run(inputs(step + 1), fetches(step + 1)) : running
      // An error is thrown when its turn comes; until then it must not count as unhandled.
      next.catch(() => {})
      last = await running
      running = next
      signal?.throwIfAborted()
      report?.({ stage: 'inversion', done: shown * steps + step, total: tries * steps, unit: 'steps' })
    }
    signal?.throwIfAborted()
    const picture = await this.#picture.run({ spectrum: last['spectrum.next']! })
    return {
      rgb: Object.values(picture)[0]!.data as Float32Array,
      objective: last.objective!.data as Float32Array,
    }
  }
}

/** Content hash of a direction: part of the seed of its starting spectrum and of the keys of its icon. */
export const hashOf = (direction: Float32Array): Uint8Array =>
  createHash('sha256')
    .update(new Uint8Array(direction.buffer, direction.byteOffset, direction.byteLength))
    .digest()

function deviation(rgb: Uint8Array): number {
  let [sum, squares] = [0, 0]
  for (const value of rgb) {
    sum += value
    squares += value * value
  }
  return Math.sqrt(Math.max(0, squares / rgb.length - (sum / rgb.length) ** 2))
}
