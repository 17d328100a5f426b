import type { CellDetail, LinkedCell } from '../../contract/atlas.ts'
import type { CellLabel } from '../../contract/cell-labels.ts'
import { UserError } from '../../contract/errors.ts'
import { linkedCells, notLinked, samplesIn } from '../../contract/linked-cells.ts'
import type { CellRef, ClassValue, GridRef } from '../../contract/values.ts'
import { startOfIcon } from '../atlas/start-record.ts'
import { HIDDEN, OUTSIDE } from '../layout/cell-sums.ts'
import { cellsOf, requireAtlas, slotsOf } from '../query/atlas-records.ts'
import { topOf } from '../query/cell-classes.ts'
import { namesOfLabels } from '../query/cell-labels.ts'
import { cropsOfCell } from '../query/crops.ts'
import { rankOfIcon } from '../query/fidelity.ts'
import { describedOf, modelOf } from '../query/model-records.ts'
import { runtimeText } from '../query/runtime-text.ts'
import { stabilityOfCells } from '../query/stability.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { asFloat32 } from '../store/bytes.ts'
import { findIcon } from '../store/icons.ts'
import { findModel } from '../store/models.ts'
import { sampleSet } from '../store/samples.ts'
import { type CellRow, cellRow } from '../store/views.ts'
import { channelIcons, strongestChannels } from '../workspace/channels.ts'
import type { OpenProject } from '../workspace/open-project.ts'
import { variantOf } from '../workspace/variants.ts'
import { knownLabels, namedPreset } from './atlas.ts'
import type { Calls } from './handlers.ts'

/** Channels that the inspector lists at once. */
const CHANNELS = 10

export const cellCalls: Calls<'cell'> = {
  'cell.detail': async ({ classes, nearest, ...ref }, { project }) => {
    const [one] = await cellDetails(project(), ref, [ref], { classes, nearest })
    return one!
  },
  'cell.samples': ({ offset, limit, ...ref }, { project }) => {
    const found = shownCell(project(), ref)
    return cropsOfCell(project(), { ...found, cell: ref }, offset, limit)
  },
  'cell.channels': ({ limit, ...ref }, { project }) => {
    const { atlas, model, direction } = shownCell(project(), ref)
    return channelIcons(project(), { model, tensor: atlas.tensor }, strongestChannels(direction, limit))
  },
  'cell.direction': (ref, { project }) => Float32Array.from(shownCell(project(), ref).direction),
  'cell.linked': ({ atlas, grid, cells, others }, { project }) =>
    elsewhere(project(), requireAtlas(project(), atlas), grid, cells, others),
  'cell.variant': ({ preset, seed, size, ...ref }, { project }) => {
    const { atlas, model, direction } = shownCell(project(), ref)
    return variantOf(project(), { atlas, model, direction }, { preset, seed, size })
  },
}

interface ShownCell {
  readonly atlas: AtlasRecord
  /** How calls name its model. */
  readonly model: string
  readonly row: CellRow
  /** [channels] */
  readonly direction: Float32Array
}

/** @throws UserError when there is no such cell, or too few samples lie in it */
function shownCell(project: OpenProject, { atlas: id, grid, i, j }: CellRef): ShownCell {
  const atlas = requireAtlas(project, id)
  const row = cellRow(project.db, { atlas: id, grid, i, j })
  if (row?.direction == null)
    throw new UserError(`cell ${i}, ${j} of ${atlas.layer} at ${grid} × ${grid} isn't shown: too few samples lie in it`)
  return { atlas, model: modelOf(project, atlas), row, direction: asFloat32(row.direction) }
}

/** What the cells of a grid have in common. */
interface GridFacts {
  /** The shown cells, row by row, in the order of `Cells`. */
  readonly shown: readonly Pick<CellRef, 'i' | 'j'>[]
  readonly labels: readonly (CellLabel | null)[]
  readonly labelNote: string | null
  readonly kept: Float32Array | null
}

/** The index of a cell among the shown ones; −1 where it is not shown. */
function placeOf(shown: GridFacts['shown'], i: number, j: number): number {
  let [low, high] = [0, shown.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const cell = shown[middle]!
    if (cell.i < i || (cell.i === i && cell.j < j)) low = middle + 1
    else high = middle
  }
  return shown[low]?.i === i && shown[low]?.j === j ? low : -1
}

