import { reason } from '../../contract/errors.ts'
import type { Inversion } from '../../contract/inversion.ts'
import { PRESETS } from '../../contract/presets.ts'
import type { Measurement } from '../../contract/runtimes.ts'
import { Inverter } from '../inversion/invert.ts'
import { stepTimes } from '../inversion/timing.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { loadLogits } from '../model/classify.ts'
import { BYTES } from '../model/preprocess.ts'
import { inputSize } from '../model/sidecar.ts'
import type { Tensor } from '../onnx/tensor.ts'
import type { Found } from '../runtime/backend.ts'
import { difference } from '../runtime/fallback/difference.ts'
import { STATE_TOLERANCE, TOLERANCE } from '../runtime/fallback/guard.ts'
import { isOutOfMemory } from '../runtime/fallback/out-of-memory.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** Outputs that must agree on all runtimes. */
export interface ReferenceOutputs {
  /** Logits of a synthetic photograph. */
  readonly forward: Record<string, Tensor>
  /** Objectives of a few steps of an inversion, and its pictures. */
  readonly inversion: Record<string, Tensor>
}

/** The measured inversion: icons of the middle layer, where most atlases are built. */
const INVERSION: Inversion = {
  ...PRESETS.notebook.inversion,
  objective: { kind: 'cosine', power: 1, whiten: false },
}
/** The compared inversion: few steps and small, because rounding errors grow with every step. */
const CHECKED: Inversion = {
  ...PRESETS.notebook.inversion,
  objective: INVERSION.objective,
  size: 64,
  steps: 3,
  batch: 2,
}
/** Batch sizes, up to one that fills a large device. */
const BATCHES = [4, 8, 16, 32, 64, 128]
/** Maximum ratio of time per icon to choose a larger batch: it takes memory, and icons are finished later. */
const MAX_RATIO = 0.95
/** Milliseconds for passes, and for steps: with the check, ten seconds in all. */
const FORWARD_BUDGET = 1_000
const STEP_BUDGET = 6_000
/** Number of timed steps, after one for warm-up. */
const TIMED = 3

const middle = ({ layers }: Classifier): Layer => layers[Math.floor(layers.length / 2)]!

