import { describe, expect, it } from 'vitest'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import type { Graph } from '../../electron/engine/onnx/graph.ts'
import { joinReshapes } from '../../electron/engine/onnx/reshapes.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import { interpret } from '../fixtures/interpreter/run.ts'

const image = { dims: [2, 3, 4], data: Array.from({ length: 24 }, (_, i) => i - 9) }

/** Reshapes of x [24] to the shape of y [2, H, 4], then by `second` on. */
function chain(second: (g: GraphBuilder, y: string) => string): Graph {
  const g = new GraphBuilder()
  const x = g.input({ name: 'x', type: 'float32', shape: [24] })
  const y = g.input({ name: 'y', type: 'float32', shape: [2, 'H', 4] })
  const first = g.node('Reshape', [g.node('Relu', [x]), g.node('Shape', [y])])
  const z = g.node('Neg', [g.node('Reshape', [first, second(g, y)])])
  return g.build('a chain', [{ name: z, type: 'float32', shape: [] }])
}
const feeds = { x: { ...image, dims: [24] }, y: image }
const reshapes = (graph: Graph): number => graph.nodes.filter(({ op }) => op === 'Reshape').length

describe('a Reshape reads no other', () => {
  it.each<[string, (g: GraphBuilder, y: string) => string, number]>([
    ['to constant lengths', g => g.integers([2, 12]), 1],
    ['with one length left open', g => g.integers([4, -1]), 1],
    ['to the shape of a value', (g, y) => g.node('Shape', [y]), 1],
    // What a 0 stands for is a length of the first.
    ['that keeps a length', g => g.integers([0, -1]), 2],
    [
      'to lengths that are computed',
      (g, y) => g.concat([g.integers([0]), g.slice(g.node('Shape', [y]), [0], [1], [3])], 0),
      2,
    ],
  ])('%s', (_, second, left) => {
    const graph = chain(second)
    const joined = joinReshapes(graph)
    expect(reshapes(joined)).toBe(left)
    const { name } = graph.outputs[0]!
    expect(interpret(joined, feeds).get(name)).toEqual(interpret(graph, feeds).get(name))
  })

  it('so that ONNX Runtime opens a chain whose first computes its shape and whose second has a constant one', async () => {
    const graph = chain(g => g.integers([2, 12]))
    const runtime = await createCpuRuntime({ threads: 1 })
    const program = await runtime.load(graph)
    const float = ({ dims, data }: typeof image) => ({ type: 'float32' as const, dims, data: Float32Array.from(data) })
    const results = await program.run({ x: float(feeds.x), y: float(feeds.y) })
    expect(Object.values(results)[0]!.dims).toEqual([2, 12])
    await program.release()
    await runtime.close()
  })
})
