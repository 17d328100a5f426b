import type { AtlasScope } from '../../contract/class-atlas.ts'
import type { LayoutParams } from '../../contract/layout.ts'
import { iconContext } from '../atlas/icons.ts'
import type { LayerStatistics } from '../inversion/statistics.ts'
import type { StageWork } from '../jobs/context.ts'
import { checkLayoutSize, type Layout } from '../layout/compute.ts'
import { layout } from '../layout/run.ts'
import { classifierKey } from '../registry/enter.ts'
import { findAtlas } from '../store/atlases.ts'
import { listGrids, putCells } from '../store/cells.ts'
import { addClassAtlasAtlas, type ClassAtlasRecord, classAtlasOfPlan } from '../store/class-atlases.ts'
import { contentKey } from '../store/keys.ts'
import { findLayout, type LayoutRecord, layoutWithId } from '../store/layouts.ts'
import type { SampleSet } from '../store/samples.ts'
import type { Readable, Writable } from '../store/sql.ts'
import { addPartLayout, refineLayout, subsetPositions } from '../store/subset-layouts.ts'
import { cellsOfPart, leastOf, type PartOfLayer } from './cells.ts'
import { type ClassAtlasJob, earlierPlanKey, planKey } from './order.ts'
import { type SelectedSamples, selectSamples } from './selection.ts'
import { readRows, type Source } from './source.ts'

interface PartLayoutOrder {
  readonly db: Writable
  readonly set: SampleSet
  readonly source: Source
  readonly given: ClassAtlasJob
  /** What the atlas is called. */
  readonly name: string
  /** Of all samples of the layer; asked for when it is first needed, while a thread lays out. */
  readonly statistics: () => LayerStatistics
  /** Told when a layout is committed. */
  readonly changed: () => void
}

/** What a layout of a part says of itself, besides what every layout does. */
interface PartNotes {
  readonly stage: 'first' | 'refined'
  readonly method: string
  /** Where something else was done than asked for. */
  readonly note: string | null
}

export const notesOf = (layout: LayoutRecord): PartNotes => layout.notes as unknown as PartNotes

/** The atlas of a plan, also one that an earlier version has made. */
export const classAtlasOf = (db: Readable, given: ClassAtlasJob): ClassAtlasRecord | undefined =>
  classAtlasOfPlan(db, planKey(given)) ?? classAtlasOfPlan(db, earlierPlanKey(given))

/** The atlas of a plan, once it has its refined layout and its cells. */
export function refinedAtlas(db: Readable, given: ClassAtlasJob): ClassAtlasRecord | undefined {
  const atlas = classAtlasOf(db, given)
  const laidOut = atlas && layoutWithId(db, atlas.layout)
  return laidOut && notesOf(laidOut).stage === 'refined' && listGrids(db, atlas.id).length === given.params.grids.length
    ? atlas
    : undefined
}

