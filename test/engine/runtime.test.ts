import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import type { Graph } from '../../electron/engine/onnx/graph.ts'
import { readGraph } from '../../electron/engine/onnx/read.ts'
import { elements, float32, type Tensor } from '../../electron/engine/onnx/tensor.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { inception, plain } from '../fixtures/networks.ts'
import { normals } from '../fixtures/random.ts'
import { modelFile, skipReason } from '../fixtures/shared.ts'

let runtime: Runtime
beforeAll(async () => {
  runtime = await createCpuRuntime({ threads: 1, maxSessions: 3 })
})
afterAll(() => runtime.close())

const seeded = (dims: readonly number[], seed = 1) => float32(dims, normals(seed, elements(dims)))
const numbers = (tensor: Tensor | undefined): number[] => Array.from(tensor!.data, Number)

/** next = x + step; twice = 2·x */
function counter(name = 'counter', step = 1): Graph {
  const g = new GraphBuilder()
  g.input({ name: 'x', type: 'float32', shape: ['n'] })
  const append = (op: string, output: string, operand: string) =>
    g.append({ op, domain: '', name: output, inputs: ['x', operand], outputs: [output], attributes: {} })
  append('Add', 'next', g.scalar(step))
  append('Mul', 'twice', g.scalar(2))
  return g.build(
    name,
    ['next', 'twice'].map(output => ({ name: output, type: 'float32', shape: ['n'] })),
  )
}

test('reports its identity', () => {
  expect(runtime.identity).toMatchObject({ name: 'cpu', threads: 1 })
  expect(runtime.identity.library).toMatch(/^onnxruntime-node \d+\.\d+/)
  expect(runtime.identity.device.length).toBeGreaterThan(0)
})

test('does not modify feeds, also views of larger arrays, and returns only the fetched outputs', async () => {
  const program = await runtime.load(counter())
  const page = Float32Array.from({ length: 1000 }, (_, index) => index)
  const feed = float32([3], page.subarray(10, 13))
  const results = await program.run({ x: feed }, ['twice'])
  expect(Object.keys(results)).toEqual(['twice'])
  expect(numbers(results.twice)).toEqual([20, 22, 24])
  expect(page.length).toBe(1000)
  const again = program.run({ x: feed })
  page.fill(0)
  expect(numbers((await again).next)).toEqual([11, 12, 13])
  await program.release()
})

test('weights in shared memory, which are sent apart from the file, give the same bytes as weights in it', async () => {
  const edge = 200
  const weights = normals(3, edge * edge)
  const product = (data: Float32Array): Graph => {
    const g = new GraphBuilder()
    const x = g.input({ name: 'x', type: 'float32', shape: ['n', edge] })
    const y = g.node('MatMul', [x, g.initializer(float32([edge, edge], data))])
    return g.build('product', [{ name: y, type: 'float32', shape: ['n', edge] }])
  }
  const shared = new Float32Array(new SharedArrayBuffer(weights.byteLength))
  shared.set(weights)
  const results: Tensor[] = []
  for (const data of [weights, shared]) {
    const program = await runtime.load(product(data))
    // What is changed afterwards is not the session's.
    if (data === shared) shared.fill(0)
    results.push(...Object.values(await program.run({ x: seeded([2, edge]) })))
    await program.release()
  }
  expect(results[1]!.data).toEqual(results[0]!.data)
  expect(Math.max(...numbers(results[0]))).toBeGreaterThan(1)
})

