import { z } from 'zod'
import { openProject, unlockProject } from '../../store/open.ts'
import { currentWriter } from '../../store/writer.ts'
import type { AddCommand } from '../command.ts'

const Given = z.object({ project: z.string() })

/** `portolan project unlock PROJECT` */
export const addProjectUnlock: AddCommand = (parent, run) =>
  parent
    .command('unlock')
    .summary('take a project from a machine that is gone')
    .description(
      'Ends the hold of whoever writes to the project. On this machine a hold ends by itself with its process; ' +
        'this is for one on another machine that is gone for good. If it is not, its next step is refused, and nothing is lost.',
    )
    .argument('<project>', 'project file')
    .action(
      run(Given, async ({ project }) => {
        const writer = holder(project)
        unlockProject(project)
        return {
          json: { project, held: writer ? { ...writer } : null },
          text: () =>
            writer
              ? `${project} is free: it was held by ${writer.command} (process ${writer.pid} on ${writer.host})`
              : `${project} was free already`,
        }
      }),
    )

const holder = (file: string) => {
  using db = openProject(file, { mode: 'read' })
  return currentWriter(db)
}
