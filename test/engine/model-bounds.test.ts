import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readModel } from '../../electron/engine/model/file.ts'
import { proposeSidecar } from '../../electron/engine/model/init.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { type Graph, int, ints } from '../../electron/engine/onnx/graph.ts'
import { requireBounded } from '../../electron/engine/onnx/limits.ts'
import { float32, int64 } from '../../electron/engine/onnx/tensor.ts'
import { plainWords } from '../../electron/engine/runtime/library-error.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'

/** A classifier that adds something to the mean of its image. */
function adding(more: (g: GraphBuilder) => string): Graph {
  const g = new GraphBuilder()
  g.input({ name: 'image', type: 'float32', shape: ['N', 3, 8, 8] })
  const conv = g.node('Conv', ['image', g.initializer(float32([3, 3, 1, 1]))])
  const mean = g.node('ReduceMean', [conv], { axes: ints([2, 3]), keepdims: int(0) })
  const logits = g.node('Gemm', [g.add(mean, more(g)), g.initializer(float32([3, 4]))])
  return g.build('adding', [{ name: logits, type: 'float32', shape: [] }])
}
const total = (g: GraphBuilder, x: string) => g.node('ReduceSum', [x], { keepdims: int(0) })

describe('graphs that need too much memory are refused before they run', () => {
  test('one huge value', () => {
    const graph = adding(g => total(g, g.node('ConstantOfShape', [g.initializer(int64([2 ** 40]))])))
    expect(() => proposeSidecar({ file: 'bomb.onnx', hash: '', graph })).toThrow(
      /^cannot use bomb\.onnx: ConstantOfShape \(node "ConstantOfShape\.out"\) would take .*; use a smaller model/,
    )
  })
  test('many constants that are broadcast', () => {
    const graph = adding(g => {
      let x = g.initializer(float32([1, 64]))
      for (let n = 0; n < 24; n++) x = g.add(x, g.initializer(float32([64, 1])))
      return total(g, x)
    })
    const image = { name: 'image', images: 1, height: 8, width: 8 }
    const memory = 8 * 4 * 64 * 64
    expect(() => requireBounded(graph, image, 'bomb.onnx', 1.5 * memory)).toThrow(/Add .* would take/)
    expect(() => requireBounded(graph, image, 'bomb.onnx', 4 * memory)).not.toThrow()
  })
})

describe.skipIf(process.platform === 'win32')('a model is a regular file', () => {
  test.each(['/dev/zero', '/dev/null'])('not %s', file =>
    expect(readModel(file)).rejects.toThrow(`cannot read the model "${file}": it is not a regular file`),
  )
  test('not a named pipe, which would be waited for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portolan-pipe-'))
    const pipe = join(folder, 'net.onnx')
    execFileSync('mkfifo', [pipe])
    await expect(readModel(pipe)).rejects.toThrow(/it is not a regular file/)
    await rm(folder, { recursive: true })
  })
})

describe('refusals of ONNX Runtime are reported with operator and node', () => {
  test.each([
    [
      'This is an invalid model. In Node, ("Mish_8", Mish, "", -1) : ("conv_7": tensor(float),) -> ("p",) , Error No Op registered for Mish with domain_version of 17',
      'Mish "Mish_8": No Op registered for Mish with domain_version of 17',
    ],
    [
      "Non-zero status code returned while running ConstantOfShape node. Name:'cs' Status Message: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:360 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate memory for requested buffer of size 8589934592\n\n",
      'ConstantOfShape "cs": Failed to allocate memory for requested buffer of size 8589934592',
    ],
    [
      "Non-zero status code returned while running FusedConv node. Name:'conv1/pre' Status Message: conv.cc:261 Compute Conv : bias must be a 1D tensor of size output_channels (8)",
      'FusedConv "conv1/pre": Compute Conv : bias must be a 1D tensor of size output_channels (8)',
    ],
  ])('%s', (words, plain) => expect(plainWords(words)).toBe(plain))

  test('by a real refusal, in one sentence', async () => {
    const g = new GraphBuilder()
    g.input({ name: 'x', type: 'float32', shape: [1, 2, 8, 8] })
    const y = g.node('MaxPool', ['x'], { kernel_shape: ints([2, 2]), strides: ints([0, 0]) })
    const runtime = await createCpuRuntime({ threads: 1 })
    const load = runtime.load(g.build('net.onnx', [{ name: y, type: 'float32', shape: [] }]), { key: 'a hash' })
    const error = await load.catch((error: unknown) => error)
    await runtime.close()
    expect(error).toMatchObject({ name: 'UserError', exitCode: 1 })
    const { message } = error as Error
    expect(message).toMatch(/^cannot run net\.onnx: .*strides?/i)
    expect(message).toMatch(/MaxPool/)
    expect(message).not.toMatch(/a hash|\n|onnxruntime_src/)
    expect(message.length).toBeLessThan(500)
  })
})
