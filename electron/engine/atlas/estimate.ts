import type { AtlasParams } from '../../contract/build.ts'
import { type LayoutParams, umapEpochs } from '../../contract/layout.ts'
import { closedForm } from '../attribution/closed-form.ts'
import { attributing, attributionKey } from '../attribution/graph.ts'
import { Inverter } from '../inversion/invert.ts'
import { withAvailable } from '../inversion/statistics.ts'
import { stepTimes } from '../inversion/timing.ts'
import { evenLevels } from '../layout/grid.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { headIdentity } from '../model/identity.ts'
import { inputSize } from '../model/sidecar.ts'
import { unitFeeds, unitGraph } from '../model/units.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** Estimated time, disk and memory of a build. Times are measured on this machine for its layers. */
export interface Estimate {
  readonly samples: number
  /**
   * Upper bound for given grids: all cells are counted as if they could have enough samples. For `auto` as if samples
   * were spread evenly over the map.
   */
  readonly icons: number
  readonly seconds: { readonly samples: number; readonly layouts: number; readonly icons: number }
  readonly diskBytes: number
  readonly memoryBytes: number
}

/**
 * Photographs, icons and steps of the timed runs. Few, because a run cannot be interrupted and each is queued after a
 * step of a running job.
 */
const BATCH = 8
const ICONS = 8
const STEPS = 4
/** Lossless WebP of an 80 px icon, and the row and direction of its cell. */
const ICON_BYTES = 12_000
/** UMAP's graph, bytes a sample and neighbour. */
const GRAPH_BYTES = 32
/** Node, the runtime and its programs. */
const BASE_BYTES = 600e6
/**
 * Layouts of 10,000 samples of 512 channels took 8 s of processor time for neighbours, 4 s for 500 epochs and 8 s for the rest, on
 * two cores.
 */
const LAYOUT_SECONDS = { neighbours: 4, epoch: 0.004, rest: 4 }

/** A build to be estimated. */
interface EstimateOrder {
  readonly classifier: Classifier
  readonly runtime: Runtime
  readonly layers: readonly Layer[]
  readonly params: AtlasParams
  /** Number of photographs to draw samples from. */
  readonly photographs: number
}

/**
 * Estimates a build by timing a few runs of each of its layers.
 * @param signal ends the measurement, even during a run
 * @throws the reason of the signal when it aborts
 */
export function estimateBuild(order: EstimateOrder, signal: AbortSignal): Promise<Estimate> {
  const estimate = measure(order, signal)
  // An abandoned measurement releases its programs after its current run.
  estimate.catch(() => {})
  return new Promise((resolve, reject) => {
    const end = () => reject(signal.reason)
    if (signal.aborted) return end()
    signal.addEventListener('abort', end, { once: true })
    estimate.then(resolve, reject).finally(() => signal.removeEventListener('abort', end))
  })
}

async function measure(order: EstimateOrder, signal: AbortSignal): Promise<Estimate> {
  const { classifier, layers, params, photographs } = order
  const samples = photographs * params.positionsPerImage
  const grids = params.grids === 'auto' ? evenLevels(samples, params.minSamples) : params.grids
  const icons =
    layers.length * grids.reduce((sum, g) => sum + Math.min(g * g, Math.floor(samples / params.minSamples)), 0)
  const pass = await timePass(order)
  signal.throwIfAborted()
  let iconSeconds = 0
  for (const layer of layers) {
    iconSeconds += (icons / layers.length) * (await timeIcon(order, layer, signal))
    signal.throwIfAborted()
  }
  const scale = samples / 10_000
  const classes = classifier.labels.length
  const attributed = layers.filter(layer => !closedForm(classifier, layer)).length
  const channels = layers.reduce((sum, layer) => sum + layer.channels, 0)
  const widest = Math.max(...layers.map(layer => layer.channels))
  return {
    samples,
    icons,
    seconds: {
      samples: (pass * photographs) / BATCH,
      layouts:
        layers.length *
        scale *
        (LAYOUT_SECONDS.neighbours * Math.min(scale, 2) +
          LAYOUT_SECONDS.epoch * epochsOf(params.layout, samples) +
          LAYOUT_SECONDS.rest),
      icons: iconSeconds,
    },
    diskBytes: samples * 2 * (channels + attributed * classes) + icons * (ICON_BYTES + 4 * widest),
    memoryBytes: BASE_BYTES + samples * (2 * 4 * widest + GRAPH_BYTES * params.layout.neighbours),
  }
}

/** Seconds of one batch of samples with their attributions. */
async function timePass({ classifier, runtime, layers, params }: EstimateOrder): Promise<number> {
  const { positionsPerImage, attribution } = params
  const size = inputSize(classifier.preprocessing)
  const graph = unitGraph(classifier, layers, attributing(classifier, layers, attribution))
  const program = await runtime.load(graph, {
    key: `estimate ${headIdentity(classifier)} ${attributionKey(layers, attribution)}`,
  })
  const samples = Array.from({ length: BATCH * positionsPerImage }, (_, sample) => sample)
  const feeds = unitFeeds(classifier, layers, new Uint8Array(BATCH * size.height * size.width * 3).fill(128), {
    imageOf: samples.map(sample => Math.floor(sample / positionsPerImage)),
    units: new Map(layers.map(layer => [layer.name, samples.map(() => 0)])),
  })
  try {
    return await timed(() => program.run(feeds))
  } finally {
    await program.release()
  }
}

/** Seconds of the steps and tries of one icon, without its fidelity. */
async function timeIcon(
  { classifier, runtime, params: { inversion, seed } }: EstimateOrder,
  layer: Layer,
  signal: AbortSignal,
): Promise<number> {
  const batch = Math.min(ICONS, inversion.batch)
  const short = withAvailable({ ...inversion, steps: STEPS, tries: 1, batch }, { moment: false, mean: false })
  const inverter = await Inverter.create(classifier, runtime, layer, short)
  try {
    const directions = new Float32Array(inverter.batch * layer.channels).fill(1)
    const times = await stepTimes(inverter, directions, STEPS, { seed, signal, starts: 'noise' })
    const step = (times.at(-1)! - times[0]!) / (times.length - 1)
    return (step / 1000 / inverter.batch) * inversion.steps * inversion.tries
  } finally {
    await inverter.release()
  }
}

/** Seconds of the second of two runs: the first includes preparation. */
async function timed(run: () => Promise<unknown>): Promise<number> {
  await run()
  const start = performance.now()
  await run()
  return (performance.now() - start) / 1000
}

const epochsOf = ({ epochs }: LayoutParams, samples: number): number =>
  typeof epochs === 'number' ? epochs : umapEpochs(samples)
