import { resolve } from 'node:path'
import { z } from 'zod'
import type { JobContext } from '../../jobs/context.ts'
import { runJob } from '../../jobs/run.ts'
import { loadClassifier } from '../../model/load.ts'
import { openSamplesOf } from '../../samples-file/import.ts'
import { type ImportJob, importStage, SAMPLES_IMPORT } from '../../samples-file/job.ts'
import { openOrCreateProject } from '../../store/open.ts'
import type { DefineCommand } from '../command.ts'
import { duration, grouped } from '../text.ts'

const Given = z.object({ project: z.string(), file: z.string(), model: z.string(), photographs: z.string().optional() })

/** `portolan samples import PROJECT FILE --model MODEL` */
export const defineSamplesImport: DefineCommand = (command, run) =>
  command
    .description(
      'Imports samples that portolan samples export has written; creates the project if it does not exist. ' +
        'The model must be the one of the samples.',
    )
    .argument('<project>', 'project file')
    .argument('<file>', 'samples file')
    .requiredOption('--model <file>', 'the classifier, an ONNX file with its sidecar')
    .option('--photographs <folder>', 'folder of the sampled photographs, if the file contains their names')
    .action(
      run(Given, async ({ project, file, model, photographs }, { signal, report }) => {
        const params: ImportJob = {
          file: resolve(file),
          model: resolve(model),
          ...(photographs !== undefined && { photographs: resolve(photographs) }),
        }
        const classifier = await loadClassifier(params.model)
        // Checked before a project is created: a refused file leaves no project.
        const samples = await openSamplesOf(params.file, classifier)
        try {
          using db = openOrCreateProject(project, { command: 'portolan samples import' })
          const body = (job: JobContext) => importStage(db, samples, classifier, job, params.photographs)
          const { result, stages, seconds } = await runJob(db, SAMPLES_IMPORT, params, body, { signal, report })
          const { id: set, n } = result
          const { outcome } = stages[0]!
          return {
            json: { project, file, model: classifier.name, samples: n, set, outcome, seconds },
            text: () =>
              outcome === 'reused'
                ? `${project} has the ${grouped(n)} samples of ${file} already, as set ${set}`
                : `${grouped(n)} samples in ${project}, as set ${set}, in ${duration(1000 * seconds)}`,
          }
        } finally {
          await samples.close()
        }
      }),
    )
