import { z } from 'zod'
import { openProject, unlockProject } from '../../store/open.ts'
import { currentWriter } from '../../store/writer.ts'
import type { DefineCommand } from '../command.ts'

const Given = z.object({ project: z.string() })

/** `portolan project unlock PROJECT` */
export const defineProjectUnlock: DefineCommand = (command, run) =>
  command
    .description(
      'Removes the lock of the process that writes to the project. A lock of this machine ends with its process; unlock ' +
        'a project after a crash of another machine. If that process still runs, its next write is refused and no data is lost.',
    )
    .argument('<project>', 'project file')
    .action(
      run(Given, async ({ project }) => {
        const writer = writerOf(project)
        unlockProject(project)
        return {
          json: { project, held: writer ? { ...writer } : null },
          text: () =>
            writer
              ? `${project} is unlocked: it was locked by ${writer.command} (process ${writer.pid} on ${writer.host})`
              : `${project} was not locked`,
        }
      }),
    )

const writerOf = (file: string) => {
  using db = openProject(file, { mode: 'read' })
  return currentWriter(db)
}
