import type { GraphBuilder } from '../onnx/builder.ts'
import { int64, type Tensor } from '../onnx/tensor.ts'
import { type Draw, resampling } from './transform.ts'

/**
 * A random transform in a graph: the same for all steps, since what differs from step to step comes in as values (see
 * Resampling). Linear, so that its reverse is its transpose. Pixels come first and icons last: the gathers of a
 * rotation then copy runs of memory instead of numbers.
 */
export class Warp {
  readonly #g: GraphBuilder
  readonly #window: number
  readonly #columns: number
  readonly #alongY: string
  readonly #alongX: string
  readonly #outside: string
  readonly #pick: string
  readonly #picked: readonly string[]
  readonly #frame: string

  /** Declares the transform as inputs of the graph. @param window edge in pixels of the part of the image it sees */
  constructor(g: GraphBuilder, icons: number, window: number) {
    this.#g = g
    this.#window = window
    this.#columns = 3 * icons
    this.#alongY = g.input({ name: 'alongY', type: 'float32', shape: ['scaled', window] })
    this.#alongX = g.input({ name: 'alongX', type: 'float32', shape: ['scaled', window] })
    this.#outside = g.input({ name: 'outside', type: 'float32', shape: ['scaled', 'scaled', 1] })
    this.#pick = g.input({ name: 'pick', type: 'int32', shape: ['result'] })
    this.#picked = ['picked0', 'picked1'].map(name => g.input({ name, type: 'int32', shape: ['pixels'] }))
    this.#frame = g.input({ name: 'frame', type: 'int64', shape: [4] })
  }

  /** The transformed image, [N, 3, edge, edge], of the window [window², 3N]. */
  forward(rgb: string): string {
    const g = this.#g
    const rows = g.matmul(this.#alongY, g.reshape(rgb, [this.#window, this.#window * this.#columns]))
    const down = g.reshape(rows, [-1, this.#window, this.#columns])
    const scaled = g.reshape(g.add(g.matmul(this.#alongX, down), this.#outside), [-1, this.#columns])
    const rotated = g.node('Gather', [this.#withNothing(scaled), this.#pick])
    return g.node('Reshape', [g.transpose(rotated, [1, 0]), this.#frame])
  }

  /** Gradient of the window, [window², 3N], of a gradient [N, 3, edge, edge]. */
  reverse(gradient: string): string {
    const g = this.#g
    const pixels = this.#withNothing(g.transpose(g.reshape(gradient, [this.#columns, -1]), [1, 0]))
    const [once, twice] = this.#picked.map(picked => g.node('Gather', [pixels, picked])) as [string, string]
    const scaled = g.node('Shape', [this.#alongY])
    const edge = g.slice(scaled, [0], [0], [1])
    const shape = (rest: readonly number[]): string => g.concat([edge, g.integers(rest)], 0)
    const square = g.node('Reshape', [g.add(once, twice), shape([-1, this.#columns])])
    const across = g.matmul(g.transpose(this.#alongX, [1, 0]), square)
    const rows = g.node('Reshape', [across, shape([-1])])
    return g.reshape(g.matmul(g.transpose(this.#alongY, [1, 0]), rows), [this.#window ** 2, this.#columns])
  }

  /** One more pixel, of zeros, behind the last: what an index outside stands for. */
  #withNothing(pixels: string): string {
    return this.#g.pad(pixels, [0, 0, 1, 0])
  }
}

/** Everything that one drawn transform feeds to a step: the inputs of Warp, and the window that is looked at. */
export function warpFeeds(
  size: number,
  window: number,
  draw: Draw,
  icons: number,
): { readonly warp: Record<string, Tensor>; readonly window: Record<string, Tensor> } {
  const {
    start: [top, left],
    alongY,
    alongX,
    outside,
    pick,
    picked,
  } = resampling(size, window, draw)
  return {
    warp: {
      alongY,
      alongX,
      outside,
      pick,
      picked0: picked[0],
      picked1: picked[1],
      frame: int64([icons, 3, draw.edge, draw.edge]),
    },
    window: {
      top: int64([top]),
      bottom: int64([top + window]),
      left: int64([left]),
      right: int64([left + window]),
    },
  }
}
