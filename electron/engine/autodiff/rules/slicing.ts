import { axisOf, int } from '../../onnx/graph.ts'
import { type Calculus, END } from '../calculus.ts'
import { Lengths } from '../lengths.ts'
import { byFirst, type Rule, type Site, type Term } from '../rule.ts'

const sameOperator = (g: Calculus, at: Site, t: string): string =>
  g.node(at.node.op, [t, ...at.inputs.slice(1)], at.node.attributes)

/**
 * y = elements start, start + step, … of x along some axes. Reverse puts d at these positions and zeros elsewhere:
 * reversed where the step is negative, interleaved with zeros where it is more than one, padded to x's lengths.
 */
const slice = byFirst('Slice', {
  jvp: sameOperator,
  vjp: (g, at, d) => {
    const rank = g.rank(at.x)
    const [, starts, , axesName, stepsName] = at.inputs
    const listed = Array.from({ length: Number(g.shape(starts!)[0]) }, (_, i) => i)
    const axes = operand(g, at, axesName, listed, 'axes').map(axis => axisOf(axis, rank))
    const steps = operand(
      g,
      at,
      stepsName,
      axes.map(() => 1),
      'steps',
    )
    const full = g.lengths(at.x, axes)
    const taken = g.lengths(at.y, axes)

    const first = firstTaken(g, starts!, steps, full)
    const reversed = axes.filter((_, i) => steps[i]! < 0)
    // The smallest index taken: the first one, or where the step is negative the last one.
    const lowest = first.plus(taken.minus(steps.map(() => 1)).times(steps.map(step => Math.min(step, 0))))
    const ordered = reversed.length === 0 ? d : g.reversed(d, reversed)
    const strides = steps.map(Math.abs)
    const spaced = g.interleaveZeros(ordered, at.y, axes, strides)
    // Interleaving leaves step − 1 zeros after the last element, which may extend beyond the end of x.
    const covered = taken.times(strides)
    if (strides.every(step => step === 1))
      return g.padAxes(spaced, rank, axes, lowest, full.minus(lowest).minus(covered))
    const after = full
      .minus(lowest)
      .minus(covered)
      .atLeast(steps.map(() => 0))
    const padded = g.padAxes(spaced, rank, axes, lowest, after)
    const zeros = Lengths.of(
      g,
      steps.map(() => 0),
    )
    return g.crop(padded, axes, zeros, full, lowest.plus(covered).plus(after))
  },
})

/** The numbers of an optional operand. */
function operand(g: Calculus, at: Site, name: string | undefined, otherwise: readonly number[], label: string) {
  return name ? (g.integersOf(name) ?? g.refuse(at.node, `its ${label} are not constant`)) : otherwise
}

/** Index of the first element that a slice takes, as ONNX counts: negative from the end, clamped into the axis. */
function firstTaken(g: Calculus, starts: string, steps: readonly number[], full: Lengths): Lengths {
  const known = g.integersOf(starts)?.map(start => Math.max(-END, Math.min(start, END)))
  if (known?.every((start, i) => start >= 0 && steps[i]! > 0)) return Lengths.of(g, known)
  const given = known ? Lengths.of(g, known) : Lengths.at(g, starts)
  const fromEnd = known
    ? Lengths.of(
        g,
        known.map(start => Number(start < 0)),
      )
    : Lengths.at(g, g.cast(g.less(starts, g.integers([0])), 'int64'))
  const last = full.plus(steps.map(step => (step < 0 ? -1 : 0)))
  return given
    .plus(full.times(fromEnd))
    .atMost(last)
    .atLeast(steps.map(() => 0))
}

/**
 * Pads with a constant. Forward pads with zeros; reverse takes the part of x: a Pad with the opposite signs,
 * written as Slice where no pad is negative.
 */
