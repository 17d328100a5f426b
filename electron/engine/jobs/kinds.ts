import type { z } from 'zod'
import { BuildJob, LayoutJob } from '../../contract/build.ts'
import { UserError } from '../../contract/errors.ts'
import { findLayer } from '../model/layers.ts'
import { loadClassifier } from '../model/load.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Json } from '../store/json.ts'
import type { Writable } from '../store/sql.ts'
import { ATLAS_BUILD, ATLAS_LAYOUT, buildAtlases, layOutAgain } from './atlas/build.ts'
import { buildScoped } from './classes/build.ts'
import { CLASS_ATLAS, COMPARISON, ScopedJob } from './classes/order.ts'
import type { JobContext } from './context.ts'
import { addData, DATA_ADD, DataJob } from './data/add.ts'
import { buildDemo, DEMO, DemoJob } from './demo.ts'
import { GridJob, IMAGE_GRID, makeGrid } from './image/grid.ts'
import { ExperimentJob, PATCH_EXPERIMENT, runExperiment } from './patch/experiment.ts'
import { GenerateJob, generatePatch, PATCH_GENERATE } from './patch/generate.ts'
import { PATCH_SUGGEST, runSuggestion, SuggestJob } from './patch/suggest.ts'
import { PATCH_SWEEP, runSweep, SweepJob } from './patch/sweep.ts'
import type { Line } from './queue.ts'
import { openSamplesOf } from './samples/import.ts'
import { ImportJob, importStage, SAMPLES_IMPORT } from './samples/job.ts'

/** A job that can be run from what the project remembers of it. */
type Body = (db: Writable, job: JobContext, runtime: Runtime) => Promise<unknown>

const kind = <S extends z.ZodType>(
  schema: S,
  body: (params: z.output<S>, db: Writable, job: JobContext, runtime: Runtime) => Promise<unknown>,
) => ({
  from: (params: Json): Body | undefined => {
    const parsed = schema.safeParse(params)
    return parsed.success ? (db, job, runtime) => body(parsed.data, db, job, runtime) : undefined
  },
})

const scoped = kind(ScopedJob, async (order, db, job, runtime) =>
  buildScoped(db, order, { classifier: await loadClassifier(order.model), runtime }, job),
)

/** Every kind of job that a project may hold, and how it is run again. */
const KINDS = new Map([
  [
    ATLAS_BUILD,
    kind(BuildJob, async ({ model, folders, name, params }, db, job, runtime) => {
      const classifier = await loadClassifier(model)
      const layers = params.layers.map(name => findLayer(classifier, name))
      return buildAtlases(db, folders, { classifier, runtime, layers, params, layoutName: name }, job)
    }),
  ],
  [
    ATLAS_LAYOUT,
    kind(LayoutJob, async ({ model, samples, name, params }, db, job, runtime) => {
      const classifier = await loadClassifier(model)
      const layers = params.layers.map(layer => findLayer(classifier, layer))
      return layOutAgain(db, samples, { classifier, runtime, layers, params, layoutName: name }, job)
    }),
  ],
  [
    SAMPLES_IMPORT,
    kind(ImportJob, async ({ model, file, photographs }, db, job) => {
      const classifier = await loadClassifier(model)
      const samples = await openSamplesOf(file, classifier)
      try {
        return await importStage(db, samples, classifier, job, photographs)
      } finally {
        await samples.close()
      }
    }),
  ],
  [CLASS_ATLAS, scoped],
  [COMPARISON, scoped],
  [
    PATCH_EXPERIMENT,
    kind(ExperimentJob, ({ experiment }, db, job, runtime) => runExperiment(db, experiment, runtime, job)),
  ],
  [PATCH_SUGGEST, kind(SuggestJob, ({ suggestion }, db, job, runtime) => runSuggestion(db, suggestion, runtime, job))],
  [PATCH_GENERATE, kind(GenerateJob, ({ order }, db, job, runtime) => generatePatch(db, order, runtime, job))],
  [PATCH_SWEEP, kind(SweepJob, ({ sweep }, db, job, runtime) => runSweep(db, sweep, runtime, job))],
  [DATA_ADD, kind(DataJob, ({ folders }, db, job) => addData(db, folders, job))],
  [IMAGE_GRID, kind(GridJob, (order, db, job, runtime) => makeGrid(db, order, job, runtime))],
  [
    DEMO,
    kind(DemoJob, async (order, db, job, runtime) =>
      buildDemo(db, order, await loadClassifier(order.model), runtime, job),
    ),
  ],
])

/** What takes seconds, and is waited for before the window: it does not stand behind an atlas of hours. */
const GLANCES: ReadonlySet<string> = new Set([IMAGE_GRID, PATCH_SWEEP, PATCH_GENERATE])

/** The line in which jobs of a kind wait. */
export const lineOf = (name: string): Line => (GLANCES.has(name) ? 'glance' : 'work')

/**
 * What runs a job again.
 * @throws UserError when this Portolan does not know its kind, or reads its parameters otherwise
 */
export function bodyOf(
  db: Writable,
  name: string,
  params: Json,
): (job: JobContext, runtime: Runtime) => Promise<unknown> {
  const known = KINDS.get(name)
  const body = known?.from(params)
  if (body) return (job, runtime) => body(db, job, runtime)
  throw new UserError(
    known
      ? `cannot resume "${name}" in ${db.file}: its parameters are of another version; give its command again`
      : `cannot resume "${name}" in ${db.file}: this Portolan does not know that kind of job; give its command again`,
  )
}
