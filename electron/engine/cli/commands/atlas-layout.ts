import { z } from 'zod'
import type { LayoutJob } from '../../../contract/build.ts'
import { UserError } from '../../../contract/errors.ts'
import { ATLAS_LAYOUT, layOutAgain } from '../../atlas/build.ts'
import { runJob } from '../../jobs/run.ts'
import { withJobLog } from '../../jobs/runtime-log.ts'
import { classifierOfSet } from '../../registry/open.ts'
import { openProject } from '../../store/open.ts'
import { listSampleSets, type SampleSet } from '../../store/samples.ts'
import type { Readable } from '../../store/sql.ts'
import { atlasOptions, chosenParams, layoutOptions, withAtlasOptions, withLayoutOptions } from '../atlas-params.ts'
import { builtOutcome } from '../built.ts'
import type { DefineCommand } from '../command.ts'
import { onRuntime, withProjectClassifier, withThreads } from '../inference.ts'
import { wholeNumber } from '../options.ts'

const Given = z.object({
  project: z.string(),
  name: z.string().min(1, 'takes a name').optional(),
  model: z.string().optional(),
  set: wholeNumber(1).optional(),
  ...onRuntime,
  ...atlasOptions,
  ...layoutOptions,
})

/** `portolan atlas layout PROJECT` */
export const defineAtlasLayout: DefineCommand = (command, run) =>
  withThreads(withLayoutOptions(withAtlasOptions(command)))
    .description(
      'Builds further atlases of the samples of a project, imported ones included: another layout, other grids or icons. ' +
        'Photographs are not required, and existing atlases are kept.',
    )
    .argument('<project>', 'project file')
    .option('--name <name>', 'name of the layout (its parameters by default)')
    .option('--model <file>', 'new path of the model, if it was moved')
    .option('--set <n>', 'number of the sample set, if the project has several (listed by portolan project info)')
    .action(
      run(Given, async (given, session) => {
        using project = openProject(given.project, { mode: 'write', who: { command: 'portolan atlas layout' } })
        const set = chosen(project, given.set)
        const key = classifierOfSet(project, set)
        // Awaited here: the project is open until then.
        return await withProjectClassifier(project, key, given, session, async (classifier, runtime) => {
          const { layers, params } = chosenParams(classifier, given, set.perImage)
          const named = given.name === undefined ? {} : { name: given.name }
          const order: LayoutJob = { model: classifier.file, classifier: key, samples: set.key, ...named, params }
          const job = await runJob(
            project,
            ATLAS_LAYOUT,
            order,
            context =>
              layOutAgain(
                project,
                set.key,
                { classifier, runtime: withJobLog(runtime, context), layers, params, layoutName: given.name },
                context,
              ),
            session,
          )
          const result = {
            photographs: set.n / set.perImage,
            unreadable: [],
            missing: [],
            samples: set.n,
            atlases: job.result,
          }
          return builtOutcome(given.project, { ...job, result })
        })
      }),
    )

function chosen(db: Readable, id: number | undefined): SampleSet {
  const finished = listSampleSets(db).filter(set => set.finished !== null)
  const found = id === undefined ? finished : finished.filter(set => set.id === id)
  if (found.length === 1) return found[0]!
  const all = finished.map(set => `${set.id} (${set.n} samples)`).join(', ')
  throw new UserError(
    finished.length === 0
      ? `${db.file} has no finished samples; add some with portolan atlas build or portolan samples import`
      : `${db.file} has several sample sets: choose one with --set: ${all}`,
    { exitCode: finished.length === 0 ? 1 : 2 },
  )
}