const pad = byFirst('Pad', {
  jvp: (g, at, t) => {
    onlyConstant(g, at)
    const attributes = at.node.attributes
    return g.node('Pad', [t, at.inputs[1]!, g.scalar(0), ...at.inputs.slice(3)], attributes)
  },
  vjp: (g, at, d) => {
    onlyConstant(g, at)
    const rank = g.rank(at.x)
    const pads = g.integersOf(at.inputs[1])
    const every = Array.from({ length: rank }, (_, axis) => axis)
    const axes = operand(g, at, at.inputs[3], every, 'axes').map(axis => axisOf(axis, rank))
    if (!pads) {
      // A negative pad cropped elements, which get zeros.
      const zeros = axes.map(() => 0)
      const [begin, end] = [0, axes.length].map(from =>
        Lengths.at(g, g.slice(at.inputs[1]!, [0], [from], [from + axes.length])),
      )
      const missing = (side: Lengths): Lengths => Lengths.of(g, zeros).minus(side).atLeast(zeros)
      const padded = g.padAxes(d, rank, axes, missing(begin!), missing(end!))
      return g.crop(padded, axes, begin!.atLeast(zeros), g.lengths(at.x, axes))
    }
    const [begin, end] = [pads.slice(0, axes.length), pads.slice(axes.length)]
    const cut = axes.flatMap((axis, i) =>
      begin[i]! > 0 || end[i]! > 0 ? [{ axis, begin: begin[i]!, end: end[i]! }] : [],
    )
    const kept =
      cut.length === 0
        ? d
        : g.slice(
            d,
            cut.map(({ axis }) => axis),
            cut.map(({ begin }) => Math.max(begin, 0)),
            cut.map(({ end }) => (end > 0 ? -end : END)),
          )
    const opposite = (values: readonly number[]): Lengths =>
      Lengths.of(
        g,
        values.map(value => Math.max(-value, 0)),
      )
    return g.padAxes(kept, rank, axes, opposite(begin), opposite(end))
  },
})

function onlyConstant(g: Calculus, at: Site): void {
  const mode = at.string('mode', 'constant')
  if (mode !== 'constant') g.refuse(at.node, `its mode is "${mode}", and only "constant" has a derivative`)
}

/** Values joined along an axis. Forward joins the tangents; reverse splits d. */
const concat: Rule = {
  op: 'Concat',
  jvp: (g, at, tangents) => [
    g.node(
      'Concat',
      tangents.map((t, input) => t ?? g.zerosLike(at.inputs[input]!)),
      at.node.attributes,
    ),
  ],
  vjp: (g, at, [d]) => {
    const axis = axisOf(at.int('axis', 0), g.rank(at.y))
    const lengths = at.inputs.map(x => g.lengths(x, [axis]))
    if (!d) return []
    if (at.inputs.every((_, input) => at.active(input))) {
      const known = lengths.flatMap(length => length.known ?? [])
      const sizes =
        known.length === lengths.length
          ? g.integers(known)
          : g.concat(
              lengths.map(length => length.operand()),
              0,
            )
      return lengths.length === 1 ? [d] : g.nodes('Split', [d, sizes], lengths.length, { axis: int(axis) })
    }
    let begin = Lengths.of(g, [0])
    return lengths.map((length, input): Term => {
      const start = begin
      begin = begin.plus(length)
      return at.active(input) ? g.crop(d, [axis], start, length) : undefined
    })
  },
}

/** One value split into several along an axis. Forward splits the tangent; reverse joins the cotangents. */
const split: Rule = {
  op: 'Split',
  jvp: (g, at, [t]) => {
    if (!t) return []
    const { num_outputs: _, ...attributes } = at.node.attributes
    const axis = axisOf(at.int('axis', 0), g.rank(at.x))
    const lengths = at.outputs.flatMap(y => g.lengths(y, [axis]).known ?? [])
    const sizes = at.inputs[1] || (lengths.length === at.outputs.length ? g.integers(lengths) : '')
    return g.nodes('Split', sizes ? [t, sizes] : [t], at.outputs.length, attributes)
  },
  vjp: (g, at, cotangents) => [
    g.concat(
      cotangents.map((d, output) => d ?? g.zerosLike(at.outputs[output]!)),
      axisOf(at.int('axis', 0), g.rank(at.x)),
    ),
  ],
}

/** Operators that extract or concatenate parts of values. */
export const slicing: readonly Rule[] = [slice, pad, concat, split]
