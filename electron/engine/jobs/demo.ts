import { z } from 'zod'
import { AtlasParams } from '../../contract/build.ts'
import type { Classifier } from '../model/classifier.ts'
import { findLayer } from '../model/layers.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Writable } from '../store/sql.ts'
import { atlasesOf, type BuiltAtlas } from './atlas/build.ts'
import type { JobContext } from './context.ts'
import { openSamplesOf } from './samples/import.ts'
import { importStage } from './samples/job.ts'

/** The kind of the demo's job. */
export const DEMO = 'demo'

/** What the demo is run again from: absolute paths, and everything that decides its outcome. */
export const DemoJob = z.object({ model: z.string(), samples: z.string(), params: AtlasParams })
export type DemoJob = z.infer<typeof DemoJob>

/** Atlases of samples that came with a network: no photograph is needed. The body of a job. */
export async function buildDemo(
  db: Writable,
  { samples: file, params }: DemoJob,
  classifier: Classifier,
  runtime: Runtime,
  job: JobContext,
): Promise<readonly BuiltAtlas[]> {
  const layers = params.layers.map(name => findLayer(classifier, name))
  const samples = await openSamplesOf(file, classifier)
  try {
    const set = await importStage(db, samples, classifier, job)
    return await atlasesOf(db, set, { classifier, runtime, layers, params }, job)
  } finally {
    await samples.close()
  }
}