/** The outputs by which a runtime is compared with the reference. */
export async function referenceOutputs(
  classifier: Classifier,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<ReferenceOutputs> {
  const program = await loadLogits(classifier, runtime)
  let forward: Record<string, Tensor>
  try {
    forward = await program.run(photograph(classifier))
  } finally {
    await program.release()
  }
  signal.throwIfAborted()
  const layer = middle(classifier)
  const inverter = await Inverter.create(classifier, runtime, layer, CHECKED)
  try {
    const icons = await inverter.invert(directionsOf(layer, CHECKED.batch), { seed: 0, signal })
    const objectives = Float32Array.from(icons, icon => icon.objective)
    const pixels = Float32Array.from(icons.flatMap(({ rgb }) => [...rgb]))
    return {
      forward,
      inversion: {
        objectives: { type: 'float32', dims: [objectives.length], data: objectives },
        pixels: { type: 'float32', dims: [pixels.length], data: pixels },
      },
    }
  } finally {
    await inverter.release()
  }
}

/**
 * Measures one runtime with one model; an error of the runtime is the reason of its refusal.
 * @param expected the outputs of the reference
 */
export async function measured(
  classifier: Classifier,
  found: Found,
  open: () => Promise<Runtime>,
  expected: ReferenceOutputs,
  signal: AbortSignal,
): Promise<Measurement> {
  const before = process.memoryUsage.rss()
  let measurement: Measurement = {
    name: found.name,
    library: found.library ?? '',
    device: found.device ?? '',
    forwardMs: null,
    stepMs: null,
    batch: null,
    memory: null,
    fallbacks: null,
    error: null,
    refused: null,
  }
  try {
    const runtime = await open()
    const { library, device } = runtime.identity
    measurement = { ...measurement, library, device }
    const outputs = await referenceOutputs(classifier, runtime, signal)
    const error = difference(outputs.forward, expected.forward)
    const drift = difference(outputs.inversion, expected.inversion)
    measurement = { ...measurement, error: Number.isFinite(error) ? error : null }
    const refused = refusal(error, drift)
    if (refused !== null) return { ...measurement, refused }
    const { forwardMs, last } = await timeForward(classifier, runtime, signal)
    // Compares the last output as well: some runtimes degrade under load.
    const degraded = refusal(difference(last, expected.forward), 0)
    if (degraded !== null) return { ...measurement, refused: degraded }
    const step = await timeSteps(classifier, runtime, signal)
    const memory = Math.max(0, process.memoryUsage.rss() - before)
    return { ...measurement, forwardMs, ...step, fallbacks: runtime.fallbacks ?? null, memory }
  } catch (thrown) {
    signal.throwIfAborted()
    return { ...measurement, refused: reason(thrown) }
  }
}

function refusal(error: number, drift: number): string | null {
  if (!Number.isFinite(error) || !Number.isFinite(drift)) return 'its outputs are not finite'
  if (error > TOLERANCE) return `its outputs differ from the CPU's by ${(100 * error).toFixed(1)} %`
  if (drift > STATE_TOLERANCE) return `its icons differ from the CPU's by ${(100 * drift).toFixed(1)} %`
  return null
}

/** Milliseconds of a pass of one photograph: the median. */
async function timeForward(
  classifier: Classifier,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<{ readonly forwardMs: number; readonly last: Record<string, Tensor> }> {
  const program = await loadLogits(classifier, runtime)
  const feeds = photograph(classifier)
  const times: number[] = []
  try {
    let last = await program.run(feeds)
    const end = performance.now() + FORWARD_BUDGET
    do {
      signal.throwIfAborted()
      const start = performance.now()
      last = await program.run(feeds)
      times.push(performance.now() - start)
    } while (performance.now() < end && times.length < 50)
    return { forwardMs: times.sort((a, b) => a - b)[times.length >> 1]!, last }
  } finally {
    await program.release()
  }
}

/** The fastest batch size, and its time per icon and step. Larger ones are tried while they are faster. */
async function timeSteps(
  classifier: Classifier,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<{ readonly stepMs: number; readonly batch: number }> {
  const end = performance.now() + STEP_BUDGET
  let best: { readonly stepMs: number; readonly batch: number } | undefined
  for (const batch of BATCHES) {
    try {
      const stepMs = await timeStep(classifier, runtime, batch, signal)
      const isFaster = best === undefined || stepMs < MAX_RATIO * best.stepMs
      if (isFaster) best = { stepMs, batch }
      // Twice the batch takes twice as long: tried only within the budget.
      const next = 2 * batch * stepMs * (TIMED + 1)
      if (!isFaster || performance.now() + next > end) break
    } catch (error) {
      if (best === undefined || !isOutOfMemory(error)) throw error
      break
    }
  }
  return best!
}

/** Milliseconds of one icon's step in a batch: an inversion that is stopped after a few steps. */
async function timeStep(classifier: Classifier, runtime: Runtime, batch: number, signal: AbortSignal): Promise<number> {
  const layer = middle(classifier)
  const inverter = await Inverter.create(classifier, runtime, layer, { ...INVERSION, batch })
  try {
    const times = await stepTimes(inverter, directionsOf(layer, inverter.batch), TIMED + 1, { seed: 0, signal })
    return (times.at(-1)! - times[0]!) / (times.length - 1) / inverter.batch
  } finally {
    await inverter.release()
  }
}

/** A synthetic photograph with a non-repeating pattern. */
function photograph({ preprocessing }: Classifier): Record<string, Tensor> {
  const { height, width } = inputSize(preprocessing)
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * 7919 + (i >> 6) * 104_729) % 251)
  return { [BYTES]: { type: 'uint8', dims: [1, height, width, 3], data } }
}

/** Directions with several channels each. */
const directionsOf = ({ channels }: Layer, count: number): Float32Array =>
  Float32Array.from({ length: count * channels }, (_, i) => Math.max(0, Math.sin(i * 12.9898)))
