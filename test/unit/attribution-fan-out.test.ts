import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../electron/contract/errors.ts'
import { fanOut } from '../../electron/engine/attribution/fan-out.ts'
import { derivative, tangentOf } from '../../electron/engine/autodiff/forward.ts'
import { lower } from '../../electron/engine/autodiff/lower.ts'
import { batchPlace, type Factor } from '../../electron/engine/onnx/axes/factors.ts'
import { followAxes } from '../../electron/engine/onnx/axes/follow.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { extract, type Graph, int, ints } from '../../electron/engine/onnx/graph.ts'
import { float32, int64 } from '../../electron/engine/onnx/tensor.ts'
import { type Body, bodies, mixing } from '../fixtures/batch-axes.ts'
import { difference, expectClose } from '../fixtures/interpreter/derivatives.ts'
import { noise } from '../fixtures/interpreter/numbers.ts'
import { interpret } from '../fixtures/interpreter/run.ts'
import type { Value } from '../fixtures/interpreter/value.ts'
import { normals, random } from '../fixtures/random.ts'

/** Image [N, 3, 4, 4] → `layer` [N, 4, 4, 4] → body → logits [N, 3]. */
function network(body: Body): Graph {
  const g = new GraphBuilder()
  const x = g.input({ name: 'image', type: 'float32', shape: ['N', 3, 4, 4] })
  const kernel = g.initializer(float32([4, 3, 1, 1], normals(7, 12, 1)))
  g.append({ op: 'Conv', domain: '', name: 'layer', inputs: [x, kernel], outputs: ['layer'], attributes: {} })
  const flat = g.node('Flatten', [body(g, g.mul('layer', g.node('Sigmoid', ['layer'])))], { axis: int(1) })
  const head = g.initializer(float32([64, 3], normals(8, 192, 0.5)))
  g.append({ op: 'MatMul', domain: '', name: 'logits', inputs: [flat, head], outputs: ['logits'], attributes: {} })
  return g.build('a network', [{ name: 'logits', type: 'float32', shape: ['N', 3] }])
}

const row = (x: Value, at: number): Value => {
  const size = x.data.length / x.dims[0]!
  return { dims: [1, ...x.dims.slice(1)], data: x.data.slice(at * size, (at + 1) * size) }
}

/** Tangents of single samples against central differences of the network run on each image alone. */
function expectFanned(graph: Graph, images: number, imageOf: readonly number[], seed: number): void {
  const next = random(seed)
  const image = noise([images, 3, 4, 4], next)
  const tangent = noise([imageOf.length, 4, 4, 4], next)
  const derived = lower(derivative(graph, { of: ['logits'], wrt: 'layer', tangent: 'tangent' }))
  const index = { name: 'image of', type: 'int64', shape: ['M'] } as const
  const fanned = fanOut({ ...derived, inputs: [...derived.inputs, index] }, ['tangent'], ['image'], 'image of')
  // Runtimes refuse two nodes of one name.
  const names = fanned.nodes.map(({ name }) => name)
  expect(names).toEqual([...new Set(names)])
  const values = interpret(fanned, { image, tangent, 'image of': { dims: [imageOf.length], data: imageOf } })
  const found = values.get(tangentOf('logits'))!
  const layer = interpret(graph, { image }).get('layer')!
  const info = { name: 'layer', type: 'float32', shape: ['N', 4, 4, 4] } as const
  const rest = extract(graph, graph.outputs, [info])
  for (const [sample, of] of imageOf.entries())
    expectClose(
      row(found, sample),
      difference(rest, 'logits', 'layer', { layer: row(layer, of) }, row(tangent, sample)),
    )
}

