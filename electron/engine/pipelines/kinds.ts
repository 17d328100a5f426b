import type { z } from 'zod'
import { BuildJob, LayoutJob } from '../../contract/build.ts'
import { UserError } from '../../contract/errors.ts'
import type { EventOf } from '../../contract/events.ts'
import { StabilityJob } from '../../contract/stability.ts'
import { ATLAS_BUILD, ATLAS_LAYOUT, buildAtlases, layOutAgain } from '../atlas/build.ts'
import { ATLAS_STABILITY, measureStability } from '../atlas/stability.ts'
import { IMAGENET } from '../claims/protocol.ts'
import { CLAIMS, ClaimsJob, runClaims } from '../claims/run.ts'
import { buildClassAtlas } from '../class-atlas/build.ts'
import { CLASS_ATLAS, ClassAtlasJob, COMPARISON, planKey } from '../class-atlas/order.ts'
import { buildDemo, DEMO, DemoJob } from '../demo/build.ts'
import { EvaluateJob, evaluateModel, MODEL_EVALUATE } from '../evaluation/accuracy.ts'
import { GridJob, IMAGE_GRID, makeGrid } from '../image/grid.ts'
import type { Inference } from '../inference/inference.ts'
import type { JobContext } from '../jobs/context.ts'
import type { Line } from '../jobs/queue.ts'
import type { Classifier } from '../model/classifier.ts'
import { findLayer } from '../model/layers.ts'
import { loadClassifier } from '../model/load.ts'
import { ExperimentJob, PATCH_EXPERIMENT, runExperiment } from '../patch/experiment/run.ts'
import { GenerateJob, generatePatch, PATCH_GENERATE } from '../patch/generate.ts'
import { PATCH_SUGGEST, runSuggestion, SuggestJob } from '../patch/suggest/suggest.ts'
import { PATCH_SWEEP, runSweep, SweepJob } from '../patch/sweep/run.ts'
import { addData, DATA_ADD, DataJob } from '../photographs/add.ts'
import { classifierNamed, openClassifier } from '../registry/open.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { openSamplesOf } from '../samples-file/import.ts'
import { ImportJob, importStage, SAMPLES_IMPORT } from '../samples-file/job.ts'
import { experimentModels } from '../store/experiments.ts'
import type { Json } from '../store/json.ts'
import type { Readable, Writable } from '../store/sql.ts'
import { findSweep } from '../store/sweeps.ts'
import type { Workers } from '../units/workers.ts'

/** What is called while a job runs. */
export interface JobHooks {
  /** A layout of a class atlas or a comparison was stored, the first or the refined one. @param plan the key of its plan */
  readonly onLayout?: (plan: string) => void
}

/** What a job is run with, as far as it asks for it. */
interface Given extends JobHooks {
  /** Who samples photographs, makes icons and trials; this process by default. */
  readonly workers?: Workers | undefined
}

/** A job that can be run from its stored parameters. */
type Body = (db: Writable, job: JobContext, runtime: Runtime, given: Given) => Promise<unknown>

/** The classifier of a job: by its key in the project, or by its file if an earlier version started the job. */
type Runs = { readonly classifier: string } | { readonly model: string } | undefined

/**
 * @param runs the classifier of the job; of several the first
 */
const kind = <S extends z.ZodType>(
  schema: S,
  runs: (params: z.output<S>, db: Readable) => Runs,
  body: (params: z.output<S>, ...context: Parameters<Body>) => Promise<unknown>,
) => ({
  from: (params: Json): Body | undefined => {
    const parsed = schema.safeParse(params)
    return parsed.success ? (...context) => body(parsed.data, ...context) : undefined
  },
  runs: (params: Json, db: Readable): Runs => {
    const parsed = schema.safeParse(params)
    return parsed.success ? runs(parsed.data, db) : undefined
  },
})

/** The classifier in a job's parameters. */
const named = ({ classifier, model }: { classifier?: string | undefined; model: string }): Runs =>
  classifier === undefined ? { model } : { classifier }
const opened = (db: Readable, params: { classifier?: string | undefined; model: string }): Promise<Classifier> =>
  params.classifier === undefined ? loadClassifier(params.model) : openClassifier(db, params.classifier)

const ofExperiment = (id: number, db: Readable): Runs => {
  const key = experimentModels(db, id)[0]?.classifier
  return key == null ? undefined : { classifier: key }
}

const classAtlas = kind(ClassAtlasJob, named, async (order, db, job, runtime, { onLayout }) =>
  buildClassAtlas(
    db,
    order,
    { classifier: await opened(db, order), runtime, changed: () => onLayout?.(planKey(order)) },
    job,
  ),
)

