import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Inversion } from '../../electron/contract/inversion.ts'
import type { RuntimeName } from '../../electron/contract/runtimes.ts'
import { type InversionResult, Inverter } from '../../electron/engine/inversion/invert.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import type { Backend } from '../../electron/engine/runtime/backend.ts'
import { BACKENDS } from '../../electron/engine/runtime/backends.ts'
import { GuardedRuntime } from '../../electron/engine/runtime/fallback/guarded.ts'
import { RuntimePool } from '../../electron/engine/runtime/pool.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { classifierFrom } from '../fixtures/classifier.ts'
import { FAULTS, type Fault, faultyBackend } from '../fixtures/faulty-runtime.ts'
import { quick } from '../fixtures/inversions.ts'
import { networks } from '../fixtures/networks.ts'
import { normals } from '../fixtures/random.ts'

const cpu = BACKENDS.find(({ name }) => name === 'cpu')!
const classifier = classifierFrom(networks.inception({ channels: 16 }))
const layer = classifier.layers.at(-1)!
const COUNT = 4
const inversion: Inversion = { ...quick, steps: 10, batch: COUNT }
const directions = normals(1, COUNT * layer.channels).map(Math.abs)

let pool: RuntimePool
let notes: string[]
afterEach(() => pool?.close())

const guarded = (fault: Fault, batches: Partial<Record<RuntimeName, number>> = {}): Promise<GuardedRuntime> =>
  guardedBy([faultyBackend('webgpu', fault), cpu], batches)

function guardedBy(backends: readonly Backend[], batches: Partial<Record<RuntimeName, number>> = {}) {
  pool = new RuntimePool(backends, { threads: 1 })
  notes = []
  return GuardedRuntime.create(
    pool,
    backends.map(({ name }) => name),
    {
      batches: new Map(Object.entries(batches) as [RuntimeName, number][]),
      note: text => notes.push(text),
    },
  )
}

async function inverted(runtime: Runtime): Promise<InversionResult[]> {
  const inverter = await Inverter.create(classifier, runtime, layer, inversion)
  try {
    return await inverter.invert(directions, { seed: 0 })
  } finally {
    await inverter.release()
  }
}

/** Mean distance of pixels, of 255: equal but for a last bit here and there. */
function apart(a: readonly InversionResult[], b: readonly InversionResult[]): number {
  const distances = a.flatMap((icon, i) => Array.from(icon.rgb, (value, p) => Math.abs(value - b[i]!.rgb[p]!)))
  return distances.reduce((sum, each) => sum + each, 0) / distances.length
}

let right: readonly InversionResult[]
beforeAll(async () => {
  const runtime = await cpu.open({ threads: 1 })
  right = await inverted(runtime)
  await runtime.close()
})

describe.each(Object.entries(FAULTS))('a runtime %s', (_, fault: Fault) => {
  test('is disabled, and the CPU computes the same icons', async () => {
    const runtime = await guarded(fault)
    const reported: string[] = []
    pool.listen(({ runtime, reason, next }) => reported.push(`${runtime}: ${reason} → ${next}`))
    const icons = await inverted(runtime)
    expect(apart(icons, right)).toBeLessThan(0.01)
    expect(icons.map(icon => icon.runtime.name)).toEqual(icons.map(() => 'cpu'))
    expect(icons.map(icon => icon.status)).toEqual(icons.map(() => 'ok'))
    expect(pool.disabled).toMatchObject([{ runtime: 'webgpu', next: 'cpu' }])
    expect(runtime.identity.name).toBe('cpu')
    // A listener is notified only of what follows its registration: the start comes before.
    if (fault.onStart === undefined) expect(reported).toHaveLength(1)
  })

  test('is replaced transparently for programs without state', async () => {
    const runtime = await guarded(fault)
    const plain = await cpu.open({ threads: 1 })
    const { graph, size, softmax } = networks.plain()
    const [program, reference] = await Promise.all([runtime.load(graph), plain.load(graph)])
    for (let run = 1; run <= 8; run++) {
      const feeds = { data: float32([2, 3, size, size], normals(run, 2 * 3 * size * size)) }
      const [own, expected] = [await program.run(feeds), await reference.run(feeds)]
      // Between two checks wrong numbers that are finite go through: the eighth run is checked.
      if (run === 7 && fault.change && Number.isFinite(fault.change(1)) && fault.changesAt === 7) continue
      expect(own[softmax]!.data).toEqual(expected[softmax]!.data)
    }
    expect(pool.disabled).toMatchObject([{ runtime: 'webgpu', next: 'cpu' }])
    await plain.close()
  })
})

