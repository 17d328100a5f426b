import { afterAll, beforeAll, expect, test } from 'vitest'
import { PRESETS } from '../../electron/contract/presets.ts'
import { centreFeeds } from '../../electron/engine/inversion/centre.ts'
import { sizedFor } from '../../electron/engine/inversion/frame.ts'
import { layerSize } from '../../electron/engine/inversion/layer-size.ts'
import { startingSpectrum } from '../../electron/engine/inversion/spectrum.ts'
import { withAvailable } from '../../electron/engine/inversion/statistics.ts'
import { stepGraph, stepWindow } from '../../electron/engine/inversion/step.ts'
import { drawTransform } from '../../electron/engine/inversion/transform.ts'
import { drawView, viewFeeds } from '../../electron/engine/inversion/views.ts'
import { warpFeeds, windowFeeds } from '../../electron/engine/inversion/warp.ts'
import { float32, scalar, type Tensor } from '../../electron/engine/onnx/tensor.ts'
import { Random } from '../../electron/engine/random/random.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { classifierFrom } from '../fixtures/classifier.ts'
import { quick } from '../fixtures/inversions.ts'
import { networks } from '../fixtures/networks.ts'
import { normals } from '../fixtures/random.ts'

let runtime: Runtime
beforeAll(async () => {
  runtime = await createCpuRuntime({ threads: 1, maxSessions: 4 })
})
afterAll(() => runtime.close())

const classifier = classifierFrom(networks.inception({ channels: 16 }))
const layer = classifier.layers.at(-1)!

/** Smooth enough for differences: far from any floor of a logarithm, and hardly a ReLU changes its side. */
const CASES = {
  cosine: { ...quick, batch: 2 },
  published: { ...quick, batch: 2, objective: { kind: 'published', power: 2, whiten: false } },
  'scale-free, views': { ...withAvailable(PRESETS.draft.inversion, { moment: false, mean: true }), batch: 2, size: 48 },
  'with a low-pass': { ...withAvailable(PRESETS.calm.inversion, { moment: false, mean: true }), batch: 2, size: 48 },
} as const

test.each(Object.entries(CASES))('the gradient of a step follows the objective: %s', async (_, preset) => {
  const inversion = sizedFor(preset, layer)
  const { size, batch, transforms, image } = inversion
  // Without an optimizer of its own a step leaves the gradient in the first moment as it is.
  const { graph, radii } = stepGraph(classifier, layer, { ...inversion, optimizer: undefined })
  const program = await runtime.load(graph)
  const start = startingSpectrum(size, 3, 0, [Uint8Array.of(1), Uint8Array.of(2)])
  start.data.forEach((value, i) => {
    start.data[i] = 20 * value
  })
  const zeros = float32(start.dims)
  const random = new Random('test')
  const target = float32([batch, layer.channels], normals(5, batch * layer.channels).map(Math.abs))
  let edge = size
  let transform: Record<string, Tensor>
  if ('views' in transforms) {
    const view = drawView(transforms, 0.9, random)
    edge = view.edge
    transform = { ...viewFeeds(size, view), ...windowFeeds(0, 0, size) }
  } else {
    const draw = drawTransform(size, transforms, random)
    const feeds = warpFeeds(size, stepWindow(inversion), draw)
    edge = draw.edge
    transform = { ...feeds.warp, ...feeds.window }
  }
  const run = async (spectrum: Float32Array) =>
    program.run(
      {
        spectrum: float32(start.dims, spectrum),
        first: zeros,
        second: zeros,
        ...transform,
        ...(image?.lowPass && {
          amplitudes: float32([2 * size, size / 2 + 1, 1], new Float32Array(2 * size * (size / 2 + 1)).fill(size / 4)),
        }),
        target,
        ...('centring' in inversion.objective && {
          offset: float32([1, layer.channels], new Float32Array(layer.channels).fill(0.1)),
        }),
        ...centreFeeds(...layerSize(classifier, layer, edge), radii),
        rate: scalar(0),
        secondMomentScale: scalar(1),
      },
      ['objective', 'first.next'],
    )
  const sum = ({ data }: Tensor): number => Array.from(data as Float32Array).reduce((a, b) => a + b, 0)
  const gradient = (await run(start.data))['first.next']!.data as Float32Array
  // Along the gradient itself, where the slope is largest and rounding matters least.
  const length = Math.hypot(...gradient)
  const along = gradient.map(value => value / length)
  const h = 0.02 * Math.hypot(...start.data) * 0.02
  const moved = (by: number): Float32Array => start.data.map((value, i) => value + by * along[i]!)
  const [up, down] = [sum((await run(moved(h)))['objective']!), sum((await run(moved(-h)))['objective']!)]
  expect((up - down) / (2 * h) / length).toBeCloseTo(1, 1)
  await program.release()
})
