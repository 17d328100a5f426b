import { z } from 'zod'
import { checkProject } from '../../store/check.ts'
import type { AddCommand } from '../command.ts'

const Given = z.object({ project: z.string() })

/** `portolan project check PROJECT` */
export const addProjectCheck: AddCommand = (parent, run) =>
  parent
    .command('check')
    .summary('read a whole project for damage')
    .description('Reads the whole file: its structure, references between its rows, and what its counts promise.')
    .argument('<project>', 'project file')
    .action(
      run(Given, async ({ project }) => {
        const { file, faults } = checkProject(project)
        return {
          json: { file, whole: faults.length === 0, faults },
          text: () => (faults.length === 0 ? `${file} is whole` : faults.join('\n')),
          incomplete:
            faults.length === 0
              ? undefined
              : `${file} has ${faults.length} faults: take a copy from before, or build it again`,
        }
      }),
    )
