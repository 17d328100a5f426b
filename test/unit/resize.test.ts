import { describe, expect, it } from 'vitest'
import { lower } from '../../electron/engine/autodiff/lower.ts'
import { gradient } from '../../electron/engine/autodiff/reverse.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { type Attributes, float, type Graph, int, ints, string } from '../../electron/engine/onnx/graph.ts'
import { normalise } from '../../electron/engine/onnx/normalise.ts'
import { inferShapes } from '../../electron/engine/onnx/shapes.ts'
import { float32, int64 } from '../../electron/engine/onnx/tensor.ts'
import { expectRule, feedsOf, graphOf } from '../fixtures/interpreter/case.ts'
import { expectClose } from '../fixtures/interpreter/derivatives.ts'
import { interpret } from '../fixtures/interpreter/run.ts'

const COORDINATES = ['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel', 'half_pixel_symmetric']
const MODES: readonly Attributes[] = [
  ...['floor', 'ceil', 'round_prefer_floor', 'round_prefer_ceil'].map(mode => ({ nearest_mode: string(mode) })),
  { mode: string('linear') },
  { mode: string('linear'), antialias: int(1) },
  { mode: string('cubic') },
  { mode: string('cubic'), cubic_coeff_a: float(-0.5), exclude_outside: int(1) },
  { mode: string('cubic'), antialias: int(1) },
  { mode: string('cubic'), antialias: int(1), exclude_outside: int(1) },
]

const scaled = (g: GraphBuilder, x: string, scales: readonly number[], attributes: Attributes = {}): string =>
  g.node('Resize', [x, '', g.shared(float32([scales.length], scales))], attributes)
const sized = (g: GraphBuilder, x: string, sizes: readonly number[], attributes: Attributes = {}): string =>
  g.node('Resize', [x, '', '', g.integers(sizes)], attributes)

/** Every mode with every meaning of coordinates. */
const kinds = COORDINATES.flatMap(coordinates =>
  MODES.map((mode): [string, Attributes] => [
    `${coordinates}, ${Object.entries(mode).map(([name, { value }]) => `${name} ${value}`)}`,
    { ...mode, coordinate_transformation_mode: string(coordinates) },
  ]),
)

describe.each(kinds)('Resize, %s', (_, attributes) => {
  it('is the same as products with matrices', () => {
    for (const graph of [
      graphOf('known', { x: [2, 3, 6, 5] }, (g, x) => scaled(g, x, [1, 1, 1.7, 0.6], attributes)),
      graphOf('known', { x: [2, 3, 6, 5] }, (g, x) => sized(g, x, [2, 3, 2, 9], attributes)),
      graphOf('known', { x: [1, 4, 2, 3, 2] }, (g, x) => sized(g, x, [1, 4, 3, 1, 4], attributes)),
      graphOf('known', { x: [5] }, (g, x) => scaled(g, x, [2], attributes)),
    ]) {
      const feeds = feedsOf({ x: graph.inputs[0]!.shape.map(Number) }, 3)
      const plain = lower(graph)
      expect(plain.nodes.map(({ op }) => op)).not.toContain('Resize')
      const [y] = graph.outputs
      expectClose(interpret(plain, feeds).get(y!.name)!, interpret(graph, feeds).get(y!.name)!)
    }
  })

  it('has the derivatives of central differences, in both modes', () => {
    for (const sizes of [
      [2, 2, 7, 2],
      [2, 2, 3, 8],
    ])
      expectRule({ x: [2, 2, 4, 5] }, (g, x) => g.mul(sized(g, x, sizes, attributes), g.scalar(2)), {
        sizes: ['known'],
      })
  })
})

describe('with lengths that only a run knows', () => {
  it('repeats positions by whole factors', () => {
    for (const attributes of [
      {},
      { coordinate_transformation_mode: string('asymmetric'), nearest_mode: string('floor') },
    ])
      expectRule({ x: [2, 3, 4, 5] }, (g, x) => g.mul(scaled(g, x, [1, 1, 3, 2], attributes), g.scalar(2)))
  })

  it('follows lengths as far as factors tell them', () => {
    const g = new GraphBuilder()
    const x = g.input({ name: 'x', type: 'float32', shape: ['N', 3, 'H', 'W'] })
    const back = scaled(g, scaled(g, x, [1, 1, 2, 2]), [1, 1, 0.5, 1])
    const graph = g.build('lengths', [{ name: back, type: 'float32', shape: [] }])
    const [batch, channels, , width] = inferShapes(graph).get(back)!.shape
    const half = g.add(scaled(g, x, [1, 1, 1, 2]), scaled(g, x, [1, 1, 1, 2]))
    expect([batch, channels]).toEqual(['N', 3])
    expect(inferShapes(g.build('same', [{ name: half, type: 'float32', shape: [] }])).get(half)!.shape[3]).toBe(width)
    expect(inferShapes(graph, { bound: { x: [2, 3, 5, 4] } }).get(back)!.shape).toEqual([2, 3, 5, 8])
  })

  it('is refused by name where weights depend on them', () => {
    const graph = graphOf('free', { x: [2, 3, 4, 5] }, (g, x) => scaled(g, x, [1, 1, 2, 2], { mode: string('linear') }))
    const why =
      /cannot use Resize ".+" at any size of the image: the length of its axis 2 is known only at run time; choose/
    expect(() => lower(graph)).toThrow(why)
    expect(() => gradient(graph, { of: graph.outputs[0]!.name, wrt: ['x'] })).toThrow(why)
  })
})

