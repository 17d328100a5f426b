import { z } from 'zod'
import type { JobContext } from '../jobs/context.ts'
import type { Classifier } from '../model/classifier.ts'
import type { SampleSet } from '../store/samples.ts'
import type { Writable } from '../store/sql.ts'
import type { SamplesFile } from './file.ts'
import { importedSamples, importSamples } from './import.ts'

/** The kind of an import's job. */
export const SAMPLES_IMPORT = 'samples import'

/** The parameters of an import: absolute paths. */
export const ImportJob = z.object({
  file: z.string(),
  model: z.string(),
  /** Folder of the sampled photographs, if available. */
  photographs: z.string().optional(),
})
export type ImportJob = z.infer<typeof ImportJob>

/** Imports the samples of a file into the project, as a stage of a job. */
export const importStage = (
  db: Writable,
  samples: SamplesFile,
  classifier: Classifier,
  job: JobContext,
  photographs?: string,
): Promise<SampleSet> =>
  job.stage({
    name: 'import',
    existing: () => importedSamples(db, samples),
    compute: work => importSamples(db, samples, classifier, work, photographs),
  })
