import { afterAll, beforeAll, expect, test } from 'vitest'
import { FROM_PHOTOGRAPHS } from '../../electron/contract/presets.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { iconMaker, iconsByWorkers, iconUnits } from '../../electron/engine/units/icons.ts'
import { type IconsUnit, type Order, partOf, partsOf, Unit } from '../../electron/engine/units/unit.ts'
import type { Performed, Workers } from '../../electron/engine/units/workers.ts'
import { classifierFrom } from '../fixtures/classifier.ts'
import { quick } from '../fixtures/inversions.ts'
import { networks } from '../fixtures/networks.ts'
import { normals } from '../fixtures/random.ts'

let runtime: Runtime
beforeAll(async () => {
  runtime = await createCpuRuntime({ threads: 1, maxSessions: 4 })
})
afterAll(() => runtime.close())

// A unit names its network by a hash.
const classifier = { ...classifierFrom(networks.inception({ channels: 16 })), hash: '0'.repeat(64) }
const layer = classifier.layers.at(-1)!
const inversion = { ...quick, steps: 3, start: FROM_PHOTOGRAPHS }
const directions = normals(3, 2 * layer.channels).map(Math.abs)
const pictures = normals(4, 2 * 3 * quick.size ** 2).map(value => 0.5 + 0.2 * Math.tanh(value))

/** A worker in this process, which has only what a unit brings with it, as read from its JSON. */
const worker = (changed: (unit: IconsUnit) => IconsUnit = unit => unit): Workers => ({
  room: 1,
  run: async <T>(order: Order<T>): Promise<Performed<T>> => {
    const unit = changed(Unit.parse(JSON.parse(JSON.stringify({ ...order.unit, run: '0'.repeat(36) }))) as IconsUnit)
    const contents = [...(await order.contents()), ...order.shared].map(bytes => Buffer.from(bytes))
    const bytes = new Map(contents.map(content => [partOf(content).sha256, content]))
    const { own, shared } = partsOf(unit)
    expect([...own, ...shared].every(({ sha256 }) => bytes.has(sha256))).toBe(true)
    const inverter = await iconUnits.open(unit, { classifier, runtime })
    const content = async ({ sha256 }: { readonly sha256: string }) => bytes.get(sha256)!
    try {
      const result = await iconUnits.perform(unit, inverter, content, new AbortController().signal)
      return { take: async () => order.accept(result) }
    } finally {
      await inverter.release()
    }
  },
  close: async () => {},
})

const make = (workers: Workers, starts: Float32Array | 'noise' | undefined) =>
  iconsByWorkers(workers, { classifier, layer, inversion }).make(directions, { seed: 0, priority: 2, starts })

test.each([
  ['photographs', pictures],
  ['noise', 'noise' as const],
])('a worker makes the icons that start from %s as this process does', async (_, starts) => {
  const here = await iconMaker({ classifier, runtime, layer, inversion })
  const expected = await here.make(directions, { seed: 0, priority: 2, starts })
  await here.release()
  const made = await make(worker(), starts)
  expect(made.map(({ webp }) => Buffer.from(webp))).toEqual(expected.map(({ webp }) => Buffer.from(webp)))
})

test('a unit is refused whose pictures are of another number, and no order goes out without them', async () => {
  const cut = (unit: IconsUnit): IconsUnit => ({ ...unit, starts: { ...unit.starts!, bytes: unit.starts!.bytes / 2 } })
  await expect(make(worker(cut), pictures)).rejects.toThrow(/another number or size/)
  await expect(make(worker(), undefined)).rejects.toThrow(/pictures to start from/)
})