describe('each tangent meets the values of its own image', () => {
  for (const [name, body] of Object.entries(bodies))
    it.each([
      [1, [0]],
      [1, [0, 0]],
      [2, [1]],
      [3, [2, 0, 0, 1]],
    ])(`${name}: %i images, samples of %j`, (images, imageOf) => expectFanned(network(body), images, imageOf, 3))

  /** Turns axes, merges two neighbours, does something there that is not linear, and goes the whole way back. */
  const detour = fc.record({
    perm: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 }),
    merged: fc.nat(2),
    split: fc.boolean(),
    act: fc.nat(2),
  })
  it('where axes are transposed, merged and split', () => {
    fc.assert(
      fc.property(fc.array(detour, { minLength: 1, maxLength: 3 }), fc.nat(100), (steps, seed) => {
        const graph = network((g, x) =>
          steps.reduce((value, { perm, merged, split, act }) => {
            const dims: number[] = perm.map(axis => (axis === 0 ? -1 : 4))
            const turned = g.transpose(value, perm)
            const pair = dims.slice(merged, merged + 2)
            const joined = g.reshape(turned, dims.toSpliced(merged, 2, pair.includes(-1) ? -1 : split ? 8 : 16))
            const cut = !pair.includes(-1) && split ? g.reshape(turned, dims.toSpliced(merged, 2, 2, 8)) : joined
            const axis = perm.indexOf(1)
            const active = [
              () => g.mul(cut, g.node('Sigmoid', [cut])),
              () => g.node('Tanh', [cut]),
              () => g.mul(cut, cut),
            ][act]!()
            const back = g.reshape(active, dims)
            const mixed = g.mul(back, g.node('Softmax', [back], { axis: int(axis) }))
            return g.transpose(
              mixed,
              perm.map((_, axis) => perm.indexOf(axis)),
            )
          }, x),
        )
        expectFanned(graph, 2, [1, 0, 1], seed)
      }),
      { numRuns: 30 },
    )
  })
})

describe('nodes that mix images are refused by operator and node', () => {
  for (const [op, body] of Object.entries(mixing))
    it(op, () => {
      expect(() => expectFanned(network(body), 2, [0, 1], 1)).toThrow(UserError)
      expect(() => expectFanned(network(body), 2, [0, 1], 1)).toThrow(new RegExp(`through ${op} "${op}`))
    })
})

describe('the axis of the batch', () => {
  /** Of a value of several images, the part of one, by what is known about its axes. */
  function partOf(x: Value, axis: number, outer: number, inner: number, image: number): Value {
    const images = x.dims[axis]! / outer / inner
    const g = new GraphBuilder()
    const rows = Array.from({ length: outer * inner }, (_, i) => {
      const [o, rest] = [Math.floor(i / inner), i % inner]
      return (o * images + image) * inner + rest
    })
    g.input({ name: 'x', type: 'float32', shape: x.dims })
    const picked = g.node('Gather', ['x', g.shared(int64(rows))], { axis: int(axis) })
    return interpret(g.build('part', []), { x }).get(picked)!
  }

  for (const [name, body] of Object.entries(bodies))
    it(`is the one that holds the image: ${name}`, () => {
      const graph = network(body)
      const places = followAxes(graph, ['image'])
      const image = noise([3, 3, 4, 4], random(9))
      const all = interpret(graph, { image })
      const alone = interpret(graph, { image: row(image, 1) })
      let checked = 0
      for (const value of graph.nodes.flatMap(node => node.outputs)) {
        const place = places.get(value)
        if (place?.kind !== 'images') continue
        const { axis, outer, inner } = batchPlace(place.axes)!
        const found = partOf(all.get(value)!, axis, Number(outer), Number(inner), 1)
        expectClose(found, alone.get(value)!, 1e-12)
        checked++
      }
      expect(checked).toBeGreaterThan(5)
    })

  it('is followed from the first node to the logits in every body', () => {
    for (const body of Object.values(bodies))
      expect(followAxes(network(body), ['image']).get('logits')).toMatchObject({ kind: 'images' })
  })
})

