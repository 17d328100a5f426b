import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Objective } from '../../electron/contract/inversion.ts'
import { PRESETS } from '../../electron/contract/presets.ts'
import { centredDirections, objectiveGraph, offsetOf } from '../../electron/engine/inversion/objective.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'

let runtime: Runtime
beforeAll(async () => {
  runtime = await createCpuRuntime({ threads: 1 })
})
afterAll(() => runtime.close())

const objective = PRESETS.atlas.inversion.objective
const { centred: _, ...before } = objective as Extract<Objective, { kind: 'scale-free' }>
/** A direction that is weak beside the layer's mean activation, as those of quiet cells of late layers are. */
const DIRECTION = Float32Array.of(1, 0, 0.5, 0.2)
const MEAN = Float32Array.of(1, 2, 2, 1)

/** The objective of some activations, for one direction. */
async function valuesOf(objective: Objective, activations: readonly Float32Array[]): Promise<number[]> {
  const [n, channels] = [activations.length, DIRECTION.length]
  const g = new GraphBuilder()
  const input = (name: string, rows: number): string => g.input({ name, type: 'float32', shape: [rows, channels] })
  const each = objectiveGraph(g, input('a', n), input('target', n), objective, input('offset', 1))
  const program = await runtime.load(g.build('objective', [{ name: each, type: 'float32', shape: [n] }]))
  const offset = offsetOf(objective, MEAN)
  const directions = Float32Array.from({ length: n * channels }, (_, i) => DIRECTION[i % channels]!)
  const result = await program.run({
    a: float32([n, channels], Float32Array.from(activations.flatMap(a => [...a]))),
    target: float32([n, channels], centredDirections(objective, directions, offset)),
    offset: float32([1, channels], offset),
  })
  await program.release()
  return [...(Object.values(result)[0]!.data as Float32Array)]
}

const times = (k: number): Float32Array => DIRECTION.map(value => k * value)

it('rewards an activation along the direction at every strength, by the strength alone', async () => {
  const strengths = [0.5, 1, 2, 8]
  const values = await valuesOf(objective, strengths.map(times))
  for (const [i, q] of strengths.entries()) expect(values[i]).toBeCloseTo(Math.log(q) - Math.log(1 + q / 4), 4)
})

it('rewards no silent unit, as earlier versions did for weak directions', async () => {
  const silent = new Float32Array(DIRECTION.length)
  const [now, weak] = await valuesOf(objective, [silent, times(0.5)])
  expect(now).toBeCloseTo(-20, 4)
  expect(weak).toBeGreaterThan(now!)
  const [earlier] = await valuesOf(before, [silent])
  expect(earlier).toBeGreaterThan(-1)
})
