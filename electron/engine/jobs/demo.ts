import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { AtlasParams } from '../../contract/build.ts'
import { LayoutParams } from '../../contract/layout.ts'
import { PRESETS } from '../inversion/presets.ts'
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

const resource = (path: string): string => fileURLToPath(new URL(`../../../resources/${path}`, import.meta.url))
const LAYER = 'mixed4c'
const GRIDS = [10, 20]

/**
 * 3,000 samples fill 20 × 20 cells with about ten each: a cell may be shown that holds few. And they are few to whiten
 * with: plain directions have given icons that read like scenes, and a fidelity of .62 instead of .42 (measured on 32
 * cells, 64 steps). The whole takes two quiet cores less than two minutes.
 */
const PARAMS: AtlasParams = {
  layers: [LAYER],
  positionsPerImage: 2,
  seed: 0,
  layout: LayoutParams.parse({ neighbours: 15, minDist: 0.1 }),
  layoutSeed: 0,
  grids: GRIDS,
  least: 3,
  attribution: 'exact',
  ridge: 1e-3,
  preset: 'notebook',
  inversion: {
    ...PRESETS.notebook,
    steps: 64,
    objective: { kind: 'published', power: 2, whiten: false },
  },
}

/** What the demo is made from: the network and the samples that come with Portolan. */
export const demoOrder = (): DemoJob => ({
  model: resource('models/inceptionv1-portolan.onnx'),
  samples: resource('samples/inceptionv1-portolan.samples'),
  params: PARAMS,
})

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
