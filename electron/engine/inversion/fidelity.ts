import type { Classifier, Layer } from '../model/classifier.ts'
import { float32 } from '../onnx/tensor.ts'
import { Random } from '../random/random.ts'
import type { Program, Runtime } from '../runtime/runtime.ts'
import { cosine } from '../vectors/cosine.ts'
import { centreFeeds } from './centre.ts'
import { fittingEdge, fixedEdge, layerSize } from './layer-size.ts'
import { centreGraph } from './readout.ts'
import { type View, viewFeeds } from './views.ts'

/**
 * Views that no icon was optimised for: shifts up to 6 px, rotations up to 8°, scales .9 to 1.1, bilinear, grey beyond
 * the edge. The robust fidelity of an icon that depends on noise is low. The edge stays that of the icon: another one
 * would move the unit that is read, by up to half a stride, away from the middle of the picture.
 */
const unseenView = (index: number): Omit<View, 'edge'> => {
  const random = new Random('unseen', index)
  const zoom = Math.exp(random.between(Math.log(0.9), Math.log(1.1)))
  const radians = (random.between(-8, 8) * Math.PI) / 180
  return { zoom, radians, shift: [random.between(-6, 6), random.between(-6, 6)] }
}
const UNTRANSFORMED: Omit<View, 'edge'> = { zoom: 1, radians: 0, shift: [0, 0] }
const UNSEEN_COUNT = 16

export interface Fidelity {
  /** Cosine between the direction and the centre activation of the finished icon; 0 when the activation is zero. */
  readonly fidelity: number
  /** Its mean over 16 fixed views that the icon was not optimised for. */
  readonly robustFidelity: number
  /** [channels]: the centre activation of the finished icon. */
  readonly activation: Float32Array
}

/** Computes the activations of finished icons and compares them with their directions. */
export class FidelityScorer {
  readonly #program: Program
  readonly #radii: readonly number[]
  readonly #classifier: Classifier
  readonly #layer: Layer
  readonly #size: number
  /**
   * Edge of the network's input: the icon's, or a little less where the network does not accept it; of one that takes
   * one size only, this size, which the complete icon fills.
   */
  readonly #edge: number
  readonly #zoom: number
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
    const input = fixedEdge(classifier, layer)
    this.#edge = input ?? fittingEdge(classifier, layer, size)
    this.#zoom = input === undefined ? 1 : size / input
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
    const units = await this.activations(rgb)
    const plain = this.#cosines(units, directions)
    const robust = new Float64Array(this.#icons)
    for (let i = 0; i < UNSEEN_COUNT; i++) {
      signal?.throwIfAborted()
      const seen = await this.activations(rgb, unseenView(i))
      for (const [icon, cosine] of this.#cosines(seen, directions).entries()) robust[icon]! += cosine / UNSEEN_COUNT
    }
    const { channels } = this.#layer
    return plain.map((fidelity, icon) => ({
      fidelity,
      robustFidelity: robust[icon]!,
      activation: units.slice(icon * channels, (icon + 1) * channels),
    }))
  }

  /**
   * @param rgb  [size², 3N] in 0 … 1
   * @param seen the view through which the pictures are seen; the whole picture by default
   * @returns the activations of the centre unit, [N, channels]
   */
  async activations(rgb: Float32Array, seen: Omit<View, 'edge'> = UNTRANSFORMED): Promise<Float32Array> {
    const view = { ...seen, edge: this.#edge, zoom: seen.zoom * this.#zoom }
    const outputs = await this.#program.run({
      rgb: float32([this.#size ** 2, 3 * this.#icons], rgb),
      ...centreFeeds(...layerSize(this.#classifier, this.#layer, view.edge), this.#radii),
      ...viewFeeds(this.#size, view),
    })
    return Object.values(outputs)[0]!.data as Float32Array
  }

  #cosines(units: Float32Array, directions: Float32Array): number[] {
    const { channels } = this.#layer
    return Array.from({ length: this.#icons }, (_, icon) => {
      const row = [icon * channels, (icon + 1) * channels] as const
      return cosine(directions.subarray(...row), units.subarray(...row))
    })
  }

  release(): Promise<void> {
    return this.#program.release()
  }
}