describe('state', () => {
  test('stays in the runtime from run to run, is overridden by a feed, and is returned when fetched only', async () => {
    const program = await runtime.load(counter(), { state: { next: 'x' } })
    await expect(program.run({})).rejects.toThrow('counter: the input "x" has no state yet: feed it first')
    expect(Object.keys(await program.run({ x: float32([2], [1, 5]) }))).toEqual(['twice'])
    expect(numbers((await program.run({})).twice)).toEqual([4, 12])
    const fetched = await program.run({}, ['next'])
    expect(numbers(fetched.next)).toEqual([4, 8])
    fetched.next!.data.fill(0 as never)
    expect(numbers((await program.run({})).twice)).toEqual([8, 16])
    await program.run({ x: float32([1], [100]) })
    expect(numbers((await program.run({})).twice)).toEqual([202])
    await program.release()
  })

  test('belongs to one program, also where two share a session', async () => {
    const options = { state: { next: 'x' }, key: 'shared counter' }
    const [one, two] = await Promise.all([runtime.load(counter(), options), runtime.load(counter(), options)])
    await one.run({ x: float32([1], [10]) })
    await two.run({ x: float32([1], [20]) })
    expect([numbers((await one.run({})).twice), numbers((await two.run({})).twice)]).toEqual([[22], [42]])
    await one.release()
    expect(numbers((await two.run({})).twice)).toEqual([44])
    await two.release()
  })

  test('outlives the session, when others need its place', async () => {
    const program = await runtime.load(counter(), { state: { next: 'x' } })
    await program.run({ x: float32([1], [1]) })
    const others = await Promise.all(Array.from({ length: 5 }, (_, step) => runtime.load(counter('other', step))))
    for (const [step, other] of others.entries())
      expect(numbers((await other.run({ x: float32([1], [0]) })).next)).toEqual([step])
    expect(numbers((await program.run({})).twice)).toEqual([4])
    await Promise.all([program, ...others].map(each => each.release()))
  })
})

describe('mistakes name the program and the value', () => {
  const cases = [
    [{}, undefined, 'counter: the input "x" has no feed'],
    [{ x: seeded([2]), y: seeded([2]) }, undefined, 'counter: "y" is not an input of the graph (inputs: x)'],
    [{ x: seeded([2, 2]) }, undefined, 'counter: the input "x" takes float32 [n], not [2, 2]'],
    [{ x: float32([3], [1, 2]) }, undefined, 'counter: the input "x" takes float32 [n], not 2 numbers for [3]'],
    [
      { x: { type: 'int32', dims: [1], data: new Int32Array(1) } },
      undefined,
      'counter: the input "x" takes float32 [n], not int32',
    ],
    [{ x: seeded([2]) }, ['elsewhere'], 'counter: the graph has no output "elsewhere"'],
  ] as const
  test.each(cases)('%#', async (feeds, fetches, message) => {
    const program = await runtime.load(counter())
    await expect(program.run(feeds, fetches)).rejects.toThrow(message)
    await program.release()
  })

  test('a graph that cannot be loaded', async () => {
    const g = new GraphBuilder()
    g.input({ name: 'x', type: 'float32', shape: ['n'] })
    const y = g.node('Twirl', ['x'])
    await expect(runtime.load(g.build('odd', [{ name: y, type: 'float32', shape: ['n'] }]))).rejects.toThrow(
      /^cannot run odd: .*Twirl/,
    )
    await expect(runtime.load(counter(), { state: { later: 'x' } })).rejects.toThrow(
      'counter: the state "later" is not an output',
    )
  })

  test('an image too small for the network', async () => {
    const program = await runtime.load(plain().graph)
    await expect(program.run({ data: seeded([1, 3, 1, 32]) })).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(
        /^cannot run plain: the input is too small, because \[1, 8, 1, 32\] has no room for a window of MaxPool "pool1"; use/,
      ),
    })
    expect((await program.run({ data: seeded([1, 3, 4, 4]) })).prob!.dims).toEqual([1, 10])
    await program.release()
  })

  test('a run that fails does not affect the next one', async () => {
    const g = new GraphBuilder()
    g.input({ name: 'a', type: 'float32', shape: ['n'] })
    g.input({ name: 'b', type: 'float32', shape: ['m'] })
    const program = await runtime.load(g.build('sum', [{ name: g.add('a', 'b'), type: 'float32', shape: [] }]))
    await expect(program.run({ a: seeded([2]), b: seeded([3]) })).rejects.toThrow(/^cannot run sum: /)
    expect(Object.values(await program.run({ a: seeded([2]), b: seeded([2]) })).length).toBe(1)
    await program.release()
    await expect(program.run({ a: seeded([2]), b: seeded([2]) })).rejects.toThrow('sum: the program is released')
  })
})

test('equal feeds give identical bytes, alone and among others', async () => {
  const [net, other] = [inception(), plain({ seed: 9 })]
  const program = await runtime.load(net.graph)
  const noise = await runtime.load(other.graph)
  const image = seeded([4, 3, 45, 45])
  const alone = numbers((await program.run({ data: image })).prob)
  const runs = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      void noise.run({ data: seeded([1, 3, 20 + index, 32], index) })
      return numbers((await program.run({ data: image })).prob)
    }),
  )
  for (const each of runs) expect(each).toEqual(alone)
  expect(numbers((await program.run({ data: seeded([4, 3, 45, 45], 2) })).prob)).not.toEqual(alone)
  await program.release()
  await noise.release()
})

