import { z } from 'zod'
import { type ClassAtlas, type LayerShare, noCell, type Origins, type StartedJob } from '../../contract/class-atlas.ts'
import { ClassAtlasSelection } from '../../contract/class-selection.ts'
import { UserError } from '../../contract/errors.ts'
import type { JobRecord } from '../../contract/jobs.ts'
import { extentOf, filterSamples } from '../attribution/filter.ts'
import { showingEnough } from '../class-atlas/cells.ts'
import { classCells } from '../class-atlas/described.ts'
import { classAtlasOf, notesOf } from '../class-atlas/lay-out.ts'
import {
  CLASS_ATLAS,
  ClassAtlasJob,
  type ClassAtlasParams,
  COMPARISON,
  classParams,
  planKey,
} from '../class-atlas/order.ts'
import { shareOf } from '../class-atlas/shares.ts'
import { listJobs } from '../jobs/list.ts'
import { OUTSIDE } from '../layout/cell-sums.ts'
import { requireClasses } from '../model/labels.ts'
import { positionsOf, requireAtlas, shownCount, slotsOf } from '../query/atlas-records.ts'
import { classColumns, classifierOf, rankedColumns } from '../query/class-columns.ts'
import { classifierKey } from '../registry/enter.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { countsOfCells } from '../store/cells.ts'
import { type ClassAtlasRecord, classAtlas, listClassAtlases, removeClassAtlas } from '../store/class-atlases.ts'
import { gridStatesOf } from '../store/grid-states.ts'
import { type Json, stored } from '../store/json.ts'
import { layoutWithId } from '../store/layouts.ts'
import { sampleSet } from '../store/samples.ts'
import type { Readable } from '../store/sql.ts'
import type { OpenProject } from '../workspace/open-project.ts'
import { summary } from './atlas.ts'
import type { Calls } from './handlers.ts'

export const classAtlasCalls: Calls<'classAtlas'> = {
  'classAtlas.counts': async ({ from, class: index, filter }, { project }) => {
    const base = wholeAtlas(project(), from)
    await requireClassesOf(project(), base, [index])
    const [column] = await rankedColumns(project(), base, [index], filter.sign)
    return { counts: filterSamples(column!, filter).counts, extent: extentOf(column!) }
  },
  'classAtlas.list': (_, { project }) => {
    const { db } = project()
    const jobs = jobsOfPlans(db)
    return listClassAtlases(db).map(atlas => ({
      ...described(project(), atlas, gridStatesOf(db, atlas.id)),
      job: jobs.get(atlas.plan) ?? null,
    }))
  },
  'classAtlas.build': async (plan, { project }) => {
    const base = wholeAtlas(project(), plan.from)
    await requireClassesOf(project(), base, [plan.class])
    return begin(project(), base, classParams(base, plan))
  },
  'classAtlas.remove': ({ atlas: id }, { project }) => {
    const db = project().writable()
    removeClassAtlas(db, requireClassAtlas(project(), id))
    project().forgetAtlas(id)
    project().notify('project.changed', { what: ['summary', 'atlases'] })
    return {}
  },
  'classAtlas.cells': async ({ atlas: id, grid }, { project }) => {
    const atlas = requireClassAtlas(project(), id)
    const scope = stored(ClassAtlasSelection, atlas.scope, `the scope of ${atlas.name}`)
    if (scope.kind !== 'class') throw new UserError(`${atlas.name} is of two classes; open a class atlas`)
    const [column] = await classColumns(project(), atlas, [scope.class])
    const { cells, tested, mean } = classCells(project().db, atlas, grid, column!)
    return {
      attribution: Float32Array.from(cells, ({ attribution }) => attribution),
      low: Float32Array.from(cells, ({ interval }) => interval?.low ?? Number.NaN),
      high: Float32Array.from(cells, ({ interval }) => interval?.high ?? Number.NaN),
      photographs: Uint32Array.from(cells, ({ photographs }) => photographs),
      significant: Uint8Array.from(cells, ({ significant }) => Number(significant)),
      tested,
      mean,
    }
  },
  'classAtlas.origins': ({ atlas, grid, to }, { project }) =>
    originsOf(project(), requireAtlas(project(), atlas), grid, requireAtlas(project(), to.atlas), to.grid),
  'classAtlas.layers': async ({ grids, class: index, against }, { project }) => {
    const shares: LayerShare[] = []
    for (const { atlas, grid } of grids)
      shares.push(await layerShare(project(), requireAtlas(project(), atlas), grid, index, against))
    return shares
  },
}

/** The latest job of each plan, if it is not done. */
function jobsOfPlans(db: Readable): ReadonlyMap<string, number> {
  const latest = new Map<string, JobRecord>()
  for (const job of listJobs(db)) {
    const order = job.kind === CLASS_ATLAS || job.kind === COMPARISON ? ClassAtlasJob.safeParse(job.params) : undefined
    if (!order?.success) continue
    const plan = planKey(order.data)
    if (!latest.has(plan)) latest.set(plan, job)
  }
  return new Map([...latest].flatMap(([plan, { id, state }]) => (state === 'done' ? [] : [[plan, id] as const])))
}

/** @throws UserError when it has gone, or is an atlas of a part of the samples itself */
export function wholeAtlas(project: OpenProject, id: number): AtlasRecord {
  const atlas = requireAtlas(project, id)
  if (classAtlas(project.db, id) === undefined) return atlas
  throw new UserError(
    `${atlas.name} holds a part of the samples of ${atlas.layer}; begin from a whole atlas of the layer`,
  )
}

export function requireClassAtlas(project: OpenProject, id: number): ClassAtlasRecord {
  const atlas = classAtlas(project.db, id)
  if (atlas === undefined)
    throw new UserError(`there is no class atlas or comparison ${id} in ${project.file} any more; choose another one`)
  return atlas
}

