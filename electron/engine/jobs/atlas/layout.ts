import type { AtlasParams } from '../../../contract/build.ts'
import { layout } from '../../layout/run.ts'
import { findActivations, float32Pages } from '../../store/activations.ts'
import { contentKey } from '../../store/keys.ts'
import { addLayout, findLayout, findLayoutByName, type LayoutRecord } from '../../store/layouts.ts'
import type { SampleSet } from '../../store/samples.ts'
import type { Writable } from '../../store/sql.ts'
import type { StageWork } from '../context.ts'

type Params = Pick<AtlasParams, 'layout' | 'layoutSeed'>

/** What a layout is known by: its samples, its layer, and everything that decides where they come to lie. */
export const layoutKey = (set: SampleSet, layer: string, { layout: params, layoutSeed }: Params): string =>
  contentKey({ layout: 1, samples: set.key, layer, params: JSON.stringify(params), seed: layoutSeed })

export const existingLayout = (db: Writable, set: SampleSet, layer: string, params: Params): LayoutRecord | undefined =>
  findLayout(db, layoutKey(set, layer, params))

/** Lays out all samples of a set by their activations at a layer. @returns the layout as the project keeps it */
export async function layOut(
  db: Writable,
  set: SampleSet,
  layer: string,
  params: Params,
  { signal, report }: Pick<StageWork, 'signal' | 'report'>,
  name: string | undefined = nameOf(params),
): Promise<LayoutRecord> {
  const matrix = findActivations(db, set.id, layer)
  if (!matrix) throw new Error(`sample set ${set.id} has no activations at ${layer}`)
  // Shared with the thread that lays out, instead of copied to it.
  const rows = new Float32Array(new SharedArrayBuffer(4 * matrix.n * matrix.width))
  for (const page of float32Pages(db, matrix)) rows.set(page.values, page.start * matrix.width)
  const made = await layout(
    { rows, n: matrix.n, channels: matrix.width },
    params.layout,
    params.layoutSeed,
    signal,
    progress => report({ ...progress, stage: `${layer}: ${progress.stage}` }),
  )
  const key = layoutKey(set, layer, params)
  addLayout(
    db,
    {
      key,
      set: set.id,
      layer,
      name: free(db, set, layer, name),
      params: { ...params.layout },
      seed: params.layoutSeed,
      n: made.n,
      trustworthiness: made.trustworthiness?.value ?? null,
      notes: {
        method: made.method,
        note: made.note ?? null,
        neighbours: { ...made.neighbours },
        farthestUsual: made.farthestUsual,
        trustworthinessOf: made.trustworthiness ? { ...made.trustworthiness } : null,
      },
    },
    Float32Array.from(made.positions),
  )
  return findLayout(db, key)!
}

/** `umap, 20 neighbours, cosine`: what tells layouts apart at a glance. */
function nameOf({ layout: params, layoutSeed }: Params): string {
  const { method, neighbours, minDist, perplexity, metric } = params
  const parts =
    method === 'umap'
      ? [`${neighbours} neighbours`, `min dist ${minDist}`]
      : perplexity
        ? [`perplexity ${perplexity}`]
        : []
  return [method, ...parts, metric, ...(layoutSeed === 0 ? [] : [`seed ${layoutSeed}`])].join(', ')
}

function free(db: Writable, set: SampleSet, layer: string, name: string): string {
  let candidate = name
  for (let n = 2; findLayoutByName(db, set.id, layer, candidate); n++) candidate = `${name} (${n})`
  return candidate
}
