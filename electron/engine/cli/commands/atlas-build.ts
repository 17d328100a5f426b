import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'
import { Border, type BuildJob, coverageText } from '../../../contract/build.ts'
import { ATLAS_BUILD, buildAtlases } from '../../atlas/build.ts'
import { type Estimate, estimateBuild } from '../../atlas/estimate.ts'
import { findImages } from '../../images/find.ts'
import { checkInput } from '../../inference/input-check.ts'
import { runJob } from '../../jobs/run.ts'
import { withJobLog } from '../../jobs/runtime-log.ts'
import { rememberFolders } from '../../photographs/named.ts'
import { classifierKey, enterModel } from '../../registry/enter.ts'
import { coarsest, coverageOf } from '../../sampling/positions.ts'
import { openOrCreateProject } from '../../store/open.ts'
import { atlasOptions, chosenParams, layoutOptions, withAtlasOptions, withLayoutOptions } from '../atlas-params.ts'
import { builtOutcome } from '../built.ts'
import type { DefineCommand } from '../command.ts'
import { requireSome } from '../missed.ts'
import { choice, flag, wholeNumber } from '../options.ts'
import type { Outcome } from '../output.ts'
import { somePhotographs } from '../some-photographs.ts'
import { duration, grouped, table } from '../text.ts'
import { onDevices, withClassifierOnDevices, withDevices, withWorkers } from '../workers.ts'

const Given = z.object({
  project: z.string(),
  model: z.string(),
  images: z.array(z.string()).min(1),
  samples: wholeNumber(1).optional(),
  border: choice(Border.options),
  dryRun: flag,
  ...onDevices,
  ...atlasOptions,
  ...layoutOptions,
})

/** `portolan atlas build PROJECT --model MODEL --images DIR…` */
export const defineAtlasBuild: DefineCommand = (command, run) =>
  withDevices(withLayoutOptions(withAtlasOptions(command)))
    .description(
      'Samples activations of photographs, computes a 2-D layout, and inverts the mean activation of each cell into an icon. ' +
        'A second run continues where the first was interrupted and reuses stored results.',
    )
    .argument('<project>', 'project file to create or to continue, such as fish.portolan')
    .requiredOption('--model <file>', 'the classifier, an ONNX file with its sidecar')
    .requiredOption('--images <folder...>', 'folders of photographs')
    .option('--samples <n>', 'minimum number of samples (up to 25 positions per photograph; default: one position)')
    .option(
      '--border <choice>',
      'exclude or include positions on the edge of the frame: excluded, half of a frame of 7 × 7 units is never sampled; included, padding of the network counts there as much as the photograph',
      'exclude',
    )
    .option('--dry-run', 'estimate time, disk and memory without building')
    .action(
      run(Given, async (given, session) => {
        const { signal, note, report } = session
        const { images } = await findImages(given.images, signal)
        requireSome(
          images.length,
          `no photographs in ${given.images.join(', ')}; choose a folder that contains JPEG, PNG or WebP files`,
        )
        const positions = Math.min(25, Math.ceil((given.samples ?? images.length) / images.length))
        if (given.samples !== undefined && positions * images.length < given.samples)
          note(`${grouped(images.length)} photographs result in at most ${grouped(25 * images.length)} samples`)
        return withClassifierOnDevices(given.model, given, session, async (classifier, runtime, open) => {
          const { layers, params } = chosenParams(classifier, given, positions, given.border)
          if (given.dryRun)
            return estimated(
              await estimateBuild({ classifier, runtime, layers, params, photographs: images.length }, signal),
            )
          if (!existsSync(given.project)) {
            // Checked before hours of work: a wrong input range is the commonest cause of meaningless atlases.
            const photographs = () => somePhotographs(classifier, given.images, signal)
            const { warning } = await checkInput(classifier, runtime, { photographs, report })
            if (warning !== null) note(warning)
          }
          using project = openOrCreateProject(given.project, { command: 'portolan atlas build' })
          const folders = given.images.map(folder => resolve(folder))
          rememberFolders(folders)
          enterModel(project, classifier)
          const order: BuildJob = {
            model: classifier.file,
            classifier: classifierKey(classifier),
            folders,
            params,
          }
          const built = await runJob(
            project,
            ATLAS_BUILD,
            order,
            job =>
              withWorkers(open, job, workers =>
                buildAtlases(
                  project,
                  folders,
                  { classifier, runtime: withJobLog(runtime, job), workers, layers, params },
                  job,
                ),
              ),
            session,
          )
          const coverage = coverageOf(coarsest(classifier.layers), given.border, params.positionsPerImage)
          note(coverageText(coverage))
          const outcome = builtOutcome(given.project, built)
          return { ...outcome, json: { ...outcome.json, coverage: { ...coverage } } }
        })
      }),
    )

function estimated({ samples, icons, seconds, diskBytes, memoryBytes }: Estimate): Outcome {
  const total = seconds.samples + seconds.layouts + seconds.icons
  return {
    json: { samples, icons, seconds: { ...seconds }, diskBytes, memoryBytes, threads: availableParallelism() },
    text: () =>
      table(
        [
          ['samples', grouped(samples)],
          ['icons, at most', grouped(icons)],
          ['time, at most', duration(1000 * total)],
          ['  sampling', duration(1000 * seconds.samples)],
          ['  layouts', duration(1000 * seconds.layouts)],
          ['  icons', duration(1000 * seconds.icons)],
          ['disk', `${grouped(Math.ceil(diskBytes / 1e6))} MB`],
          ['memory', `${grouped(Math.ceil(memoryBytes / 1e6))} MB`],
        ],
        [1],
      ),
  }
}
