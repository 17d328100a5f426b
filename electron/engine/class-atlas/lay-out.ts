import type { ClassAtlasSelection } from '../../contract/class-selection.ts'
import type { LayoutParams } from '../../contract/layout.ts'
import { iconContext } from '../atlas/icons.ts'
import type { LayerStatistics } from '../inversion/statistics.ts'
import type { StageWork } from '../jobs/context.ts'
import { checkLayoutSize, type Layout } from '../layout/compute.ts'
import { layout } from '../layout/run.ts'
import { classifierKey } from '../registry/enter.ts'
import { findAtlas } from '../store/atlases.ts'
import { listGrids, putCells } from '../store/cells.ts'
import { addClassAtlasAtlas, type ClassAtlasRecord, classAtlasOfPlan, setMinSamples } from '../store/class-atlases.ts'
import { contentKey } from '../store/keys.ts'
import { findLayout, type LayoutRecord, layoutWithId, qualityNote } from '../store/layouts.ts'
import type { SampleSet } from '../store/samples.ts'
import type { Readable, Writable } from '../store/sql.ts'
import { addPartLayout, refineLayout, subsetPositions } from '../store/subset-layouts.ts'
import { type PlacedSamples, placeSamples } from './axis.ts'
import { cellsOfPart, effectiveMinimum, type PartOfLayer } from './cells.ts'
import { type ClassAtlasJob, earlierPlanKey, planKey } from './order.ts'
import { selectSamples } from './selection.ts'
import { readRows, type Source } from './source.ts'

interface PartLayoutOrder {
  readonly db: Writable
  readonly set: SampleSet
  readonly source: Source
  readonly spec: ClassAtlasJob
  /** Name of the atlas. */
  readonly name: string
  /** Statistics of all samples of the layer; computed on the first call, while a thread computes the layout. */
  readonly statistics: () => LayerStatistics
  /** Called when a layout is committed. */
  readonly changed: () => void
}

/** The notes of a layout of a subset, in addition to those of every layout. */
interface PartNotes {
  readonly stage: 'first' | 'refined'
  readonly method: string
  /** How the layout differs from the request; null if it does not. */
  readonly note: string | null
}

export const notesOf = (layout: LayoutRecord): PartNotes => layout.notes as unknown as PartNotes

/** The atlas of a plan, also one of an earlier version; not a comparison whose cells were cut by their own differences. */
export const classAtlasOf = (db: Readable, spec: ClassAtlasJob): ClassAtlasRecord | undefined =>
  classAtlasOfPlan(db, planKey(spec)) ??
  (spec.params.kind === 'class' ? classAtlasOfPlan(db, earlierPlanKey(spec)) : undefined)

/** The atlas of a plan, if it has its refined layout and its cells. */
export function refinedAtlas(db: Readable, spec: ClassAtlasJob): ClassAtlasRecord | undefined {
  const atlas = classAtlasOf(db, spec)
  const laidOut = atlas && layoutWithId(db, atlas.layout)
  return laidOut && notesOf(laidOut).stage === 'refined' && listGrids(db, atlas.id).length === spec.params.grids.length
    ? atlas
    : undefined
}

/** Filters samples, computes the layout and stores an atlas with its cells: first a quick layout, then the refined one. */
export async function layOutPart(order: PartLayoutOrder, work: StageWork): Promise<ClassAtlasRecord> {
  const { db, set, source, spec, name } = order
  const { params } = spec
  const selected = await selectSamples(source, params)
  const { samples } = selected
  checkLayoutSize(samples.length, params.layout)
  const rows = await readRows(source, samples)
  const part = await placeSamples(source, selected, rows)
  const key = layoutKey(set, source, spec, part)
  const existing = findLayout(db, key)
  if (existing && notesOf(existing).stage === 'refined') {
    const { xy } = subsetPositions(db, existing.id)!
    work.continues()
    return await enter(order, { part, rows, xy, key })
  }
  let first: Promise<unknown> = Promise.resolve()
  let failed: { readonly error: unknown } | undefined
  const laidOut = layout(
    { rows, n: samples.length, channels: source.layer.channels },
    layoutParams(params, samples.length),
    params.layoutSeed,
    work.signal,
    progress => work.report({ ...progress, stage: `${name}: ${progress.stage}` }),
    {
      onFirst: positions => {
        const xy = inPlane(part, positions)
        first = enter(order, { part, rows, xy, key, laidOut: { stage: 'first', trustworthiness: null } }).catch(
          error => {
            failed = { error }
          },
        )
      },
    },
  )
  // Computed while the thread works; its messages are handled afterwards.
  order.statistics()
  // After this line nothing is written any more, also if the job is cancelled.
  const result = await laidOut.finally(() => first)
  if (failed) throw failed.error
  const xy = inPlane(part, result.positions)
  const trustworthiness = result.quality?.trustworthiness.value ?? null
  return enter(order, { part, rows, xy, key, laidOut: { stage: 'refined', trustworthiness, result } })
}

/**
 * A comparison's line uses the published learning rate of 10, or n/48 if that is larger: at a fixed rate thousands of
 * samples would hardly move in 1,000 steps.
 */
const layoutParams = ({ kind, layout: params }: ClassAtlasJob['params'], samples: number): LayoutParams =>
  kind === 'class' ? params : { ...params, learningRate: Math.max(10, samples / 48) }