/** @throws UserError when the network of an atlas has no such class */
export const requireClassesOf = async (
  project: OpenProject,
  atlas: AtlasRecord,
  classes: readonly number[],
): Promise<void> => {
  const { name, labels } = await classifierOf(project, atlas)
  requireClasses(name, labels.length, classes)
}

/** Starts a plan's job, unless it is done, or under way. */
export async function begin(project: OpenProject, base: AtlasRecord, params: ClassAtlasParams): Promise<StartedJob> {
  const classifier = await classifierOf(project, base)
  const order: ClassAtlasJob = {
    model: classifier.file,
    classifier: classifierKey(classifier),
    samples: sampleSet(project.db, base.set)!.key,
    base: base.key,
    params,
  }
  const plan = planKey(order)
  const known = classAtlasOf(project.db, order)
  if (known !== undefined && known.finished !== null) return { plan, atlas: known.id, job: null }
  const kind = params.kind === 'class' ? CLASS_ATLAS : COMPARISON
  const given: Json = JSON.parse(JSON.stringify(order))
  // Throws for a read-only project, also while another process builds.
  project.writable()
  return { plan, atlas: known?.id ?? null, job: project.startOnce(kind, given) }
}

function described(
  project: OpenProject,
  atlas: ClassAtlasRecord,
  grids: Parameters<typeof summary>[2],
): Omit<ClassAtlas, 'job'> {
  const layout = layoutWithId(project.db, atlas.layout)!
  const { stage, method, note } = notesOf(layout)
  return {
    ...summary(project, atlas, grids),
    name: atlas.name,
    method,
    plan: atlas.plan,
    from: atlas.base,
    scope: stored(ClassAtlasSelection, atlas.scope, `the scope of ${atlas.name}`),
    stage,
    note,
    ...minimumOf(project.db, atlas, grids),
  }
}

/** The minimum of a class atlas, and the next smaller one where the coarsest grid shows too few of its samples. */
function minimumOf(
  db: Readable,
  atlas: ClassAtlasRecord,
  grids: Parameters<typeof summary>[2],
): Pick<ClassAtlas, 'minSamples' | 'fewer'> {
  const { minSamples } = stored(StoredMinimum, atlas.preset, `the preset of ${atlas.name}`)
  const coarsest = grids.reduce((least, { grid }) => Math.min(least, grid), Number.POSITIVE_INFINITY)
  if (grids.length === 0) return { minSamples, fewer: null }
  const enough = showingEnough(countsOfCells(db, atlas.id, coarsest), minSamples)
  return { minSamples, fewer: enough.minSamples < minSamples ? enough : null }
}
const StoredMinimum = z.object({ minSamples: z.int().min(1) })

/** Where the samples of every shown cell of a grid lie in another grid of the same samples. */
function originsOf(
  project: OpenProject,
  atlas: AtlasRecord,
  grid: number,
  other: AtlasRecord,
  otherGrid: number,
): Origins {
  if (other.set !== atlas.set)
    throw new UserError(`${atlas.name} and ${other.name} are not of the same samples: nothing of one lies in the other`)
  const n = shownCount(project, atlas, grid)
  const [slots, there, positions] = [
    slotsOf(project, atlas, grid),
    slotsOf(project, other, otherGrid),
    positionsOf(project, other),
  ]
  const counts = new Uint32Array(n)
  const [sumX, sumY, squares] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)]
  const found = Array.from({ length: n }, () => new Map<number, number>())
  for (let sample = 0; sample < slots.length; sample++) {
    const slot = slots[sample]!
    if (slot < 0 || there[sample] === OUTSIDE) continue
    const [x, y] = [positions[2 * sample]!, positions[2 * sample + 1]!]
    counts[slot]!++
    sumX[slot]! += x
    sumY[slot]! += y
    squares[slot]! += x * x + y * y
    const cell = there[sample]!
    if (cell >= 0) found[slot]!.set(cell, (found[slot]!.get(cell) ?? 0) + 1)
  }
  const most = found.map(cells => [...cells].reduce((a, b) => (b[1] > a[1] ? b : a), [noCell, 0] as [number, number]))
  const meanX = sumX.map((sum, k) => sum / counts[k]!)
  const meanY = sumY.map((sum, k) => sum / counts[k]!)
  return {
    x: Float32Array.from(meanX),
    y: Float32Array.from(meanY),
    spread: Float32Array.from(squares, (sum, k) =>
      Math.sqrt(Math.max(0, sum / counts[k]! - meanX[k]! ** 2 - meanY[k]! ** 2)),
    ),
    cell: Uint32Array.from(most, ([cell]) => cell),
    share: Float32Array.from(most, ([, count], k) => count / counts[k]!),
  }
}

async function layerShare(
  project: OpenProject,
  atlas: AtlasRecord,
  grid: number,
  index: number,
  against: number | null,
): Promise<LayerShare> {
  const classes = against === null ? [index] : [index, against]
  await requireClassesOf(project, atlas, classes)
  const [own, other] = await classColumns(project, atlas, classes)
  const values = other === undefined ? own!.values : own!.values.map((value, s) => value - other.values[s]!)
  const known = (sample: number): boolean => own!.known[sample] === 1 && (other?.known[sample] ?? 1) === 1
  const { cells, cellsPositive, ...sums } = shareOf(project.db, atlas, grid, values, known)
  return {
    atlas: atlas.id,
    grid,
    layer: atlas.layer,
    ...sums,
    cells: Float32Array.from(cells),
    cellsPositive: Float32Array.from(cellsPositive),
  }
}