/** Every kind of job of a project, and how it is run again. */
const KINDS = new Map([
  [
    ATLAS_BUILD,
    kind(BuildJob, named, async ({ folders, name, params, ...order }, db, job, runtime, { workers }) => {
      const classifier = await opened(db, order)
      const layers = params.layers.map(name => findLayer(classifier, name))
      const entered = order.classifier !== undefined
      return buildAtlases(db, folders, { classifier, entered, runtime, workers, layers, params, layoutName: name }, job)
    }),
  ],
  [
    ATLAS_LAYOUT,
    kind(LayoutJob, named, async ({ samples, name, params, ...order }, db, job, runtime, { workers }) => {
      const classifier = await opened(db, order)
      const layers = params.layers.map(layer => findLayer(classifier, layer))
      return layOutAgain(db, samples, { classifier, runtime, workers, layers, params, layoutName: name }, job)
    }),
  ],
  [
    ATLAS_STABILITY,
    kind(
      StabilityJob,
      () => undefined,
      (order, db, job) => measureStability(db, order, job),
    ),
  ],
  [
    SAMPLES_IMPORT,
    kind(ImportJob, named, async ({ model, file, photographs }, db, job) => {
      const classifier = await loadClassifier(model)
      const samples = await openSamplesOf(file, classifier)
      try {
        return await importStage(db, samples, classifier, job, photographs)
      } finally {
        await samples.close()
      }
    }),
  ],
  [
    CLAIMS,
    kind(ClaimsJob, named, async (order, db, job, runtime) =>
      runClaims(db, order, IMAGENET, { classifier: await opened(db, order), runtime }, job),
    ),
  ],
  [CLASS_ATLAS, classAtlas],
  [COMPARISON, classAtlas],
  [
    PATCH_EXPERIMENT,
    kind(
      ExperimentJob,
      ({ experiment }, db) => ofExperiment(experiment, db),
      ({ experiment }, db, job, runtime, { workers }) => runExperiment(db, experiment, runtime, job, workers),
    ),
  ],
  [
    PATCH_SUGGEST,
    kind(
      SuggestJob,
      ({ suggestion }, db) => ofExperiment(suggestion, db),
      ({ suggestion }, db, job, runtime) => runSuggestion(db, suggestion, runtime, job),
    ),
  ],
  [
    PATCH_GENERATE,
    kind(
      GenerateJob,
      ({ classifier, order }, db) => ({ classifier: classifier ?? classifierNamed(db, order.model) }),
      (params, db, job, runtime) => generatePatch(db, params, runtime, job),
    ),
  ],
  [
    PATCH_SWEEP,
    kind(
      SweepJob,
      ({ sweep }, db) => {
        const key = findSweep(db, sweep)?.classifier
        return key == null ? undefined : { classifier: key }
      },
      ({ sweep }, db, job, runtime) => runSweep(db, sweep, runtime, job),
    ),
  ],
  [
    DATA_ADD,
    kind(
      DataJob,
      () => undefined,
      ({ folders }, db, job) => addData(db, folders, job),
    ),
  ],
  [
    IMAGE_GRID,
    kind(GridJob, named, async (order, db, job, runtime) => makeGrid(db, order, await opened(db, order), job, runtime)),
  ],
  [
    MODEL_EVALUATE,
    kind(
      EvaluateJob,
      params => params,
      async ({ classifier }, db, job, runtime) =>
        evaluateModel(db, { classifier: await openClassifier(db, classifier), runtime }, job),
    ),
  ],
  [
    DEMO,
    kind(
      DemoJob,
      ({ model }) => ({ model }),
      async (order, db, job, runtime) => buildDemo(db, order, await loadClassifier(order.model), runtime, job),
    ),
  ],
])

/** Short interactive jobs, which do not wait for an atlas of hours. */
const INTERACTIVE: ReadonlySet<string> = new Set([IMAGE_GRID, PATCH_SWEEP, PATCH_GENERATE])

/** Jobs of the patch lab, whose results windows show while they grow. */
const GROWING: ReadonlySet<string> = new Set([PATCH_EXPERIMENT, PATCH_SUGGEST, PATCH_SWEEP, PATCH_GENERATE])

/** The parts of a project that a running job of a kind adds to, step by step. */
export const growingParts = (name: string): EventOf<'project.changed'>['what'] =>
  GROWING.has(name) ? ['patches', 'experiments'] : []

/** Jobs whose work is divided into units, so that workers of a queue take part. */
const DIVIDED: ReadonlySet<string> = new Set([ATLAS_BUILD, ATLAS_LAYOUT, PATCH_EXPERIMENT])
export const isDivided = (name: string): boolean => DIVIDED.has(name)

/** The queue of jobs of a kind. */
export const lineOf = (name: string): Line =>
  INTERACTIVE.has(name) ? 'interactive' : name === DEMO ? 'background' : 'work'

/**
 * The classifier of a stored job; undefined without one.
 * @throws UserError when the model is missing or has changed
 */
export async function classifierOfJob(db: Readable, name: string, params: Json): Promise<Classifier | undefined> {
  const runs = KINDS.get(name)?.runs(params, db)
  if (runs === undefined) return undefined
  return 'classifier' in runs ? openClassifier(db, runs.classifier) : loadClassifier(runs.model)
}

/**
 * The body of a stored job.
 * @throws UserError when this version does not support its kind or parameters
 */
export function bodyOf(
  db: Writable,
  name: string,
  params: Json,
  hooks: JobHooks = {},
): (job: JobContext, runtime: Runtime, workers?: Workers) => Promise<unknown> {
  const kind = KINDS.get(name)
  const body = kind?.from(params)
  if (body) return (job, runtime, workers) => body(db, job, runtime, { ...hooks, workers })
  throw new UserError(
    kind
      ? `cannot resume "${name}" in ${db.file}: it was saved by another version of Portolan; start it again`
      : `cannot resume "${name}" in ${db.file}: this version of Portolan has no such kind of job; start it again with the version that saved it`,
  )
}

/**
 * The runtime of a job: that of its classifier, or the CPU if it has none or its model is missing. Events of the runtime
 * are written to the job's log.
 * @param note receives them as well
 */
export async function runtimeOf(
  db: Readable,
  inference: Inference,
  { kind, params }: { readonly kind: string; readonly params: Json },
  { signal, report, log }: Pick<JobContext, 'signal' | 'report' | 'log'>,
  note: (text: string) => void = () => {},
): Promise<Runtime> {
  const both = (text: string): void => {
    log('warning', text)
    note(text)
  }
  const waiting = { signal, report, note: both }
  // Finished stages need no model; others open it themselves and report the error.
  const classifier = await classifierOfJob(db, kind, params).catch(error => {
    if (error instanceof UserError) return undefined
    throw error
  })
  return classifier === undefined ? inference.reference(waiting) : inference.runtimeFor(classifier, waiting)
}