async function factsOf(project: OpenProject, atlas: AtlasRecord, grid: number): Promise<GridFacts> {
  const labels = await knownLabels(project, atlas, grid)
  return {
    shown: cellsOf(project, atlas, grid),
    labels: await namesOfLabels(project, atlas, labels),
    labelNote: labels.note,
    kept: stabilityOfCells(project, atlas, grid)?.kept ?? null,
  }
}

interface DetailLimits {
  /** Of each sign. */
  readonly classes: number
  /** Photographs. */
  readonly nearest: number
}

/**
 * Some cells of one grid in detail.
 * @throws UserError when one isn't shown
 */
export async function cellDetails(
  project: OpenProject,
  { atlas, grid }: GridRef,
  cells: readonly Pick<CellRef, 'i' | 'j'>[],
  limits: DetailLimits,
): Promise<CellDetail[]> {
  const facts = await factsOf(project, requireAtlas(project, atlas), grid)
  const details: CellDetail[] = []
  for (const { i, j } of cells) details.push(await detail(project, { atlas, grid, i, j }, facts, limits))
  return details
}

async function detail(
  project: OpenProject,
  ref: CellRef,
  { shown, labels, labelNote, kept }: GridFacts,
  { classes, nearest }: DetailLimits,
): Promise<CellDetail> {
  const { atlas, model, row, direction } = shownCell(project, ref)
  const icon = row.icon === null ? undefined : findIcon(project.db, row.icon)
  const draft = (icon?.preset as { draft?: unknown } | undefined)?.draft === true
  const network = sampleSet(project.db, atlas.set)!.model
  const record = findModel(project.db, network)
  const named = namedPreset(atlas)
  const place = placeOf(shown, ref.i, ref.j)
  const top = topOf(row.top)
  const values = (list: typeof top.for): ClassValue[] =>
    list.slice(0, classes).map(({ class: index, mean: value }) => ({ index, value }))
  return {
    cell: ref,
    count: row.count,
    x: row.x,
    y: row.y,
    icon: icon?.webp ? icon.key : null,
    state: icon === undefined ? 0 : draft ? 1 : 2,
    fidelity: draft ? null : (icon?.fidelity ?? null),
    robustFidelity: draft ? null : (icon?.robustFidelity ?? null),
    fidelityRank: draft || !icon?.activation ? null : rankOfIcon(project, atlas, ref, icon.activation),
    stability: kept?.[place] ?? null,
    label: labels[place] ?? null,
    labelNote,
    for: values(top.for),
    against: values(top.against),
    channels: strongestChannels(direction, CHANNELS).map(channel => ({ ...channel, icon: null })),
    nearest: await cropsOfCell(project, { atlas, model, cell: ref, direction }, 0, nearest),
    neighbours: neighbours(shown, ref),
    provenance: {
      model: network,
      modelName: record?.name ?? '',
      layer: atlas.layer,
      preset: named.name,
      steps: named.steps,
      seed: named.seed,
      start: icon ? startOfIcon(icon) : '',
      runtime: icon ? runtimeText(icon.runtime) : '',
      license: record ? describedOf(record).license : 'unknown',
    },
  }
}

/** The up to eight shown cells around a cell. */
const neighbours = (shown: GridFacts['shown'], { i, j, ...grid }: CellRef): CellRef[] =>
  [-1, 0, 1].flatMap(di =>
    [-1, 0, 1].flatMap(dj =>
      (di !== 0 || dj !== 0) && placeOf(shown, i + di, j + dj) >= 0 ? [{ ...grid, i: i + di, j: j + dj }] : [],
    ),
  )

/** Where the samples of some cells lie in other grids: possible where both atlases are of the same samples. */
function elsewhere(
  project: OpenProject,
  atlas: AtlasRecord,
  grid: number,
  cells: readonly number[],
  others: readonly { readonly atlas: number; readonly grid: number }[],
): LinkedCell[] {
  const samples = samplesIn(cells, slotsOf(project, atlas, grid))
  return others.map(ref => {
    const other = requireAtlas(project, ref.atlas)
    if (other.set !== atlas.set) return notLinked(ref)
    return linkedCells(ref, samples, slotsOf(project, other, ref.grid), { hidden: HIDDEN, outside: OUTSIDE })
  })
}
