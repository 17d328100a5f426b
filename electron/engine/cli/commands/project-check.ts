import { z } from 'zod'
import type { Report } from '../../../contract/progress.ts'
import { checkPictures } from '../../photographs/check-pictures.ts'
import { checkProject } from '../../store/check.ts'
import { openForCheck } from '../../store/open.ts'
import { countReplaced } from '../../store/photographs.ts'
import type { DefineCommand } from '../command.ts'
import { grouped } from '../text.ts'

const Given = z.object({ project: z.string() })

/** `portolan project check PROJECT` */
export const defineProjectCheck: DefineCommand = (command, run) =>
  command
    .description(
      'Reads the complete file and checks its structure, references between rows, counts, the checksum and allowed values ' +
        'of every row, and decodes every icon and patch. Photographs and models are not part of a project and are not checked.',
    )
    .argument('<project>', 'project file')
    .action(
      run(Given, async ({ project }, { report, signal }) => {
        const checked = checkProject(project)
        const { file, rows, adopted } = checked
        const pictures = checked.faults.length > 0 ? undefined : await picturesOf(file, report, signal)
        const faults = [...checked.faults, ...(pictures?.faults ?? [])]
        const unknown =
          adopted === 0
            ? undefined
            : `not verified: ${grouped(adopted)} of these rows were written without a checksum, which a later update computed`
        return {
          json: {
            file,
            whole: faults.length === 0,
            faults,
            rows,
            adopted,
            pictures: pictures?.pictures ?? null,
            replaced: pictures?.replaced ?? null,
          },
          text: () =>
            faults.length > 0
              ? faults.join('\n')
              : [
                  `${file} is undamaged: ${grouped(rows)} rows match their checksums, ${grouped(pictures?.pictures ?? 0)} icons and patches can be decoded`,
                  ...(unknown === undefined ? [] : [unknown]),
                  ...(pictures === undefined || pictures.replaced === 0 ? [] : [replacedText(pictures.replaced)]),
                ].join('\n'),
          incomplete:
            faults.length === 0
              ? undefined
              : `${file} has ${faults.length === 1 ? '1 fault' : `${faults.length} faults`}${pictures === undefined ? ' (its pictures were not checked)' : ''}: restore a backup, or build it again`,
        }
      }),
    )

const picturesOf = async (file: string, report: Report, signal: AbortSignal) => {
  using db = openForCheck(file)
  const progress = (done: number, total: number) => report({ stage: 'pictures', done, total, unit: 'pictures' })
  return { ...(await checkPictures(db, progress, signal)), replaced: countReplaced(db) }
}

const replacedText = (replaced: number): string =>
  `${grouped(replaced)} ${replaced === 1 ? 'photograph was' : 'photographs were'} replaced by other files after being added: samples and trials of ${replaced === 1 ? 'it' : 'them'} are kept, results of experiments leave ${replaced === 1 ? 'it' : 'them'} out; restore the files to use them again`
