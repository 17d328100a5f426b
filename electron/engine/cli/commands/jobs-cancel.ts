import { z } from 'zod'
import { requestCancel } from '../../jobs/cancel.ts'
import type { AddCommand } from '../command.ts'
import { wholeNumber } from '../options.ts'

const Given = z.object({ project: z.string(), job: wholeNumber(1).optional() })

/** `portolan jobs cancel PROJECT [--job N]` */
export const addJobsCancel: AddCommand = (parent, run) =>
  parent
    .command('cancel')
    .summary('end what another process does')
    .description(
      'Asks the process that writes to the project to end its jobs. It does so between two batches; what is done stays.',
    )
    .argument('<project>', 'project file')
    .option('--job <n>', 'this job alone')
    .action(
      run(Given, async ({ project, job }) => {
        const { writer, jobs } = requestCancel(project, job)
        return {
          json: { writer: { ...writer }, jobs: jobs.map(({ id, kind, state }) => ({ id, kind, state })) },
          text: () =>
            `asked ${writer.command} (process ${writer.pid} on ${writer.host}) to end ${jobs.map(({ id, kind }) => `job ${id}, ${kind}`).join('; ')}`,
        }
      }),
    )
