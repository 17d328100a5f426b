import { UserError } from '../../contract/errors.ts'
import { MIN_PHOTOGRAPHS } from '../../contract/inference.ts'
import type { SelectionClass, SelectionSummary } from '../../contract/selection.ts'
import type { ClassColumn } from '../attribution/class-columns.ts'
import { photographsOf } from '../class-atlas/photographs.ts'
import { rankedSamples } from '../layout/ranked-samples.ts'
import { clusterMean } from '../statistics/cluster-robust.ts'
import { skewedInterval } from '../statistics/skewness.ts'
import { denseRows, requireActivations } from '../store/activations.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { shownTops } from '../store/views.ts'
import { cellsOf, shownCount, slotsOf } from './atlas-records.ts'
import { topOf } from './cell-classes.ts'
import { classColumns } from './class-columns.ts'
import { cropsOfSamples } from './crops.ts'
import { labelsOf, modelOf } from './model-records.ts'
import type { Project } from './project.ts'

/** Samples whose activations are read to find those nearest to the mean: about 40 MB of a layer of 512 channels. */
const COMPARED = 20_000
const LEVEL = 0.95

/** Some cells of a grid, by their index in `Cells`. */
interface Selected {
  readonly grid: number
  readonly cells: readonly number[]
}

/** The samples of some cells, ascending. @throws UserError when a cell is not shown */
function samplesOf(project: Project, atlas: AtlasRecord, { grid, cells }: Selected): Uint32Array {
  const shown = shownCount(project, atlas, grid)
  const outside = cells.find(cell => cell >= shown)
  if (outside !== undefined)
    throw new UserError(`the grid of ${grid} × ${grid} of ${atlas.layer} has no cell number ${outside}; select again`)
  const wanted = new Set(cells)
  const slots = slotsOf(project, atlas, grid)
  return Uint32Array.from(slots.keys().filter(sample => wanted.has(slots[sample]!)))
}

/** What several cells have in common: their strongest classes with intervals over photographs, and the typical samples. */
export async function summaryOfSelection(
  project: Project,
  atlas: AtlasRecord,
  selected: Selected,
  { classes, nearest }: { readonly classes: number; readonly nearest: number },
): Promise<SelectionSummary> {
  const samples = samplesOf(project, atlas, selected)
  const { clusters } = photographsOf(project.db, atlas.set, samples)
  const model = modelOf(project, atlas)
  const tested = (await labelsOf(project, model)).length
  const { candidates, listed } = candidatesOf(project, atlas, selected, 2 * classes)
  const columns = candidates.length === 0 ? [] : await classColumns(project, atlas, candidates)
  const means = columns.map(column => meanOf(column, samples, clusters, tested))
  const ranked = (sign: 1 | -1): SelectionClass[] =>
    means
      .filter(({ value }) => sign * value > 0)
      .sort((a, b) => sign * (b.value - a.value) || a.index - b.index)
      .slice(0, classes)
      .map(mean => ({ ...mean, cells: listed[sign === 1 ? 'for' : 'against'].get(mean.index) ?? 0 }))
  const compared = evenly(samples, COMPARED)
  return {
    cells: new Set(selected.cells).size,
    samples: samples.length,
    photographs: new Set(clusters).size,
    for: ranked(1),
    against: ranked(-1),
    tested,
    known: Math.min(samples.length, ...columns.map(({ known }) => samples.reduce((sum, s) => sum + known[s]!, 0))),
    nearest: await cropsOfSamples(project, { atlas, model }, nearestOf(project, atlas, compared).slice(0, nearest)),
    compared: compared.length,
  }
}

/** The strongest classes of the cells by the sum over their samples, of each sign, and in how many cells each is listed. */
function candidatesOf(project: Project, atlas: AtlasRecord, { grid, cells }: Selected, each: number) {
  const tops = shownTops(project.db, atlas.id, grid)
  const counts = cellsOf(project, atlas, grid)
  const listed = { for: new Map<number, number>(), against: new Map<number, number>() }
  const sums = { for: new Map<number, number>(), against: new Map<number, number>() }
  const signs = ['for', 'against'] as const
  for (const cell of new Set(cells)) {
    const top = topOf(tops[cell] ?? null)
    for (const sign of signs)
      for (const { class: index, mean } of top[sign]) {
        listed[sign].set(index, (listed[sign].get(index) ?? 0) + 1)
        sums[sign].set(index, (sums[sign].get(index) ?? 0) + Math.abs(mean) * counts[cell]!.count)
      }
  }
  const strongest = signs.flatMap(sign => [...sums[sign]].sort(([, a], [, b]) => b - a).slice(0, each))
  return { candidates: [...new Set(strongest.map(([index]) => index))], listed }
}

/** The mean over samples with its interval over photographs (`skewedInterval`), simultaneous over `tested` classes (Šidák). */
function meanOf(
  { index, values }: ClassColumn,
  samples: Uint32Array,
  clusters: Int32Array,
  tested: number,
): Omit<SelectionClass, 'cells'> {
  const sums = new Map<number, { sum: number; count: number }>()
  for (const [at, sample] of samples.entries()) {
    const of = sums.get(clusters[at]!) ?? { sum: 0, count: 0 }
    of.sum += values[sample]!
    of.count++
    sums.set(clusters[at]!, of)
  }
  const all = [...sums.values()]
  const mean = clusterMean({
    sums: all.map(({ sum }) => sum),
    counts: all.map(({ count }) => count),
  })
  if (all.length < MIN_PHOTOGRAPHS) return { index, value: mean.mean, low: null, high: null }
  return { index, value: mean.mean, ...skewedInterval(mean, (1 - LEVEL ** (1 / tested)) / 2) }
}

/** The mean activation of all samples of some cells. @returns [channels] */
export function directionOfSelection(project: Project, atlas: AtlasRecord, selected: Selected): Float32Array {
  return meanActivation(project, atlas, evenly(samplesOf(project, atlas, selected), COMPARED)).direction
}

function meanActivation(project: Project, atlas: AtlasRecord, samples: Uint32Array) {
  const matrix = requireActivations(project.db, atlas.set, atlas.tensor)
  const rows = denseRows(project.db, matrix, samples)
  const sums = new Float64Array(matrix.width)
  for (let at = 0; at < rows.length; at++) sums[at % matrix.width]! += rows[at]!
  return { rows, direction: Float32Array.from(sums, sum => sum / samples.length) }
}

/** Samples by their cosine distance from their mean activation, nearest first. */
function nearestOf(project: Project, atlas: AtlasRecord, samples: Uint32Array) {
  const { rows, direction } = meanActivation(project, atlas, samples)
  return rankedSamples(samples, rows, direction)
}

/** At most so many of the samples, evenly spread. */
const evenly = (samples: Uint32Array, most: number): Uint32Array =>
  samples.length <= most
    ? samples
    : Uint32Array.from({ length: most }, (_, k) => samples[Math.floor((k * samples.length) / most)]!)
