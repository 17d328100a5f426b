import { z } from 'zod'
import { call } from './call.ts'
import { ModelHash, ShownText, Time } from './values.ts'

/** What can run a network. `tensorflow` is whichever of its packages is installed; wasm, where none is. */
export const RuntimeName = z.enum(['cpu', 'cuda', 'webgpu', 'dml', 'coreml', 'tensorflow'])
export type RuntimeName = z.infer<typeof RuntimeName>

/** `auto`: whichever calibration found fastest of those with right numbers; the CPU before there was one. */
export const RuntimeChoice = z.enum(['auto', ...RuntimeName.options])
export type RuntimeChoice = z.infer<typeof RuntimeChoice>

/** A runtime on this machine, or what is missing for it. */
export const RuntimeFound = z
  .object({
    name: RuntimeName,
    /** For people: `TensorFlow (wasm)`. */
    title: ShownText,
    /** The library and its version; null where it isn't there. */
    library: ShownText.nullable(),
    device: ShownText.nullable(),
    /** Why it can't be used: one sentence; null: it can. */
    missing: ShownText.nullable(),
    /** How to get it: one sentence, with the command; null where there is nothing to get. */
    remedy: ShownText.nullable(),
    /** What to know before choosing it, such as the CUDA that it was built for. */
    note: ShownText.nullable(),
  })
  .readonly()
export type RuntimeFound = z.infer<typeof RuntimeFound>

/** What calibration found out about one runtime with one model. */
export const Measurement = z
  .object({
    name: RuntimeName,
    library: ShownText,
    device: ShownText,
    /** Milliseconds for one forward pass of one photograph; null where it could not be measured. */
    forwardMs: z.number().nonnegative().nullable(),
    /** Milliseconds for one step of the inversion of one icon, in a batch of the best size. */
    stepMs: z.number().nonnegative().nullable(),
    /** The best batch that was measured. */
    batch: z.int().positive().nullable(),
    /** By how much the process grew while it ran, in bytes: memory of the device counts only where it is the same. */
    memory: z.number().nonnegative().nullable(),
    /** Nodes of a step that the provider left to the CPU, of how many. */
    fallbacks: z
      .object({ nodes: z.int().min(0), of: z.int().min(0) })
      .readonly()
      .nullable(),
    /** Largest difference from the CPU's numbers, as a share of their largest. */
    error: z.number().nonnegative().nullable(),
    /** Why it was not chosen although it is there: `wrong numbers`, an exception; null: it could be. */
    refused: ShownText.nullable(),
  })
  .readonly()
export type Measurement = z.infer<typeof Measurement>

/** What was measured on this machine for one model, and is remembered. */
export const Calibration = z
  .object({ model: ModelHash, at: Time, winner: RuntimeName, measurements: z.array(Measurement).readonly() })
  .readonly()
export type Calibration = z.infer<typeof Calibration>

/** A runtime that failed; it is not used again until the engine is restarted. */
export const DisabledRuntime = z
  .object({
    runtime: RuntimeName,
    /** What happened: one sentence. */
    reason: ShownText,
    /** What goes on in its place. */
    next: RuntimeName,
    at: Time,
  })
  .readonly()
export type DisabledRuntime = z.infer<typeof DisabledRuntime>

/** What the Models page shows about runtimes. */
export const RuntimesState = z
  .object({
    runtimes: z.array(RuntimeFound).readonly(),
    /** What the user chose for this model. */
    choice: RuntimeChoice,
    /** What that comes to. */
    inUse: RuntimeName,
    /** Null before the first calibration. */
    calibration: Calibration.nullable(),
    disabled: z.array(DisabledRuntime).readonly(),
  })
  .readonly()
export type RuntimesState = z.infer<typeof RuntimesState>

const model = z.object({ model: ModelHash }).readonly()

/** Choices are the machine's, not the project's: a project that is carried elsewhere finds other devices. */
export const runtimeCalls = {
  'runtimes.list': call(model, RuntimesState),
  /** Measures every runtime that loads: about ten seconds each. Returns when it is finished. */
  'runtimes.calibrate': call(model, RuntimesState),
  /** @throws a sentence when the runtime isn't there */
  'runtimes.choose': call(z.object({ ...model.unwrap().shape, choice: RuntimeChoice }).readonly(), RuntimesState),
} as const
