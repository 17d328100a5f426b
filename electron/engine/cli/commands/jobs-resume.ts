import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { jobToResume } from '../../jobs/list.ts'
import { runJob } from '../../jobs/run.ts'
import { foldersOfJob, rememberFolders, unnamedFolders } from '../../photographs/named.ts'
import { bodyOf, runtimeOf } from '../../pipelines/kinds.ts'
import { modelFoundAt } from '../../registry/open.ts'
import { openProject } from '../../store/open.ts'
import type { DefineCommand } from '../command.ts'
import { onRuntime, withInference, withThreads } from '../inference.ts'
import { missedSentence } from '../missed.ts'
import { wholeNumber } from '../options.ts'
import { duration, table } from '../text.ts'
import { queueOpener, queueOption, withWorkers } from '../workers.ts'

/** The photographs that a job of any kind could not read. */
const Result = z.object({ unreadable: z.array(z.object({ file: z.string(), reason: z.string() })) })
const unreadableOf = (result: unknown) => Result.safeParse(result).data?.unreadable ?? []

const Given = z.object({
  project: z.string(),
  job: wholeNumber(1).optional(),
  model: z.string().optional(),
  images: z.array(z.string()).optional(),
  queue: z.string().optional(),
  ...onRuntime,
})

/** `portolan jobs resume PROJECT [--job N]` */
export const defineJobsResume: DefineCommand = (command, run) =>
  withThreads(command)
    .description(
      'Continues a job that did not finish, the latest by default; results that are already stored are reused. ' +
        'The project stores the folders of photographs of its jobs. Folders that you have not opened on this machine ' +
        'before (with --images of any command, or in the window) are read only when you pass them to --images here.',
    )
    .argument('<project>', 'project file')
    .option('--job <n>', 'number of the job (default: the latest that did not finish)')
    .option('--model <file>', 'new path of the model, if it was moved')
    .addOption(queueOption('have the workers of a queue take part, where the job can be divided'))
    .option('--images <folder...>', 'folders that the job may read, if the project comes from someone else')
    .action(
      run(Given, async ({ project, job: id, model, images = [], queue, ...on }, session) => {
        using db = openProject(project, { mode: 'write', who: { command: 'portolan jobs resume' } })
        const { id: before, kind, params } = jobToResume(db, id)
        if (model !== undefined) await modelFoundAt(db, model)
        const body = bodyOf(db, kind, params)
        const folders = foldersOfJob(db, params)
        const unnamed = unnamedFolders(folders, images)
        if (unnamed.length > 0)
          throw new UserError(
            `job ${before} of ${project} reads photographs from ${unnamed.join(', ')}, which you have not opened on this machine; to allow it, add --images ${unnamed.map(path => JSON.stringify(path)).join(' ')}`,
          )
        if (images.length > 0 && folders.length > 0) session.note(`reads photographs from ${folders.join(', ')}`)
        rememberFolders(images)
        // Awaited here: the project is open until then.
        return await withInference(on, async inference => {
          const { job, stages, seconds, result } = await runJob(
            db,
            kind,
            params,
            async context => {
              const runtime = await runtimeOf(db, inference, { kind, params }, context, session.note)
              return withWorkers(queueOpener(queue, session), context, workers => body(context, runtime, workers))
            },
            session,
          )
          return {
            json: { resumed: before, job, kind, seconds, stages: stages.map(stage => ({ ...stage })) },
            text: () =>
              [
                `${kind} of job ${before} resumed as job ${job}, in ${duration(1000 * seconds)}`,
                table(
                  stages.map(({ name, outcome, seconds }) => [`  ${name}`, outcome, duration(1000 * seconds)]),
                  [2],
                ),
              ].join('\n'),
            incomplete: missedSentence(unreadableOf(result)),
          }
        })
      }),
    )