test('memory does not grow over 2,000 runs, with and without state', async () => {
  const { graph } = plain()
  const program = await runtime.load(graph)
  const stateful = await runtime.load(counter(), { state: { next: 'x' } })
  const image = seeded([2, 3, 32, 32])
  const many = async (runs: number) => {
    await stateful.run({ x: seeded([10_000]) })
    for (let run = 0; run < runs; run += 10)
      await Promise.all([
        ...Array.from({ length: 10 }, () => program.run({ data: image })),
        ...Array.from({ length: 10 }, () => stateful.run({}, ['next'])),
      ])
    return process.memoryUsage.rss() / 2 ** 20
  }
  await many(600)
  const before = await many(400)
  const after = await many(2000)
  // 2,000 images and results that are never freed would be 130 MiB.
  expect(after - before).toBeLessThan(32)
  await program.release()
  await stateful.release()
})

/** Reports that it is ready, opens every session, and crashes at the first run. */
const DOOMED = `
  const { parentPort } = require('node:worker_threads')
  parentPort.on('message', ({ id, kind }) => {
    if (kind === 'run') throw new Error('out of luck')
    parentPort.postMessage({ id, tensors: {} })
  })
  parentPort.postMessage({ library: 'doomed' })
`

test('a worker that stops rejects the runs in flight, and the next run starts another', async () => {
  const url = new URL('../../electron/engine/runtime/onnxruntime/cpu.worker.ts', import.meta.url)
  let started = 0
  const own = await createCpuRuntime({
    threads: 1,
    start: workerData =>
      started++ === 0 ? new Worker(DOOMED, { eval: true, workerData }) : new Worker(url, { workerData }),
  })
  const program = await own.load(counter(), { state: { next: 'x' } })
  const runs = await Promise.allSettled(Array.from({ length: 5 }, () => program.run({ x: seeded([1]) })))
  for (const run of runs)
    expect(run).toMatchObject({ reason: { message: 'counter: the inference worker stopped (out of luck)' } })
  await expect(program.run({})).rejects.toThrow('has no state yet')
  expect(numbers((await program.run({ x: float32([1], [3]) })).twice)).toEqual([6])
  expect(started).toBe(2)
  await own.close()
})

test('closing rejects the runs in progress, and waits for them', async () => {
  const own = await createCpuRuntime({ threads: 1 })
  const program = await own.load(plain({ channels: 32 }).graph)
  const runs = Array.from({ length: 4 }, () => program.run({ data: seeded([8, 3, 64, 64]) }))
  const outcomes = Promise.allSettled(runs)
  await own.close()
  for (const run of await outcomes) expect(run).toMatchObject({ reason: { message: 'plain: the runtime was closed' } })
  await expect(own.load(counter())).rejects.toThrow('the runtime is closed')
})

test('a process that exits within a run exits with its own status', async () => {
  const script = `
    import { createCpuRuntime } from './electron/engine/runtime/onnxruntime/cpu.ts'
    import { plain } from './test/fixtures/networks.ts'
    const runtime = await createCpuRuntime({ threads: 1 })
    const program = await runtime.load(plain({ channels: 32 }).graph)
    const data = { type: 'float32', dims: [16, 3, 128, 128], data: new Float32Array(16 * 3 * 128 * 128) }
    for (let run = 0; run < 20; run++) program.run({ data }).catch(() => {})
    setTimeout(() => process.exit(3), 200)
  `
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], { cwd, stdio: 'ignore' })
  expect(await once(child, 'exit')).toEqual([3, null])
})

const models = ['bvlc_googlenet.onnx', 'inceptionv1-portolan.onnx']
describe.each(models)('%s', model => {
  const file = modelFile(model)
  test.skipIf(!file)(`is read, and returns probabilities${file ? '' : ` (skipped: ${skipReason})`}`, async () => {
    const graph = readGraph(readFileSync(file!), { file: basename(file!), folder: dirname(file!) })
    expect(graph.inputs[0]!.shape).toEqual(['N', 3, 'H', 'W'])
    const program = await runtime.load(graph)
    const { prob } = await program.run({ data: seeded([1, 3, 224, 224]) })
    expect(prob!.dims).toEqual([1, 1000])
    expect(numbers(prob).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4)
    await program.release()
  })
})
