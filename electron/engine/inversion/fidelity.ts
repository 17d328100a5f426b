import type { Transforms } from '../../contract/inversion.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { float32 } from '../onnx/tensor.ts'
import { Random } from '../random/random.ts'
import type { Program, Runtime } from '../runtime/runtime.ts'
import { cosine } from '../vectors/cosine.ts'
import { centreFeeds } from './centre.ts'
import { fitted, layerSize } from './layer-size.ts'
import { centreGraph } from './readout.ts'
import { type Draw, drawTransform, untransformed } from './transform.ts'
import { warpFeeds } from './warp.ts'

/**
 * Transforms that no icon was optimised for: shifts up to 6 px, rotations up to 8°, scales .9 to 1.1. The
 * robust fidelity of an icon that depends on noise is low.
 */
const UNSEEN: Transforms = {
  pad: 6,
  padValue: 0.5,
  jitter: [12],
  scales: Array.from({ length: 21 }, (_, i) => 0.9 + i / 100),
  angles: Array.from({ length: 17 }, (_, i) => i - 8),
  lastJitter: 0,
  fit: false,
}
const UNSEEN_COUNT = 16

export interface Fidelity {
  /** Cosine between the direction and the centre activation of the finished icon; 0 when the activation is zero. */
  readonly fidelity: number
  /** Its mean over 16 fixed transforms that the icon was not optimised for. */
  readonly robustFidelity: number
}

/** Computes the activations of finished icons and compares them with their directions. */
export class FidelityScorer {
  readonly #program: Program
  readonly #radii: readonly number[]
  readonly #classifier: Classifier
  readonly #layer: Layer
  readonly #size: number
  readonly #icons: number

  private constructor(
    program: Program,
    radii: readonly number[],
    classifier: Classifier,
    layer: Layer,
    size: number,
    icons: number,
  ) {
    this.#program = program
    this.#radii = radii
    this.#classifier = classifier
    this.#layer = layer
    this.#size = size
    this.#icons = icons
  }

  /** @param icons number of icons in a batch */
  static async create(
    classifier: Classifier,
    runtime: Runtime,
    layer: Layer,
    size: number,
    icons: number,
  ): Promise<FidelityScorer> {
    const { graph, radii } = centreGraph(classifier, layer, size, icons)
    const program = await runtime.load(graph, { divisible: true })
    return new FidelityScorer(program, radii, classifier, layer, size, icons)
  }

  /**
   * @param rgb        [size², 3N] in 0 … 1, rounded to 8 bits
   * @param directions [N, channels], unwhitened
   */
  async scores(rgb: Float32Array, directions: Float32Array, signal?: AbortSignal): Promise<Fidelity[]> {
    const plain = await this.#cosines(rgb, directions, untransformed(this.#size))
    const robust = new Float64Array(this.#icons)
    for (let i = 0; i < UNSEEN_COUNT; i++) {
      signal?.throwIfAborted()
      const draw = drawTransform(this.#size, UNSEEN, new Random('unseen', i))
      for (const [icon, cosine] of (await this.#cosines(rgb, directions, draw)).entries())
        robust[icon]! += cosine / UNSEEN_COUNT
    }
    return plain.map((fidelity, icon) => ({ fidelity, robustFidelity: robust[icon]! }))
  }

  /**
   * @param rgb   [size², 3N] in 0 … 1
   * @param drawn the transform through which the pictures are seen; none by default
   * @returns the activations of the centre unit, [N, channels]
   */
  async activations(rgb: Float32Array, drawn: Draw = untransformed(this.#size)): Promise<Float32Array> {
    const draw = fitted(this.#classifier, this.#layer, drawn)
    const [rows, columns] = layerSize(this.#classifier, this.#layer, draw.edge)
    const outputs = await this.#program.run({
      rgb: float32([this.#size ** 2, 3 * this.#icons], rgb),
      ...centreFeeds(rows, columns, this.#radii),
      ...warpFeeds(this.#size, this.#size, draw).warp,
    })
    return Object.values(outputs)[0]!.data as Float32Array
  }

  async #cosines(rgb: Float32Array, directions: Float32Array, drawn: Draw): Promise<number[]> {
    const { channels } = this.#layer
    const units = await this.activations(rgb, drawn)
    return Array.from({ length: this.#icons }, (_, icon) => {
      const row = [icon * channels, (icon + 1) * channels] as const
      return cosine(directions.subarray(...row), units.subarray(...row))
    })
  }

  release(): Promise<void> {
    return this.#program.release()
  }
}
