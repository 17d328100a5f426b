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

/** Numbers that every runtime must give alike. */
export interface Answers {
  /** Logits of a made-up photograph. */
  readonly forward: Record<string, Tensor>
  /** Objectives of a few steps of an inversion, and its pictures. */
  readonly inversion: Record<string, Tensor>
}

/** What is measured: icons of the middle layer, where most atlases are made. */
const INVERSION: Inversion = {
  ...PRESETS.notebook.inversion,
  objective: { kind: 'cosine', power: 1, whiten: false },
}
/** Few and small: rounding grows with every step. */
const CHECKED: Inversion = {
  ...PRESETS.notebook.inversion,
  objective: INVERSION.objective,
  size: 64,
  steps: 3,
  batch: 2,
}
/** Icons at a time, from few to as many as a large device fills itself with. */
const BATCHES = [4, 8, 16, 32, 64, 128]
/** A larger batch has to be so much faster: it takes memory, and icons come later. */
const WORTH = 0.95
/** Milliseconds for passes, and for steps: with the check, ten seconds in all. */
const FORWARD_BUDGET = 1_000
const STEP_BUDGET = 6_000
/** Steps that are timed, after one that prepares. */
const TIMED = 3

const middle = ({ layers }: Classifier): Layer => layers[Math.floor(layers.length / 2)]!

/** The numbers that a runtime is judged by. */
export async function answersOf(classifier: Classifier, runtime: Runtime, signal: AbortSignal): Promise<Answers> {
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
 * Measures one runtime with one model; whatever it throws is why it is refused.
 * @param right what the reference answered
 */
export async function measured(
  classifier: Classifier,
  found: Found,
  open: () => Promise<Runtime>,
  right: Answers,
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
    const own = await answersOf(classifier, runtime, signal)
    const error = difference(own.forward, right.forward)
    const drift = difference(own.inversion, right.inversion)
    measurement = { ...measurement, error: Number.isFinite(error) ? error : null }
    const refused = judged(error, drift)
    if (refused !== null) return { ...measurement, refused }
    const { forwardMs, last } = await timeForward(classifier, runtime, signal)
    // A runtime may tire: its last answer has to be right as its first was.
    const tired = judged(difference(last, right.forward), 0)
    if (tired !== null) return { ...measurement, refused: tired }
    const step = await timeSteps(classifier, runtime, signal)
    const memory = Math.max(0, process.memoryUsage.rss() - before)
    return { ...measurement, forwardMs, ...step, fallbacks: runtime.fallbacks ?? null, memory }
  } catch (thrown) {
    signal.throwIfAborted()
    return { ...measurement, refused: reason(thrown) }
  }
}

function judged(error: number, drift: number): string | null {
  if (!Number.isFinite(error) || !Number.isFinite(drift)) return 'it gives numbers that are not finite'
  if (error > TOLERANCE) return `its answers differ from the CPU's by ${(100 * error).toFixed(1)} %`
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
      const began = performance.now()
      last = await program.run(feeds)
      times.push(performance.now() - began)
    } while (performance.now() < end && times.length < 50)
    return { forwardMs: times.sort((a, b) => a - b)[times.length >> 1]!, last }
  } finally {
    await program.release()
  }
}

/** The fastest batch, and what an icon's step takes in it. Larger ones are tried while they are worth it. */
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
      const worth = best === undefined || stepMs < WORTH * best.stepMs
      if (worth) best = { stepMs, batch }
      // Twice the batch takes twice as long: tried only where there is time for it.
      const next = 2 * batch * stepMs * (TIMED + 1)
      if (!worth || performance.now() + next > end) break
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

/** A photograph with something in every place: a pattern that no two pixels of a row share. */
function photograph({ preprocessing }: Classifier): Record<string, Tensor> {
  const { height, width } = inputSize(preprocessing)
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * 7919 + (i >> 6) * 104_729) % 251)
  return { [BYTES]: { type: 'uint8', dims: [1, height, width, 3], data } }
}

/** Directions with several channels each. */
const directionsOf = ({ channels }: Layer, count: number): Float32Array =>
  Float32Array.from({ length: count * channels }, (_, i) => Math.max(0, Math.sin(i * 12.9898)))
