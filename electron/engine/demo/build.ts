import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { AtlasParams } from '../../contract/build.ts'
import { UserError } from '../../contract/errors.ts'
import { LayoutParams } from '../../contract/layout.ts'
import { PRESETS } from '../../contract/presets.ts'
import { Box } from '../../contract/values.ts'
import { atlasesOf, type BuiltAtlas } from '../atlas/build.ts'
import type { JobContext } from '../jobs/context.ts'
import type { Classifier } from '../model/classifier.ts'
import { findLayer } from '../model/layers.ts'
import { addPatch } from '../patch/gallery.ts'
import { enterModel } from '../registry/enter.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { openSamplesOf } from '../samples-file/import.ts'
import { importStage } from '../samples-file/job.ts'
import { findSampled, movePlace, placeOfSet } from '../samples-file/photographs.ts'
import { listImages } from '../store/photographs.ts'
import type { Writable } from '../store/sql.ts'
import { PATCHES } from './finding.ts'

/** The kind of the demo's job. */
export const DEMO = 'demo'

/** The parameters of the demo's job, with absolute paths. */
export const DemoJob = z.object({
  model: z.string(),
  samples: z.string(),
  /** Folder of the photographs that the samples were drawn from; older demos have none. */
  photographs: z.string().optional(),
  /** Regions of these photographs that are in the gallery of patches from the start. */
  patches: z.array(z.object({ photograph: z.string(), box: Box, name: z.string().min(1) })).default([]),
  params: AtlasParams,
  /** Atlases that follow, on the same samples. */
  further: AtlasParams.pick({ layers: true, grids: true }).optional(),
})
export type DemoJob = z.infer<typeof DemoJob>

const resource = (path: string): string => fileURLToPath(new URL(`../../../resources/${path}`, import.meta.url))
/** The network that comes with Portolan. */
export const EMBEDDED_MODEL = resource('models/inceptionv1-portolan.onnx')
const LAYER = 'mixed4c'
const GRIDS = [10, 20]
/** For comparison: a low layer and the last one, as in the article, on coarse grids, which are quick to invert. */
const FURTHER = { layers: ['mixed3b', 'mixed5b'], grids: [10] }
/** Layers whose layouts are bundled with the samples. */
export const LAYERS_WITH_LAYOUT: readonly string[] = [LAYER, ...FURTHER.layers]

/**
 * 3,000 samples fill 20 × 20 cells with about ten each, so that cells with few samples are shown. A third of the preset's
 * steps, with twice the step size: at the preset's rate icons stay pale. On 16 cells a mean fidelity of .82 (`notebook` in 64 steps: .63), for
 * 1.1 seconds of a core an icon.
 */
const PARAMS: AtlasParams = {
  layers: [LAYER],
  positionsPerImage: 3,
  seed: 0,
  layout: LayoutParams.parse({ neighbours: 15, minDist: 0.1 }),
  layoutSeed: 0,
  grids: GRIDS,
  minSamples: 3,
  attribution: 'exact',
  ridge: 1e-3,
  preset: 'atlas',
  inversion: { ...PRESETS.atlas.inversion, steps: 32, learningRate: 0.14 },
}

/** The bundled network, photographs and samples. */
export const demoOrder = (): DemoJob => ({
  model: EMBEDDED_MODEL,
  samples: resource('samples/inceptionv1-portolan.samples'),
  photographs: resource('photographs'),
  patches: [...PATCHES],
  params: PARAMS,
  further: FURTHER,
})

/** Builds atlases of bundled samples of a network and, if present, of their photographs. The body of a job. */
export async function buildDemo(
  db: Writable,
  { samples: file, photographs, patches, params, further }: DemoJob,
  classifier: Classifier,
  runtime: Runtime,
  job: JobContext,
): Promise<readonly BuiltAtlas[]> {
  const samples = await openSamplesOf(file, classifier)
  try {
    const set = await importStage(db, samples, classifier, job, photographs)
    // The installation may have been moved or replaced since the samples were imported.
    enterModel(db, classifier)
    if (photographs !== undefined && placeOfSet(db, set).path !== photographs)
      movePlace(db, set, await findSampled(samples, photographs, job.signal))
    for (const { photograph, box, name } of patches) {
      const image = listImages(db, placeOfSet(db, set).id).find(({ relative }) => relative === photograph)
      if (image === undefined)
        throw new UserError(`the photograph ${photograph} of the demo is missing; install Portolan again`)
      await addPatch(db, { kind: 'region', image: image.id, box }, name)
    }
    const atlases: BuiltAtlas[] = []
    for (const some of further ? [params, { ...params, ...further }] : [params]) {
      const layers = some.layers.map(name => findLayer(classifier, name))
      atlases.push(...(await atlasesOf(db, set, { classifier, runtime, layers, params: some }, job)))
    }
    return atlases
  } finally {
    await samples.close()
  }
}
