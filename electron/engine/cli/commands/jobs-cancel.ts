import { z } from 'zod'
import { requestCancel } from '../../jobs/cancel.ts'
import type { DefineCommand } from '../command.ts'
import { wholeNumber } from '../options.ts'

const Given = z.object({ project: z.string(), job: wholeNumber(1).optional() })

/** `portolan jobs cancel PROJECT [--job N]` */
export const defineJobsCancel: DefineCommand = (command, run) =>
  command
    .description(
      'Requests the process that writes to the project to cancel its jobs. They stop after the current batch; finished work is kept.',
    )
    .argument('<project>', 'project file')
    .option('--job <n>', 'cancel only this job')
    .action(
      run(Given, async ({ project, job }) => {
        const { writer, jobs } = requestCancel(project, job)
        return {
          json: { writer: { ...writer }, jobs: jobs.map(({ id, kind, state }) => ({ id, kind, state })) },
          text: () =>
            `requested ${writer.command} (process ${writer.pid} on ${writer.host}) to cancel ${jobs.map(({ id, kind }) => `job ${id}, ${kind}`).join('; ')}`,
        }
      }),
    )
