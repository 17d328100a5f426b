import { describe, expect, it } from 'vitest'
import { arePositionsUnread } from '../../electron/engine/model/unread-tokens.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { consumers, int, ints } from '../../electron/engine/onnx/graph.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { normals } from '../fixtures/random.ts'

/** A class token before four of positions, [N, 5, 8], as they leave the last block. */
const LAYOUT = {
  ...{ batch: 0, channels: 2, single: [], positions: [1], columnsFirst: false },
  tokens: { length: 5, before: 1 },
}

/** Whether nothing reads the positions of `tokens` in a network that ends as `end` says. */
function unread(end: (g: GraphBuilder, x: string) => string): boolean {
  const g = new GraphBuilder()
  const x = g.input({ name: 'tokens', type: 'float32', shape: ['N', 5, 8] })
  const weights = g.initializer(float32([8, 8], normals(1, 64)))
  const mixed = g.node('MatMul', [g.add(x, g.scalar(1)), weights])
  const centred = g.sub(mixed, g.node('ReduceMean', [mixed], { axes: ints([-1]), keepdims: int(1) }))
  const graph = g.build('end', [{ name: end(g, centred), type: 'float32', shape: [] }])
  return arePositionsUnread('tokens', LAYOUT, consumers(graph), graph)
}
const slice = (g: GraphBuilder, x: string, start: number, end: number): string =>
  g.node('Slice', [x, g.integers([start]), g.integers([end]), g.integers([1])])
const gather = (g: GraphBuilder, x: string, index: number): string =>
  g.node('Gather', [x, g.integers([index])], { axis: int(1) })

describe('tokens of positions are unread', () => {
  it('where only the token of the class is taken', () => {
    expect(unread((g, x) => gather(g, x, 0))).toBe(true)
    expect(unread((g, x) => slice(g, x, 0, 1))).toBe(true)
  })
  it.each<[string, (g: GraphBuilder, x: string) => string]>([
    ['one of them is taken', (g, x) => gather(g, x, 2)],
    ['some of them are taken beside it', (g, x) => g.add(slice(g, x, 0, 1), slice(g, x, 1, 5))],
    ['the last is counted from the end', (g, x) => slice(g, x, 0, -1)],
    ['their mean is taken', (g, x) => g.node('ReduceMean', [x], { axes: ints([1]), keepdims: int(0) })],
    ['they attend to each other', (g, x) => gather(g, g.node('MatMul', [x, g.transpose(x, [0, 2, 1])]), 0)],
    ['they are an output', (_, x) => x],
    [
      'where a slice begins is computed',
      (g, x) =>
        g.node('Slice', [x, g.node('Shape', [x], { start: int(1), end: int(2) }), g.integers([9]), g.integers([1])]),
    ],
  ])('but not where %s', (_, end) => expect(unread(end)).toBe(false))

  it('and no weight is read to find out: they may have hundreds of megabytes', () => {
    const g = new GraphBuilder()
    const x = g.input({ name: 'tokens', type: 'float32', shape: ['N', 5, 8] })
    const { data: _, ...shape } = float32([8, 8])
    const weights = g.initializer({
      ...shape,
      get data(): Float32Array {
        throw new Error('the weights were read')
      },
    })
    const graph = g.build('end', [{ name: gather(g, g.matmul(x, weights), 0), type: 'float32', shape: [] }])
    expect(arePositionsUnread('tokens', LAYOUT, consumers(graph), graph)).toBe(true)
  })
})