/** Filters, lays out and enters an atlas with its cells: a first layout as soon as there is one, then the refined one. */
export async function layOutPart(order: PartLayoutOrder, work: StageWork): Promise<ClassAtlasRecord> {
  const { db, set, source, given, name } = order
  const { params } = given
  const part = await selectSamples(source, params)
  const { samples } = part
  checkLayoutSize(samples.length, params.layout)
  const rows = readRows(source, samples)
  const key = layoutKey(set, source, given, part)
  const known = findLayout(db, key)
  if (known && notesOf(known).stage === 'refined') {
    const { xy } = subsetPositions(db, known.id)!
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
  // The thread works meanwhile; what it is told of comes as messages, afterwards.
  order.statistics()
  // Cancelled, too, nothing is written any more once this has ended.
  const made = await laidOut.finally(() => first)
  if (failed) throw failed.error
  const xy = inPlane(part, made.positions)
  const trustworthiness = made.trustworthiness?.value ?? null
  return enter(order, { part, rows, xy, key, laidOut: { stage: 'refined', trustworthiness, made } })
}

/**
 * A comparison's line is drawn at the published learning rate of 10, up to the number of samples for which that is the
 * usual one, n/48: at a fixed rate thousands of samples would not get anywhere in 1,000 steps.
 */
const layoutParams = ({ kind, layout: params }: ClassAtlasJob['params'], samples: number): LayoutParams =>
  kind === 'class' ? params : { ...params, learningRate: Math.max(10, samples / 48) }

interface Entry {
  readonly part: SelectedSamples
  readonly rows: Float32Array
  /** [samples, 2] */
  readonly xy: Float32Array
  readonly key: string
  /** Undefined: the project has this layout already. */
  readonly laidOut?: {
    readonly stage: PartNotes['stage']
    readonly trustworthiness: number | null
    readonly made?: Layout
  }
}

/** Layout, atlas and cells in one transaction: either all of it is there, or what was there before. */
async function enter(order: PartLayoutOrder, { part, rows, xy, key, laidOut }: Entry): Promise<ClassAtlasRecord> {
  const { db, set, source, given, name, changed } = order
  const { params } = given
  const { classifier, layer } = source
  const statistics = order.statistics()
  const matrix = statistics.whitening
  const context = iconContext(classifier, layer, params, statistics)
  const least = leastOf(params.least, part.samples.length)
  const members: PartOfLayer = { samples: part.samples, rows }
  const cells = await cellsOfPart(source, members, xy, { grids: params.grids, least, iconContext: context })
  const entered = db.write(() => {
    const layoutId = putLayout(order, { part, rows, xy, key, ...(laidOut && { laidOut }) })
    const plan = planKey(given)
    const { attribution, preset, inversion, seed, ridge } = params
    const atlas =
      classAtlasOfPlan(db, plan) ??
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
        preset: { name: preset, seed, least, ...inversion },
        created: Date.now(),
        plan,
        base: findAtlas(db, given.base)?.id ?? null,
        scope: toJsonScope(part.scope),
      })
    for (const [grid, ofGrid] of cells) putCells(db, atlas.id, grid, ofGrid)
    return atlas
  })
  changed()
  return entered
}

/** @returns the layout's id */
function putLayout({ db, set, source, given, name }: PartLayoutOrder, { part, xy, key, laidOut }: Entry): number {
  const { params } = given
  const known = findLayout(db, key)
  if (laidOut === undefined) return known!.id
  const { stage, trustworthiness, made } = laidOut
  const notes = {
    stage,
    method: params.kind === 'comparison' ? 'comparison' : (made?.method ?? params.layout.method),
    note: noteOf(params.least, part, made),
    neighbours: made ? { ...made.neighbours } : null,
    farthestUsual: made?.farthestUsual ?? null,
    trustworthinessOf: made?.trustworthiness ? { ...made.trustworthiness } : null,
  }
  if (known) {
    refineLayout(db, known.id, { xy, trustworthiness, notes })
    return known.id
  }
  return addPartLayout(
    db,
    {
      key,
      set: set.id,
      tensor: source.layer.tensor,
      layer: source.layer.name,
      // Unique among the layouts of the layer: several filters of a class may stand side by side.
      name: `${name}, ${params.layout.method}, ${key.slice(0, 8)}`,
      params: { ...params.layout },
      seed: params.layoutSeed,
      trustworthiness,
      notes,
    },
    { samples: part.samples, xy },
  )
}

/** The layout depends on its samples and parameters alone, not on grids or icons: several plans may share it. */
const layoutKey = (
  set: SampleSet,
  { layer }: Source,
  { params }: ClassAtlasJob,
  { samples, x }: SelectedSamples,
): string =>
  contentKey({
    layout: 4,
    samples: set.key,
    part: samples,
    tensor: layer.tensor,
    params: JSON.stringify(params.layout),
    seed: params.layoutSeed,
    ...(x && { x }),
  })

/** [samples, 2]: both axes of the layout, or the part's own horizontal one and the layout's only one. */
function inPlane({ x }: SelectedSamples, positions: Float64Array): Float32Array {
  if (x === undefined) return Float32Array.from(positions)
  return Float32Array.from({ length: 2 * x.length }, (_, p) => (p % 2 === 0 ? x : positions)[p >> 1]!)
}

function noteOf(asked: number, { samples }: SelectedSamples, made: Layout | undefined): string | null {
  const n = samples.length
  const least = leastOf(asked, n)
  const sentences = [
    ...(made?.note === undefined ? [] : [made.note]),
    ...(least < asked ? [`cells show from ${least} of ${n} samples on, not ${asked}: there are few`] : []),
  ]
  return sentences.length === 0 ? null : sentences.join('; ')
}

// Through text: a scope's members are read-only, and JSON's are not.
const toJsonScope = (scope: AtlasScope): ClassAtlasRecord['scope'] => JSON.parse(JSON.stringify(scope))
