import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { photographFolders, requireOutputs } from '../../photographs/outputs.ts'
import { exportSamples } from '../../samples-file/export.ts'
import { listModels } from '../../store/models.ts'
import { openProject } from '../../store/open.ts'
import { listSampleSets, type SampleSet } from '../../store/samples.ts'
import type { Readable } from '../../store/sql.ts'
import type { DefineCommand } from '../command.ts'
import { asJson } from '../json.ts'
import { flag, wholeNumber } from '../options.ts'
import { grouped, megabytes, table } from '../text.ts'

const Given = z.object({ project: z.string(), out: z.string(), set: wholeNumber(1).optional(), names: flag })

/** `portolan samples export PROJECT --out FILE` */
export const defineSamplesExport: DefineCommand = (command, run) =>
  command
    .description(
      'Writes activations (8 bits) and the 20 strongest attributions of each sign, at all layers, to one file. ' +
        'It contains no photographs, and their names only with --names.',
    )
    .argument('<project>', 'project file')
    .requiredOption('--out <file>', 'samples file to write')
    .option('--set <n>', 'number of the sample set, if the project has several (listed by portolan project info)')
    .option('--names', 'include names and hashes of the photographs, to find them again on import')
    .action(
      run(Given, async ({ project, out, set: wanted, names }, { signal, report }) => {
        using db = openProject(project, { mode: 'read' })
        const models = listModels(db).map(({ file }) => file)
        await requireOutputs([out], { project, models, folders: photographFolders(db) })
        const set = chosen(db, wanted)
        const { bytes, contents } = await exportSamples(db, set, out, { signal, report }, { names })
        const { samples, photographs, layers } = contents
        return {
          json: asJson({ file: out, bytes, samples, photographs, layers }),
          text: () =>
            [
              `${grouped(samples)} samples of ${grouped(photographs)} photographs in ${out}, ${megabytes(bytes)}`,
              table(
                [
                  ['layer', 'channels', 'loss (relative RMS)', 'mean cosine', 'min. cosine', 'attribution kept'],
                  ...layers.map(({ name, channels, loss, attribution }) => [
                    name,
                    String(channels),
                    loss.relativeRms.toFixed(4),
                    loss.meanCosine.toFixed(5),
                    loss.minCosine.toFixed(5),
                    attribution?.share == null ? '' : `${(100 * attribution.share).toFixed(1)} %`,
                  ]),
                ],
                [1, 2, 3, 4, 5],
              ),
            ].join('\n'),
        }
      }),
    )

function chosen(db: Readable, id: number | undefined): SampleSet {
  const sets = listSampleSets(db)
  const found = id === undefined ? sets : sets.filter(set => set.id === id)
  if (found.length === 1) return found[0]!
  const all = sets.map(set => `${set.id} (${grouped(set.n)} samples)`).join(', ')
  if (sets.length === 0)
    throw new UserError(`${db.file} has no samples: build an atlas first with portolan atlas build`)
  throw new UserError(
    id === undefined
      ? `${db.file} has several sample sets: choose one with --set: ${all}`
      : `${db.file} has no sample set ${id}: it has ${all}`,
    { exitCode: 2 },
  )
}
