import { describe, expect, test } from 'vitest'
import { nativeTensorflow } from '../conformance/native-tensorflow.ts'
import { softwareWebgpu } from '../conformance/software.ts'
import { sharedFolder, skipReason } from '../fixtures/shared.ts'
import { type Course, growth, samplesOf } from '../memory/growth.ts'
import type { Watchable } from '../memory/watched.ts'

/** Bytes by which a process may grow in a thousand steps. */
const MOST = 1e6

const software = await softwareWebgpu()
const absent = 'absent' in software ? software.absent : undefined
const env = absent === undefined ? { ...software } : {}
const native = nativeTensorflow()
const unbuilt = 'absent' in native ? native.absent : undefined
/**
 * The library's threads take turns as the machine's load has it, and glibc keeps an arena for each, which come to
 * their size one after the other: 1 MB in a thousand steps, still in the fourth. With one arena what grows is what stays.
 */
const nativeEnv = unbuilt === undefined ? { ...native, MALLOC_ARENA_MAX: '1' } : {}
const model = sharedFolder('models/bvlc_googlenet.onnx')

async function expectFlat(
  runtime: Watchable,
  warmUp: number,
  course: Course,
  where: Readonly<Record<string, string>> = {},
): Promise<void> {
  const samples = await samplesOf(runtime, course, where)
  const [first, last] = [samples.find(({ step }) => step > warmUp)!, samples.at(-1)!]
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(1)
  const perThousand = growth(samples, warmUp)
  process.stdout.write(
    `${runtime}, ${course.model === undefined ? 'a small network' : 'GoogLeNet'}: ${mb(first.rss)} MB after ` +
      `${first.step} steps, ${mb(last.rss)} MB after ${last.step}; ${mb(perThousand)} MB in 1,000 steps\n`,
  )
  expect(perThousand).toBeLessThan(MOST)
  // All that a step retains is the state, which the next one replaces.
  expect(new Set(samples.map(({ tensors }) => tensors)).size).toBe(1)
}

describe('ten thousand steps of a small network take no more memory than a thousand', () => {
  for (const runtime of ['cpu', 'tensorflow'] as const)
    test(`on ${runtime}`, () => expectFlat(runtime, 2_500, { steps: 10_000, every: 100 }))
  test.skipIf(unbuilt !== undefined)(
    `on TensorFlow's own library, in two thousand after a thousand${unbuilt === undefined ? '' : ` (skipped: ${unbuilt})`}`,
    () => expectFlat('tensorflow', 1_000, { steps: 3_000, every: 50 }, nativeEnv),
  )
  test.skipIf(absent !== undefined)(
    `on WebGPU in software, in three hundred after as many${absent === undefined ? '' : ` (skipped: ${absent})`}`,
    // Each of the device's threads has a heap of its own, which fills in its own time.
    () => expectFlat('webgpu', 300, { steps: 600, every: 5 }, env),
  )
})

describe.skipIf(model === undefined)(
  `hundreds of steps of GoogLeNet${model === undefined ? ` (${skipReason})` : ''}`,
  () => {
    const course = { every: 5, layer: 'mixed4c', ...(model !== undefined && { model }) }
    // Until then code of the interpreter is still compiled, and compiled better.
    for (const runtime of ['cpu', 'tensorflow'] as const)
      test(`take no more memory on ${runtime}`, () => expectFlat(runtime, 400, { ...course, steps: 800 }))
    test.skipIf(unbuilt !== undefined)(
      `take no more memory on TensorFlow's own library${unbuilt === undefined ? '' : ` (skipped: ${unbuilt})`}`,
      // 24 MB come in the first 800, for sizes of icons that differ from step to step, and .1 MB in the next 800.
      () => expectFlat('tensorflow', 800, { ...course, steps: 1_600 }, nativeEnv),
    )
    test.skipIf(absent !== undefined)(
      `take no more memory on WebGPU in software${absent === undefined ? '' : ` (skipped: ${absent})`}`,
      // Six seconds a step.
      () => expectFlat('webgpu', 100, { ...course, steps: 300 }, env),
    )
  },
)