/** A file of one node, of some operator set. */
function fileOf(
  opset: number,
  op: string,
  operands: readonly (readonly number[] | string)[],
  attributes: Attributes,
): Graph {
  const g = new GraphBuilder()
  const x = g.input({ name: 'x', type: 'float32', shape: ['N', 3, 4, 'W'] })
  const inputs = operands.map(given =>
    typeof given === 'string'
      ? given
      : g.initializer(given.every(Number.isInteger) && given[0]! > 3 ? int64(given) : float32([given.length], given)),
  )
  const y = g.node(op, [x, ...inputs], attributes)
  return g.build('file', [{ name: y, type: 'float32', shape: [] }], opset)
}

describe('as files have it', () => {
  const result = (graph: Graph) => {
    const read = normalise(graph, 'it.onnx')
    return interpret(read, feedsOf({ x: [2, 3, 4, 5] }, 2)).get(read.outputs[0]!.name)!
  }
  const expected = (scales: readonly number[], attributes: Attributes) =>
    interpret(
      graphOf('known', { x: [2, 3, 4, 5] }, (g, x) => scaled(g, x, scales, attributes)),
      feedsOf({ x: [2, 3, 4, 5] }, 2),
    )

  it('Upsample and the first Resize, whose coordinates begin at 0', () => {
    const floor = { coordinate_transformation_mode: string('asymmetric'), nearest_mode: string('floor') }
    for (const mode of ['nearest', 'linear']) {
      const all = [...expected([1, 1, 1.5, 2.25], { ...floor, mode: string(mode) }).values()].at(-1)!
      const named = { mode: string(mode) }
      const scales = [1, 1, 1.5, 2.25]
      expectClose(result(fileOf(10, 'Resize', [scales], named)), all)
      expectClose(result(fileOf(9, 'Upsample', [scales], named)), all)
      expectClose(result(fileOf(8, 'Upsample', [], { ...named, scales: { kind: 'floats', value: scales } })), all)
    }
  })

  it('some axes by factors or to lengths', () => {
    const linear = { mode: string('linear') }
    const all = [...expected([1, 1, 1.5, 1], linear).values()].at(-1)!
    expectClose(result(fileOf(18, 'Resize', ['', [1.5]], { ...linear, axes: ints([-2]) })), all)
    const lengths = fileOf(19, 'Resize', ['', '', [6]], { ...linear, axes: ints([2]) })
    expectClose(result(lengths), all)
    const read = normalise(lengths, 'it.onnx')
    expect(inferShapes(read).get(read.outputs[0]!.name)!.shape).toEqual(['N', 3, 6, 'W'])
  })

  it('is refused in one sentence where it is more than that', () => {
    const refused = (operands: readonly (readonly number[] | string)[], attributes: Attributes) => () =>
      normalise(fileOf(19, 'Resize', operands, attributes), 'it.onnx')
    const scales = ['', [1, 1, 2, 2]]
    expect(refused(scales, { coordinate_transformation_mode: string('tf_crop_and_resize') })).toThrow(
      'cuts regions out (tf_crop_and_resize); export the model without it: crop the images before the network',
    )
    expect(refused(['', '', [7, 8]], { axes: ints([2, 3]), keep_aspect_ratio_policy: string('not_larger') })).toThrow(
      'makes its lengths fit (keep_aspect_ratio_policy "not_larger")',
    )
    expect(refused(scales, { mode: string('lanczos') })).toThrow('has mode "lanczos", which the standard does not have')
    expect(refused(scales, { antialias: int(1) })).toThrow('takes the nearest position, and averages several')
    expect(refused([], {})).toThrow('has neither factors nor lengths')
  })
})
