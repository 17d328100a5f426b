import type { Moment } from '../inversion/whitening.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { float32 } from '../onnx/tensor.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { dot } from '../vectors/cosine.ts'

/** A few consecutive samples: [count, channels]. */
interface SamplePage {
  readonly values: Float32Array
}

/** Rows of one product: few enough for sums in float32; longer sums are float64. */
const ROWS = 2048

/**
 * The uncentred second moment of all samples of a layer, AᵀA, with Σa and the squares over photographs (see Moment). Products
 * run on the runtime: in plain JavaScript 100,000 samples of 1,024 channels would take minutes.
 * @param photographOf of each sample; the samples of a photograph follow each other
 * @returns also Σ‖a‖⁴, which projects keep
 */
export async function secondMoment(
  runtime: Runtime,
  channels: number,
  pages: Iterable<SamplePage>,
  photographOf: (sample: number) => number,
  signal?: AbortSignal,
): Promise<Moment & { readonly fourth: number }> {
  const g = new GraphBuilder()
  const rows = g.input({ name: 'rows', type: 'float32', shape: ['n', channels] })
  const out = g.matmul(g.transpose(rows, [1, 0]), rows)
  const graph = g.build('second moment', [{ name: out, type: 'float32', shape: [channels, channels] }])
  const program = await runtime.load(graph, { key: `moment/${channels}` })
  const products = new Float64Array(channels * channels)
  const sums = new Float64Array(channels)
  const squares = new PhotographSquares(channels)
  let [samples, fourth] = [0, 0]
  try {
    for (const { values } of pages) {
      for (let from = 0; from < values.length; from += ROWS * channels) {
        signal?.throwIfAborted()
        const block = values.subarray(from, from + ROWS * channels)
        const result = await program.run({ rows: float32([block.length / channels, channels], block) })
        const part = result[out]!.data as Float32Array
        for (let i = 0; i < products.length; i++) products[i]! += part[i]!
        fourth += fourthPowers(block, channels)
        for (let i = 0; i < block.length; i++) sums[i % channels]! += block[i]!
      }
      for (let row = 0; row * channels < values.length; row++)
        squares.feed(photographOf(samples + row), values.subarray(row * channels, (row + 1) * channels))
      samples += values.length / channels
    }
  } finally {
    await program.release()
  }
  return { channels, samples, products, fourth, sums, ...squares.result() }
}

/** Σ ‖Σ a·aᵀ‖² over photographs, which is Σ (a·b)² over all pairs of samples a, b of one photograph. */
class PhotographSquares {
  readonly #channels: number
  #photograph: number | undefined
  #rows: Float32Array[] = []
  #photographs = 0
  #squares = 0

  constructor(channels: number) {
    this.#channels = channels
  }

  /** @param row [channels], kept until the samples of its photograph end */
  feed(photograph: number, row: Float32Array): void {
    if (photograph !== this.#photograph) {
      this.#photograph = photograph
      this.#photographs++
      this.#rows = []
    }
    this.#rows.push(row.slice())
    for (const other of this.#rows) {
      const product = dot(row, 0, other, 0, this.#channels)
      // Each pair counts in both orders, a sample with itself once.
      this.#squares += (other === this.#rows.at(-1) ? 1 : 2) * product * product
    }
  }

  result(): Pick<Moment, 'photographs' | 'squares'> {
    return { photographs: this.#photographs, squares: this.#squares }
  }
}

/** Σ‖a‖⁴ over rows. */
function fourthPowers(rows: Float32Array, channels: number): number {
  let sum = 0
  for (let start = 0; start < rows.length; start += channels) {
    let square = 0
    for (let k = start; k < start + channels; k++) square += rows[k]! * rows[k]!
    sum += square * square
  }
  return sum
}
