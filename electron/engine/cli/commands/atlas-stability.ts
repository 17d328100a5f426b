import { z } from 'zod'
import { MAX_STABILITY_SEEDS, type StabilityJob, stabilityNote, stabilityText } from '../../../contract/stability.ts'
import { ATLAS_STABILITY, measureStability, repeatable } from '../../atlas/stability.ts'
import { runJob } from '../../jobs/run.ts'
import { layoutWithId } from '../../store/layouts.ts'
import { openProject } from '../../store/open.ts'
import { chosenAtlas } from '../chosen-atlas.ts'
import type { DefineCommand } from '../command.ts'
import { asJson } from '../json.ts'
import { wholeNumber } from '../options.ts'
import { grouped, table } from '../text.ts'

const Given = z.object({
  project: z.string(),
  layer: z.string(),
  atlas: z.string().optional(),
  seeds: wholeNumber(2, MAX_STABILITY_SEEDS),
})

/** `portolan atlas stability PROJECT --layer L` */
export const defineAtlasStability: DefineCommand = (command, run) =>
  command
    .description(
      'Measures how far the layout of an atlas depends on its seed: lays the samples out by further seeds, and compares. ' +
        'The result is stored, and shown in the window for each cell. Neither model nor photographs are required.',
    )
    .argument('<project>', 'project file')
    .requiredOption('--layer <layer>', 'a layer, such as mixed4c')
    .option('--atlas <name>', 'name or key of the atlas, if the layer has several (listed by portolan project info)')
    .option('--seeds <n>', "layouts that are compared, the atlas's own included", '3')
    .action(
      run(Given, async (given, session) => {
        using project = openProject(given.project, { mode: 'write', who: { command: 'portolan atlas stability' } })
        const atlas = chosenAtlas(project, given.layer, given.atlas, session.note)
        const layout = layoutWithId(project, atlas.layout)!
        const order: StabilityJob = { layout: layout.key, seeds: given.seeds }
        repeatable(project, order.layout)
        const { result, stages, seconds } = await runJob(
          project,
          ATLAS_STABILITY,
          order,
          context => measureStability(project, order, context),
          session,
        )
        return {
          json: asJson({
            project: given.project,
            atlas: atlas.name,
            key: atlas.key,
            layer: atlas.layer,
            samples: layout.n,
            stability: result,
            seconds,
            stages,
          }),
          text: () =>
            [
              `${atlas.name}: ${stabilityText(result)}, ${grouped(layout.n)} samples`,
              stabilityNote(result),
              table(
                [
                  ['seeds', 'Procrustes distance', 'neighbours shared'],
                  ...result.pairs.map(({ seeds: [a, b], procrustes, shared }) => [
                    `${a} and ${b}`,
                    procrustes.toFixed(3),
                    shared.toFixed(3),
                  ]),
                ],
                [1, 2],
              ),
            ].join('\n'),
        }
      }),
    )