test('a runtime that is right is not disabled, and its icons bear its name', async () => {
  const runtime = await guarded({})
  const icons = await inverted(runtime)
  expect(icons.map(icon => icon.runtime.name)).toEqual(icons.map(() => 'webgpu'))
  expect(apart(icons, right)).toBe(0)
  expect(pool.disabled).toEqual([])
})

test('the next runtime is used before the reference', async () => {
  const runtime = await guardedBy([faultyBackend('cuda', { throwsAt: 3 }), faultyBackend('webgpu'), cpu])
  const icons = await inverted(runtime)
  expect(new Set(icons.map(icon => icon.runtime.name))).toEqual(new Set(['webgpu']))
  expect(pool.disabled).toMatchObject([{ runtime: 'cuda', next: 'webgpu' }])
})

test('mistakes of the caller are reported to the caller, and disable no runtime', async () => {
  const runtime = await guarded({})
  const { graph } = networks.plain()
  const program = await runtime.load(graph)
  await expect(program.run({})).rejects.toThrow('the input "data" has no feed')
  await expect(program.run({ data: float32([1, 4, 32, 32]) })).rejects.toThrow('takes float32')
  const broken = { ...graph, nodes: graph.nodes.map(node => (node.op === 'Relu' ? { ...node, op: 'Rely' } : node)) }
  await expect(runtime.load(broken)).rejects.toThrow('Rely')
  expect(pool.disabled).toEqual([])
})

describe('memory that runs out', () => {
  test.each(['load', 'run'] as const)('on %s halves the batch until it fits, and is noted', async outOfMemoryOn => {
    const runtime = await guarded({ memoryFor: 1, outOfMemoryOn })
    const icons = await inverted(runtime)
    expect(apart(icons, right)).toBeLessThan(0.01)
    expect(icons.map(icon => [icon.runtime.name, icon.batch])).toEqual(icons.map(() => ['webgpu', 1]))
    expect(notes).toEqual([
      'webgpu ran out of memory with 4 icons at a time: from now on 2',
      'webgpu ran out of memory with 2 icons at a time: from now on 1',
    ])
    expect(pool.disabled).toEqual([])
  })

  test('for a single icon disables the runtime', async () => {
    const icons = await inverted(await guarded({ memoryFor: 0, outOfMemoryOn: 'run' }))
    expect(icons.map(icon => [icon.runtime.name, icon.batch])).toEqual(icons.map(() => ['cpu', 4]))
    expect(pool.disabled).toMatchObject([{ runtime: 'webgpu' }])
  })
})

test('the batch is the fastest measured number of icons', async () => {
  const icons = await inverted(await guarded({}, { webgpu: 5 }))
  expect(icons.map(icon => icon.batch)).toEqual(icons.map(() => 5))
  expect(apart(icons, right)).toBeLessThan(0.01)
})

test('icons that are not finite on any runtime disable none', async () => {
  const runtime = await guarded({})
  const inverter = await Inverter.create(classifier, runtime, layer, { ...inversion, learningRate: Number.NaN })
  const icons = await inverter.invert(directions, { seed: 0 })
  expect(icons.map(icon => icon.status)).toEqual(icons.map(() => 'non-finite'))
  expect(pool.disabled).toEqual([])
})
