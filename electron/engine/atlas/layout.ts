import { z } from 'zod'
import type { AtlasParams } from '../../contract/build.ts'
import type { StageWork } from '../jobs/context.ts'
import { type Layout, roomForSamples } from '../layout/compute.ts'
import { layout, layoutAligned } from '../layout/run.ts'
import type { Samples } from '../layout/samples.ts'
import type { Layer } from '../model/classifier.ts'
import { float16Pages, requireActivations } from '../store/activations.ts'
import type { Json } from '../store/json.ts'
import { canonical, contentKey } from '../store/keys.ts'
import {
  addLayout,
  findLayout,
  findLayoutByName,
  type LayoutRecord,
  listLayouts,
  qualityNote,
} from '../store/layouts.ts'
import type { SampleSet } from '../store/samples.ts'
import type { Readable, Writable } from '../store/sql.ts'
import { subsetPositions } from '../store/subset-layouts.ts'

type Params = Pick<AtlasParams, 'layout' | 'layoutSeed'>
type Named = Pick<Layer, 'name' | 'tensor'>

/** The key of a layout: samples, tensor of the layer, method, parameters and seed. */
export const layoutKey = (
  set: SampleSet,
  { tensor }: Pick<Layer, 'tensor'>,
  { layout: params, layoutSeed }: Params,
): string => contentKey({ layout: 5, samples: set.key, tensor, params: JSON.stringify(params), seed: layoutSeed })

export const existingLayout = (db: Readable, set: SampleSet, layer: Named, params: Params): LayoutRecord | undefined =>
  findLayout(db, layoutKey(set, layer, params)) ?? earlierLayout(db, set, layer, params)

/** A layout of an earlier version, which had the layer's name in its key. */
const earlierLayout = (db: Readable, set: SampleSet, { tensor }: Named, { layout: params, layoutSeed }: Params) =>
  listLayouts(db, set.id).find(
    each =>
      each.tensor === tensor &&
      each.n === set.n &&
      each.seed === layoutSeed &&
      canonical(z.json().parse(each.params)) === canonical({ ...params }) &&
      subsetPositions(db, each.id) === undefined,
  )

/** Computes the layout of all samples of a set from their activations at a layer. @returns the stored layout */
export async function layOut(
  db: Writable,
  set: SampleSet,
  layer: Named,
  params: Params,
  { signal, report }: Pick<StageWork, 'signal' | 'report'>,
  name: string | undefined = nameOf(params),
): Promise<LayoutRecord> {
  if (params.layout.aligned) throw new Error(`the layout of ${layer.name} is one of several that are made together`)
  const result = await layout(samplesOf(db, set, layer, params), params.layout, params.layoutSeed, signal, progress =>
    report({ ...progress, stage: `${layer.name}: ${progress.stage}` }),
  )
  return enterLayout(db, set, layer, params, name, result)
}

/** Computes the layouts of several layers together. @param layers in the order of the network @returns the stored layouts */
export async function layOutTogether(
  db: Writable,
  set: SampleSet,
  layers: readonly Named[],
  params: Params,
  { signal, report }: Pick<StageWork, 'signal' | 'report'>,
  name: string | undefined = nameOf(params),
): Promise<readonly LayoutRecord[]> {
  const views = layers.map(layer => ({ name: layer.name, samples: samplesOf(db, set, layer, params) }))
  const results = await layoutAligned(views, params.layout, params.layoutSeed, signal, report)
  return db.write(() =>
    layers.map((layer, v) => {
      const result = results[v]!
      const displacement =
        result.displacement === undefined ? null : { to: layers[v + 1]!.tensor, median: result.displacement }
      return enterLayout(db, set, layer, params, name, result, { displacement })
    }),
  )
}

/** The activations of a layer in memory that the threads of a layout share. */
export function samplesOf(
  db: Readable,
  set: SampleSet,
  layer: Pick<Layer, 'tensor'>,
  params: Pick<Params, 'layout'>,
): Samples {
  const matrix = requireActivations(db, set.id, layer.tensor)
  const samples = roomForSamples(matrix.n, matrix.width, params.layout)
  for (const page of float16Pages(db, matrix)) samples.rows.set(page.values, page.start * matrix.width)
  return samples
}

function enterLayout(
  db: Writable,
  set: SampleSet,
  layer: Named,
  params: Params,
  name: string,
  result: Layout,
  notes: { readonly [name: string]: Json } = {},
): LayoutRecord {
  const key = layoutKey(set, layer, params)
  const { aligned, ...others } = params.layout
  addLayout(
    db,
    {
      key,
      set: set.id,
      tensor: layer.tensor,
      layer: layer.name,
      name: free(db, set, layer.tensor, name),
      params: { ...others, ...(aligned && { aligned: [...aligned] }) },
      seed: params.layoutSeed,
      n: result.n,
      trustworthiness: result.quality?.trustworthiness.value ?? null,
      notes: {
        method: result.method,
        note: result.note ?? null,
        neighbours: { ...result.neighbours },
        farthestUsual: result.farthestUsual,
        quality: qualityNote(result.quality),
        ...notes,
      },
    },
    Float32Array.from(result.positions),
  )
  return findLayout(db, key)!
}

/** `umap, 20 neighbours, cosine`: a short name that distinguishes layouts. */
function nameOf({ layout: params, layoutSeed }: Params): string {
  const { method, neighbours, minDist, perplexity, metric } = params
  const parts =
    method === 'umap'
      ? [`${neighbours} neighbours`, `min dist ${minDist}`]
      : perplexity
        ? [`perplexity ${perplexity}`]
        : []
  return [
    method,
    ...parts,
    metric,
    ...(params.aligned ? ['aligned'] : []),
    ...(layoutSeed === 0 ? [] : [`seed ${layoutSeed}`]),
  ].join(', ')
}

function free(db: Writable, set: SampleSet, tensor: string, name: string): string {
  let candidate = name
  for (let n = 2; findLayoutByName(db, set.id, tensor, candidate); n++) candidate = `${name} (${n})`
  return candidate
}
