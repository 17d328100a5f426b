import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { simplify } from '../../electron/engine/onnx/fold.ts'
import { float, type Graph, int, ints, string } from '../../electron/engine/onnx/graph.ts'
import { elements, float32 } from '../../electron/engine/onnx/tensor.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { expectDerivatives } from '../fixtures/interpreter/derivatives.ts'
import { noise } from '../fixtures/interpreter/numbers.ts'
import { normals, random } from '../fixtures/random.ts'

let runtime: Runtime
beforeAll(async () => {
  runtime = await createCpuRuntime({ threads: 1 })
})
afterAll(() => runtime.close())

const weight = (g: GraphBuilder, length: number, seed: number): string =>
  g.initializer(float32([length], normals(seed, length)))

type Make = (g: GraphBuilder, x: string, k: number) => string

/** Operators of an image [N, 8, H, W], with some of their attributes; H and W are even and at least 4. */
const makes: Readonly<Record<string, Make>> = {
  LayerNormalization: (g, x, k) => {
    const last = g.transpose(x, [0, 2, 3, 1])
    const inputs = [last, weight(g, 8, 1), ...(k % 2 ? [weight(g, 8, 2)] : [])]
    return g.node('LayerNormalization', inputs, { axis: int(k % 3 ? -1 : 3), epsilon: float(k % 2 ? 1e-5 : 0.1) })
  },
  InstanceNormalization: (g, x, k) =>
    g.node('InstanceNormalization', [
      k % 2 ? x : g.reshape(x, [0, 4, -1]),
      ...[3, 4].map(s => weight(g, k % 2 ? 8 : 4, s)),
    ]),
  ReduceL1: (g, x, k) => g.node('ReduceL1', [x], { axes: ints(k % 2 ? [1] : [-1, 2]), keepdims: int(k % 3 ? 1 : 0) }),
  ReduceL2: (g, x, k) => g.node('ReduceL2', [x], { axes: ints(k % 2 ? [1] : [-1, 2]), keepdims: int(k % 3 ? 1 : 0) }),
  ReduceSumSquare: (g, x, k) => g.node('ReduceSumSquare', [x], k % 2 ? { axes: ints([2]) } : {}),
  DepthToSpace: (g, x, k) => g.node('DepthToSpace', [x], { blocksize: int(2), mode: string(k % 2 ? 'DCR' : 'CRD') }),
  SpaceToDepth: (g, x) => g.node('SpaceToDepth', [x], { blocksize: int(2) }),
  'Pad reflect': (g, x, k) => padded(g, x, 'reflect', k),
  'Pad edge': (g, x, k) => padded(g, x, 'edge', k),
}
const padded = (g: GraphBuilder, x: string, mode: string, k: number): string =>
  g.node('Pad', [x, g.integers([0, k % 2, k % 3, 3, 0, 1, k % 4, k % 2])], { mode: string(mode) })

function graphOf(make: Make, k: number): Graph {
  const g = new GraphBuilder()
  const x = g.input({ name: 'x', type: 'float32', shape: ['N', 8, 'H', 'W'] })
  const y = g.node('Tanh', [make(g, x, k)])
  return g.build('one operator', [{ name: y, type: 'float32', shape: [] }])
}

const shape = fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 2, max: 3 }), fc.integer({ min: 2, max: 4 }))

describe.each(Object.entries(makes))('%s in simpler operators', (name, make) => {
  test('has the same result as the operator', async () => {
    await fc.assert(
      fc.asyncProperty(shape, fc.nat(23), async ([n, h, w], k) => {
        const graph = graphOf(make, k)
        const plain = simplify(graph)
        expect(plain.nodes.map(node => node.op)).not.toContain(name)
        expect(plain.nodes.some(node => 'mode' in node.attributes)).toBe(false)
        const dims = [n, 8, 2 * h, 2 * w]
        const feeds = { x: float32(dims, normals(k, elements(dims))) }
        const [before, after] = await Promise.all(
          [graph, plain].map(async each => {
            const program = await runtime.load(each)
            const result = (await program.run(feeds))[each.outputs[0]!.name]!
            await program.release()
            return result
          }),
        )
        expect(after!.dims).toEqual(before!.dims)
        for (const [i, value] of Array.from(before!.data, Number).entries())
          expect(Math.abs(Number(after!.data[i]) - value)).toBeLessThan(2e-5)
      }),
      { numRuns: 6 },
    )
  })

  test('has the derivatives of central differences, in both modes', () => {
    for (const k of [1, 2]) {
      const plain = simplify(graphOf(make, k))
      expectDerivatives(plain, plain.outputs[0]!.name, ['x'], { x: noise([2, 8, 4, 4], random(5 + k)) }, k)
    }
  })
})

test('group normalisation, its scale for each channel or for each group', async () => {
  for (const each of [8, 4]) {
    const g = new GraphBuilder()
    const x = g.input({ name: 'x', type: 'float32', shape: ['N', 8, 'H', 'W'] })
    const scale = weight(g, each, 1)
    const bias = weight(g, each, 2)
    const y = g.node('GroupNormalization', [x, scale, bias], { num_groups: int(4), epsilon: float(0.01) })
    const plain = simplify(g.build('groups', [{ name: y, type: 'float32', shape: [] }]))
    const dims = [2, 8, 3, 5]
    const data = normals(7, elements(dims))
    const program = await runtime.load(plain)
    const found = (await program.run({ x: float32(dims, data) }))[y]!.data
    await program.release()
    const [scales, biases] = [scale, bias].map(name => g.constant(name)!.data)
    for (let group = 0; group < 8; group++) {
      const part = data.subarray(group * 30, (group + 1) * 30)
      const mean = part.reduce((sum, value) => sum + value, 0) / 30
      const spread = Math.sqrt(part.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 30 + 0.01)
      for (const [i, value] of part.entries()) {
        const channel = (((group * 30 + i) / 15) % 8) | 0
        const at = each === 8 ? channel : group % 4
        const expected = ((value - mean) / spread) * Number(scales![at]) + Number(biases![at])
        expect(Math.abs(Number(found[group * 30 + i]) - expected)).toBeLessThan(1e-5)
      }
    }
    expectDerivatives(plain, y, ['x'], { x: noise(dims, random(3)) }, 1)
  }
})
