import { type Attributes, int, ints } from '../../onnx/graph.ts'
import { elements, float32 } from '../../onnx/tensor.ts'
import type { Calculus } from '../calculus.ts'
import { Lengths } from '../lengths.ts'
import { byFirst, type Site } from '../rule.ts'
import { type Windows, windows } from '../window.ts'

/**
 * y[m, o] = b + Σ_cj W[m, c, j]·x[c, o·s + j·d − p], by groups of channels.
 * Forward: the same convolution of t, without the bias.
 * Reverse, stride 1: dx[c, i] = Σ_mj W[m, c, j]·dy[m, i − j·d + p], a convolution with the flipped kernel and
 * input and output channels swapped, padded by span − p. Other strides: a transposed convolution, cropped to x's size.
 */
export const conv = byFirst('Conv', {
  jvp: (g, at, t) => g.node('Conv', [t, at.inputs[1]!], at.node.attributes),
  vjp: (g, at, d) => {
    const window = windows(g, at, kernelOf(g, at))
    return window.strides.every(stride => stride === 1) ? unstrided(g, at, window, d) : strided(g, at, window, d)
  },
})

const kernelOf = (g: Calculus, at: Site): readonly number[] =>
  g
    .shape(at.inputs[1]!)
    .slice(2)
    .map(size => (typeof size === 'number' ? size : g.refuse(at.node, 'the size of its kernel is unknown')))

function unstrided(g: Calculus, at: Site, { axes, span, begin, end }: Windows, d: string): string {
  const group = at.int('group', 1)
  // Outputs of windows that are entirely in the padding do not depend on x: they are cropped.
  const cut = (pads: Lengths): number[] => (pads.known ?? []).map((pad, i) => Math.max(pad - span[i]!, 0))
  const [before, after] = [cut(begin), cut(end)]
  const full = g.lengths(at.y, axes)
  const seen = [...before, ...after].some(count => count > 0)
    ? g.crop(d, axes, Lengths.of(g, before), full.minus(before).minus(after))
    : d
  const pads = [begin, end].flatMap(side => (side.known ?? []).map((pad, i) => Math.max(span[i]! - pad, 0)))
  const { dilations } = at.node.attributes
  return g.node('Conv', [seen, flipped(g, at, group)], {
    pads: ints(pads),
    group: int(group),
    kernel_shape: ints(kernelOf(g, at)),
    ...(dilations && { dilations }),
  })
}

/** W′[c, m, j] = W[m, c, −j], within each group. */
function flipped(g: Calculus, at: Site, group: number): string {
  const name = at.inputs[1]!
  const weights = g.constant(name)
  if (weights?.type !== 'float32') g.refuse(at.node, `its weights "${name}" are not constant`)
  const [filters, channels] = [weights.dims[0]! / group, weights.dims[1]!]
  const kernel = weights.dims.slice(2)
  const size = elements(kernel)
  const out = float32([group * channels, filters, ...kernel])
  for (let n = 0; n < group; n++)
    for (let m = 0; m < filters; m++)
      for (let c = 0; c < channels; c++) {
        const from = ((n * filters + m) * channels + c) * size
        const to = ((n * channels + c) * filters + m) * size
        // A flip along every axis reverses the row-major order.
        for (let j = 0; j < size; j++) out.data[to + size - 1 - j] = weights.data[from + j]!
      }
  return g.initializer(out, `${name}.flipped`)
}

/**
 * The transposed convolution of d has (y − 1)·s + span + 1 elements, begins at −p, and may end up to s − 1 elements
 * before the end of the padded x, which no window contains: these are zero.
 */
function strided(g: Calculus, at: Site, { axes, rank, strides, span, begin, end, x, y }: Windows, d: string): string {
  const { dilations, group, kernel_shape } = at.node.attributes
  const attributes: Attributes = {
    strides: ints(strides),
    ...(dilations && { dilations }),
    ...(group && { group }),
    ...(kernel_shape && { kernel_shape }),
  }
  const full = y
    .plus(axes.map(() => -1))
    .times(strides)
    .plus(span.map(r => r + 1))
  const missing = begin.plus(x).plus(end).minus(full)
  if (begin.known && end.known && missing.known)
    return g.node('ConvTranspose', [d, at.inputs[1]!], {
      ...attributes,
      pads: ints([...begin.known, ...end.known]),
      output_padding: ints(missing.known),
    })
  const transposed = g.node('ConvTranspose', [d, at.inputs[1]!], attributes)
  const zeros = Lengths.of(
    g,
    axes.map(() => 0),
  )
  const padded = g.padAxes(
    transposed,
    rank,
    axes,
    zeros,
    Lengths.of(
      g,
      strides.map(stride => stride - 1),
    ),
  )
  return g.crop(padded, axes, begin, x)
}

/**
 * The transpose of a convolution, plus a bias. Forward: the same of t, without the bias.
 * Reverse: the convolution with the same kernel, strides and pads.
 */
export const convTranspose = byFirst('ConvTranspose', {
  jvp: (g, at, t) => g.node('ConvTranspose', [t, at.inputs[1]!], at.node.attributes),
  vjp: (g, at, d) => {
    const { axes, strides, dilations, begin, end } = transposedWindows(g, at)
    const cut = end.map(pad => Math.max(-pad, 0))
    const zeros = Lengths.of(
      g,
      axes.map(() => 0),
    )
    const full = g.lengths(at.y, axes)
    const seen = cut.every(count => count === 0) ? d : g.crop(d, axes, zeros, full.minus(cut))
    return g.node('Conv', [seen, at.inputs[1]!], {
      pads: ints([...begin, ...end.map(pad => Math.max(pad, 0))]),
      strides: ints(strides),
      dilations: ints(dilations),
      group: int(at.int('group', 1)),
    })
  },
})

/** Pads of the convolution that a ConvTranspose transposes. Output padding reduces the padding at the end. */
function transposedWindows(g: Calculus, at: Site) {
  const kernel = kernelOf(g, at)
  const { axes, lengths } = g.spatial(at.x)
  const strides = at.ints('strides') ?? axes.map(() => 1)
  const dilations = at.ints('dilations') ?? axes.map(() => 1)
  const more = at.ints('output_padding') ?? axes.map(() => 0)
  const auto = at.string('auto_pad', 'NOTSET')
  const shape = at.ints('output_shape')?.slice(-axes.length)
  const span = kernel.map((size, i) => (size - 1) * dilations[i]!)
  const geometry = { axes, strides, dilations }
  if (!shape && (auto === 'NOTSET' || auto === 'VALID')) {
    const pads = (auto === 'NOTSET' && at.ints('pads')) || [...axes, ...axes].map(() => 0)
    return {
      ...geometry,
      begin: pads.slice(0, axes.length),
      end: pads.slice(axes.length).map((pad, i) => pad - more[i]!),
    }
  }
  const total = axes.map((_, i) => {
    if (!shape) return Math.max(0, span[i]! + 1 + more[i]! - strides[i]!)
    const length =
      lengths.known?.[i] ?? g.refuse(at.node, 'it has an output_shape, and the size of its input is unknown')
    return Math.max(0, strides[i]! * (length - 1) + more[i]! + span[i]! + 1 - shape[i]!)
  })
  const half = total.map(pads => Math.floor(pads / 2))
  const begin = auto === 'SAME_UPPER' ? half : total.map((pads, i) => pads - half[i]!)
  return { ...geometry, begin, end: total.map((pads, i) => pads - begin[i]! - more[i]!) }
}
