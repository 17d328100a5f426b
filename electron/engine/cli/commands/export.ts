import { z } from 'zod'
import { programName } from '../../files/version.ts'
import { exportParquet, parquetFile, parquetTables } from '../../parquet/export.ts'
import { photographFolders, requireOutputs } from '../../photographs/outputs.ts'
import { listModels } from '../../store/models.ts'
import { openProject } from '../../store/open.ts'
import type { DefineCommand } from '../command.ts'
import { asJson } from '../json.ts'
import { flag } from '../options.ts'
import { grouped, megabytes, table } from '../text.ts'

const Given = z.object({
  project: z.string(),
  parquet: z.string(),
  activations: flag,
  attributions: flag,
  icons: flag,
})

/** `portolan export PROJECT --parquet DIR` */
export const defineExport: DefineCommand = (command, run) =>
  command
    .description(
      'Writes the tables of a project as Parquet files for pandas, DuckDB and others: samples, positions, cells, icons, ' +
        'trials. It contains names of photographs and no photographs.',
    )
    .argument('<project>', 'project file')
    .requiredOption('--parquet <folder>', 'folder to write, one file a table')
    .option('--activations', 'include the activations of all samples, one file a layer')
    .option('--attributions', 'include the attributions that the project stores, one file a layer')
    .option('--icons', 'include the pictures of icons, as WebP')
    .action(
      run(Given, async ({ project, parquet, activations, attributions, icons }, { signal, report }) => {
        using db = openProject(project, { mode: 'read' })
        const tables = parquetTables(db, { activations, attributions, pictures: icons })
        await requireOutputs(
          Object.keys(tables).map(name => parquetFile(parquet, name)),
          { project, models: listModels(db).map(({ file }) => file), folders: photographFolders(db) },
        )
        const createdBy = programName()
        const written = await exportParquet(parquet, tables, { signal, report, createdBy })
        return {
          json: asJson({ folder: parquet, tables: written.map(each => ({ ...each })) }),
          text: () =>
            table(
              [
                ['table', 'rows', 'size'],
                ...written.map(({ table: name, rows, bytes }) => [name, grouped(rows), megabytes(bytes)]),
              ],
              [1, 2],
            ),
        }
      }),
    )