describe('rows and columns', () => {
  const at = (body: (g: GraphBuilder, x: string) => string) => {
    const g = new GraphBuilder()
    const y = body(g, g.input({ name: 'image', type: 'float32', shape: ['N', 4, 8, 6] }))
    const place = followAxes(g.build('axes', []), ['image']).get(y)
    if (place?.kind !== 'images') return undefined
    const text = ({ of, first, before }: Factor) =>
      `${of}${first ? ` (from ${first})` : ''}${before === undefined ? '' : ` (after ${before})`}`
    return place.axes.map(axis => axis.map(text).join(' '))
  }
  const rotated = (g: GraphBuilder, x: string, axis: number, by: number): string =>
    g.concat([g.slice(x, [axis], [by], [Number.MAX_SAFE_INTEGER]), g.slice(x, [axis], [0], [by])], axis)
  /** Tokens [N, 4, 48] between two others, [N, 4, 50]. */
  const beside = (g: GraphBuilder, x: string): string => {
    const token = g.node('ReduceMean', [x], { axes: ints([2]) })
    return g.concat([token, x, token], 2)
  }
  const cases: [string, (g: GraphBuilder, x: string) => string, string[]][] = [
    [
      'pooled',
      (g, x) => g.node('MaxPool', [x], { kernel_shape: ints([2, 2]), strides: ints([2, 2]) }),
      ['batch', 'other', 'rows', 'columns'],
    ],
    ['channels last', (g, x) => g.transpose(x, [0, 2, 3, 1]), ['batch', 'rows', 'columns', 'other']],
    ['tokens', (g, x) => g.reshape(x, [0, 4, -1]), ['batch', 'other', 'rows columns']],
    [
      'tokens and back',
      (g, x) => g.reshape(g.reshape(x, [0, 4, -1]), [0, 4, 8, 6]),
      ['batch', 'other', 'rows', 'columns'],
    ],
    [
      'heads',
      (g, x) => g.transpose(g.reshape(x, [0, 2, 2, -1]), [0, 1, 3, 2]),
      ['batch', 'other', 'rows columns', 'other'],
    ],
    [
      'shuffled',
      (g, x) => g.reshape(g.transpose(g.reshape(x, [0, 2, 2, 8, 6]), [0, 2, 1, 3, 4]), [0, 4, 8, 6]),
      ['batch', 'other', 'rows', 'columns'],
    ],
    [
      'windows and back',
      (g, x) =>
        g.reshape(
          g.transpose(
            g.reshape(g.transpose(g.reshape(x, [-1, 4, 4, 2, 3, 2]), [0, 2, 4, 1, 3, 5]), [-1, 4, 3, 4, 2, 2]),
            [0, 3, 1, 4, 2, 5],
          ),
          [-1, 4, 8, 6],
        ),
      ['batch', 'other', 'rows', 'columns'],
    ],
    ['rotated', (g, x) => rotated(g, x, 2, 3), ['batch', 'other', 'rows (from 3)', 'columns']],
    ['rotated and back', (g, x) => rotated(g, rotated(g, x, 2, 3), 2, 5), ['batch', 'other', 'rows', 'columns']],
    [
      'rotated, in windows, and back',
      (g, x) => {
        const cut = g.transpose(g.reshape(rotated(g, x, 2, 2), [-1, 4, 2, 4, 6]), [0, 2, 1, 3, 4])
        return rotated(
          g,
          g.reshape(g.transpose(g.reshape(cut, [-1, 2, 4, 4, 6]), [0, 2, 1, 3, 4]), [-1, 4, 8, 6]),
          2,
          6,
        )
      },
      ['batch', 'other', 'rows', 'columns'],
    ],
    [
      'parts in another order',
      (g, x) =>
        g.concat([g.slice(x, [2], [4], [8]), g.slice(x, [2], [0], [2]), g.slice(x, [2], [2], [4])].toReversed(), 2),
      ['batch', 'other', 'other', 'columns'],
    ],
    [
      'tokens after one of the class and before another',
      (g, x) => g.transpose(beside(g, g.reshape(x, [0, 4, -1])), [0, 2, 1]),
      ['batch', 'tokens (after 1)', 'other'],
    ],
    [
      'tokens without the others',
      (g, x) => g.slice(beside(g, g.reshape(x, [0, 4, -1])), [2], [1], [-1]),
      ['batch', 'other', 'rows columns'],
    ],
    [
      'tokens without the one before them',
      (g, x) => g.slice(beside(g, g.reshape(x, [0, 4, -1])), [2], [1], [50]),
      ['batch', 'other', 'tokens (after 0)'],
    ],
    [
      'a part of the tokens',
      (g, x) => g.slice(beside(g, g.reshape(x, [0, 4, -1])), [2], [2], [50]),
      ['batch', 'other', 'other'],
    ],
    [
      'tokens with an embedding of each',
      (g, x) => g.add(beside(g, g.reshape(x, [0, 4, -1])), g.initializer(float32([4, 50]))),
      ['batch', 'other', 'tokens (after 1)'],
    ],
    ['transposed', (g, x) => g.transpose(x, [0, 1, 3, 2]), ['batch', 'other', 'columns', 'rows']],
    [
      'turned round',
      (g, x) => g.slice(x, [3], [-1], [-Number.MAX_SAFE_INTEGER], [-1]),
      ['batch', 'other', 'rows', 'other'],
    ],
    ['every second', (g, x) => g.slice(x, [2], [0], [8], [2]), ['batch', 'other', 'rows', 'columns']],
    ['a mean', (g, x) => g.node('ReduceMean', [x], { axes: ints([2, 3]) }), ['batch', 'other', 'rows', 'columns']],
  ]
  it.each(cases)('%s', (_, body, expected) => expect(at(body)).toEqual(expected))
})