interface Entry {
  readonly part: PlacedSamples
  readonly rows: Float32Array
  /** [samples, 2] */
  readonly xy: Float32Array
  readonly key: string
  /** Undefined: this layout is stored already. */
  readonly laidOut?: {
    readonly stage: PartNotes['stage']
    readonly trustworthiness: number | null
    readonly result?: Layout
  }
}

/** Stores layout, atlas and cells in one transaction. */
async function enter(order: PartLayoutOrder, { part, rows, xy, key, laidOut }: Entry): Promise<ClassAtlasRecord> {
  const { db, set, source, spec, name, changed } = order
  const { params } = spec
  const { classifier, layer } = source
  const statistics = order.statistics()
  const matrix = statistics.whitening
  const context = iconContext(classifier, layer, params, statistics)
  const minSamples = effectiveMinimum(params.minSamples, xy, params.grids)
  const members: PartOfLayer = { samples: part.samples, rows }
  const cells = await cellsOfPart(source, members, xy, { grids: params.grids, minSamples, iconContext: context })
  const entered = db.write(() => {
    const layoutId = putLayout(order, { part, rows, xy, key, ...(laidOut && { laidOut }) })
    const plan = planKey(spec)
    const { attribution, preset, inversion, seed, ridge } = params
    const known = classAtlasOfPlan(db, plan)
    // The refined layout may fill its cells in another way than the first.
    if (known) setMinSamples(db, known.id, minSamples)
    const atlas =
      known ??
      addClassAtlasAtlas(db, {
        key: contentKey({ scoped: 1, plan, layout: key, icons: context }),
        name: `${name}, ${layer.name}`,
        set: set.id,
        tensor: layer.tensor,
        layer: layer.name,
        layout: layoutId,
        classifier: classifierKey(classifier),
        attribution,
        whitening: { ridge, shrinkage: matrix?.shrinkage ?? null, applied: matrix !== undefined },
        preset: { name: preset, seed, minSamples, ...inversion },
        created: Date.now(),
        plan,
        base: findAtlas(db, spec.base)?.id ?? null,
        scope: toJsonScope(part.scope),
      })
    for (const [grid, ofGrid] of cells) putCells(db, atlas.id, grid, ofGrid)
    return atlas
  })
  changed()
  return entered
}

/** @returns the layout's id */
function putLayout({ db, set, source, spec, name }: PartLayoutOrder, { part, xy, key, laidOut }: Entry): number {
  const { params } = spec
  const existing = findLayout(db, key)
  if (laidOut === undefined) return existing!.id
  const { stage, trustworthiness, result } = laidOut
  const notes = {
    stage,
    method: params.kind === 'comparison' ? 'comparison' : (result?.method ?? params.layout.method),
    note: noteOf(params, xy, result),
    neighbours: result ? { ...result.neighbours } : null,
    farthestUsual: result?.farthestUsual ?? null,
    quality: qualityNote(result?.quality),
  }
  if (existing) {
    refineLayout(db, existing.id, { xy, trustworthiness, notes })
    return existing.id
  }
  return addPartLayout(
    db,
    {
      key,
      set: set.id,
      tensor: source.layer.tensor,
      layer: source.layer.name,
      // Unique among the layouts of the layer: a class may have several filters.
      name: `${name}, ${params.layout.method}, ${key.slice(0, 8)}`,
      params: { ...params.layout },
      seed: params.layoutSeed,
      trustworthiness,
      notes,
    },
    { samples: part.samples, xy },
  )
}

/** The layout depends on its samples and parameters only, not on grids or icons: several plans may share it. */
const layoutKey = (
  set: SampleSet,
  { layer }: Source,
  { params }: ClassAtlasJob,
  { samples, x }: PlacedSamples,
): string =>
  contentKey({
    layout: 5,
    samples: set.key,
    part: samples,
    tensor: layer.tensor,
    params: JSON.stringify(params.layout),
    seed: params.layoutSeed,
    ...(x && { x }),
  })

/** [samples, 2]: both axes of the layout, or the horizontal axis of the selection and the layout's only one. */
function inPlane({ x }: PlacedSamples, positions: Float64Array): Float32Array {
  if (x === undefined) return Float32Array.from(positions)
  return Float32Array.from({ length: 2 * x.length }, (_, p) => (p % 2 === 0 ? x : positions)[p >> 1]!)
}

function noteOf(
  { minSamples: requested, grids }: ClassAtlasJob['params'],
  xy: Float32Array,
  result: Layout | undefined,
): string | null {
  const n = xy.length / 2
  const minSamples = effectiveMinimum(requested, xy, grids)
  const sentences = [
    ...(result?.note === undefined ? [] : [result.note]),
    ...(requested !== 'auto' && minSamples < requested
      ? [`minimum of ${minSamples} instead of ${requested} samples per cell: only ${n} samples pass the filter`]
      : []),
  ]
  return sentences.length === 0 ? null : sentences.join('; ')
}

// Through text, because the members of a scope are read-only, and those of JSON are not.
const toJsonScope = (scope: ClassAtlasSelection): ClassAtlasRecord['scope'] => JSON.parse(JSON.stringify(scope))
