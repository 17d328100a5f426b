import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { stridedViews } from '../../electron/engine/onnx/as-strided.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { extract, type Graph, int } from '../../electron/engine/onnx/graph.ts'
import { int64 } from '../../electron/engine/onnx/tensor.ts'
import { writeGraph } from '../../electron/engine/onnx/write.ts'
import { normals } from '../fixtures/random.ts'

/** A view of images [N, 4, 3, 3] by size and strides, as torch.export writes `as_strided`. */
function viewed(size: readonly number[], strides: readonly number[], ofBatch = 36): Graph {
  const g = new GraphBuilder()
  g.input({ name: 'x', type: 'float32', shape: ['N', 4, 3, 3] })
  const row = g.node('Reshape', ['x', g.integers([-1])])
  const batch = g.node('Squeeze', [g.node('Shape', ['x'], { start: int(0), end: int(1) })])
  const scalar = (value: number) => g.initializer(int64([value], []))
  const images = g.node('Mul', [g.node('Range', [scalar(0), batch, scalar(1)]), scalar(ofBatch)])
  let indices = g.node('Unsqueeze', [images, g.integers(size.map((_, axis) => axis + 1))])
  for (const [axis, length] of size.entries()) {
    const dims = [1, ...size.map((_, other) => (other === axis ? length : 1))]
    const steps = Array.from({ length }, (_, at) => at * strides[axis]!)
    indices = g.node('Add', [indices, g.initializer(int64(steps, dims))])
  }
  const y = g.node('Gather', [row, indices], { axis: int(0) })
  return g.build('view', [{ name: y, type: 'float32', shape: ['N', ...size] }])
}

async function run(graph: Graph, images: number) {
  const session = await InferenceSession.create(writeGraph(graph))
  const x = new OrtTensor('float32', normals(5, images * 36), [images, 4, 3, 3])
  const [y] = Object.values(await session.run({ x }))
  await session.release()
  return { dims: y!.dims, data: Array.from(y!.data as Float32Array) }
}
const opsOf = (graph: Graph) => extract(graph, graph.outputs).nodes.map(({ op }) => op)

describe('views by strides', () => {
  it.each([
    ['in order', [4, 9], [9, 1], 'Reshape'],
    ['with the channels last', [3, 3, 4], [3, 1, 9], 'Gather'],
    ['every other row and column', [4, 2, 2], [9, 6, 2], 'Gather'],
    ['overlapping windows', [4, 2, 2, 2], [9, 3, 3, 1], 'Gather'],
    ['the same element again', [4, 1, 5], [9, 1, 0], 'Gather'],
  ])('of single images keep the batch an axis: %s', async (_, size, strides, op) => {
    const graph = viewed(size, strides)
    const rewritten = stridedViews(graph)
    expect(opsOf(rewritten)).not.toContain('Range')
    expect(opsOf(rewritten)).toContain(op)
    for (const images of [1, 3]) expect(await run(rewritten, images)).toEqual(await run(graph, images))
  })

  it.each([
    ['neighbours in the batch overlap', [4, 9], [9, 1], 18],
    ['reach into the next image', [5, 9], [9, 1], 36],
  ])('that mix the images of a batch stay: %s', (_, size, strides, ofBatch) => {
    const graph = viewed(size, strides, ofBatch)
    expect(opsOf(stridedViews(graph))).toEqual(opsOf(graph))
  })
})
