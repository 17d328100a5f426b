import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { reason, UserError } from '../../../contract/errors.ts'
import { gridPicture } from '../../atlas/export.ts'
import { buildDemo, DEMO, demoOrder } from '../../demo/build.ts'
import { writeOutput } from '../../files/output.ts'
import { encodePng } from '../../images/encode.ts'
import { runJob } from '../../jobs/run.ts'
import { withJobLog } from '../../jobs/runtime-log.ts'
import { requireOutputs } from '../../photographs/outputs.ts'
import { openOrCreateProject } from '../../store/open.ts'
import type { DefineCommand } from '../command.ts'
import { onRuntime, withClassifier, withThreads } from '../inference.ts'
import { duration, grouped } from '../text.ts'

const Given = z.object({ out: z.string(), ...onRuntime })

/** `portolan demo [--out DIR]` */
export const defineDemo: DefineCommand = (command, run) =>
  withThreads(command)
    .description(
      'Builds an atlas of mixed4c from the network and the samples that are bundled with Portolan; needs no photographs and no GPU. ' +
        'A second run reuses stored results.',
    )
    .option('--out <dir>', 'folder for the project and its picture', 'portolan-demo')
    .action(
      run(Given, async ({ out, ...on }, session) => {
        const order = demoOrder()
        const folder = resolve(out)
        const file = join(folder, 'demo.portolan')
        await requireOutputs([file], { models: [order.model], files: [order.samples] })
        await mkdir(folder, { recursive: true }).catch(error => {
          throw new UserError(`cannot create the folder ${out}: ${reason(error)}; choose another with --out`)
        })
        return withClassifier(order.model, on, session, async (classifier, runtime) => {
          using db = openOrCreateProject(file, { command: 'portolan demo' })
          const { result, stages, seconds } = await runJob(
            db,
            DEMO,
            order,
            job => buildDemo(db, order, classifier, withJobLog(runtime, job), job),
            session,
          )
          const [built] = result
          const { atlas, samples, icons, grids } = built!
          const picture = join(folder, `demo-${atlas.layer}.png`)
          await writeOutput(picture, await encodePng(await gridPicture(db, atlas, grids.at(-1)!.grid)))
          const reused = stages.every(({ outcome }) => outcome === 'reused')
          return {
            json: {
              project: file,
              picture,
              layer: atlas.layer,
              samples,
              icons,
              grids: grids.map(grid => ({ ...grid })),
              reused,
              seconds,
              stages: stages.map(stage => ({ ...stage })),
            },
            text: () =>
              [
                reused
                  ? `the atlas exists already: ${file}`
                  : `an atlas of ${grouped(samples)} samples, ${grouped(icons)} icons, in ${duration(1000 * seconds)}: ${file}`,
                `picture: ${picture}`,
              ].join('\n'),
          }
        })
      }),
    )
