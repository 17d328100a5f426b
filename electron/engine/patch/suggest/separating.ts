import { UserError } from '../../../contract/errors.ts'
import type { CellRef } from '../../../contract/values.ts'
import { positionsInSet } from '../../atlas/positions.ts'
import { readColumns } from '../../class-atlas/columns.ts'
import { slotsOfSamples } from '../../layout/cell-sums.ts'
import type { Classifier } from '../../model/classifier.ts'
import { layerAt } from '../../model/layers.ts'
import { Identities } from '../../photographs/read.ts'
import { classifierKey } from '../../registry/enter.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import { type AtlasRecord, atlasWithId, listAtlases } from '../../store/atlases.ts'
import { type Cell, listCells, listGrids, StrongestClasses } from '../../store/cells.ts'
import { samplesAt } from '../../store/samples.ts'
import type { Readable } from '../../store/sql.ts'

/** A cell that separates two classes, and its photographs with the largest difference of attribution. */
export interface Separating {
  readonly atlas: AtlasRecord
  readonly grid: number
  readonly cell: Cell
  /** Largest attribution to the target less that to the source first, one for each photograph. */
  readonly samples: readonly {
    readonly image: number
    readonly v: number
    readonly u: number
    readonly difference: number
  }[]
  /** Other classes that the cell has positive attribution to, strongest first. */
  readonly otherClasses: readonly number[]
}

/** Photographs of each cell that crops are taken from, at most. */
const MAX_CROPS = 6
/** Cells of each layer where none are given. */
const CELLS = 6

interface ClassPair {
  readonly classifier: Classifier
  readonly runtime: Runtime
  readonly source: number
  readonly target: number
}

/**
 * Cells that separate two classes: the given ones, or without any the cells of the samples whose attribution differs
 * most, at every layer that has an atlas.
 * @throws UserError when the project has no atlas of the model, or a given cell does not exist
 */
export async function separatingCells(
  db: Readable,
  pair: ClassPair,
  given: readonly CellRef[] | null,
): Promise<readonly Separating[]> {
  if (given) return Promise.all(given.map(async ref => ofCell(db, pair, ref)))
  const atlases = new Map<string, AtlasRecord>()
  const key = classifierKey(pair.classifier)
  for (const atlas of listAtlases(db))
    if (atlas.classifier === key && !atlases.has(atlas.tensor)) atlases.set(atlas.tensor, atlas)
  const { name } = pair.classifier
  // Atlases may be of the model as it was described before.
  const described = listAtlases(db).length > 0 ? `${name} as it is described now` : name
  if (atlases.size === 0)
    throw new UserError(
      `${db.file} has no atlas of ${described} to take suggestions from: build one (portolan atlas build ${db.file} …)`,
    )
  const found: Separating[] = []
  for (const atlas of atlases.values()) found.push(...(await mostDifferent(db, pair, atlas)))
  return found
}

async function ofCell(db: Readable, pair: ClassPair, { atlas: id, grid, i, j }: CellRef): Promise<Separating> {
  const atlas = atlasWithId(db, id)
  const cell = atlas && listCells(db, id, grid).find(each => each.i === i && each.j === j)
  if (!atlas || !cell)
    throw new UserError(`there is no cell ${i}, ${j} in the grid of ${grid} of atlas ${id}: choose another`)
  if (atlas.classifier !== classifierKey(pair.classifier))
    throw new UserError(
      `${atlas.name} (atlas ${id}) was built with another model, or with other logits or preprocessing than ${pair.classifier.name} has now: build it again`,
    )
  const difference = await differences(db, pair, atlas)
  const slots = slotsOfSamples(positionsInSet(db, atlas), grid, [cell])
  const members = [...slots.keys()].filter(sample => slots[sample] === 0)
  return described(db, pair, { atlas, grid, cell }, members, difference)
}

/** Cells that hold the samples with the largest differences, each cell once. */
async function mostDifferent(db: Readable, pair: ClassPair, atlas: AtlasRecord): Promise<readonly Separating[]> {
  // A grid in the middle: its cells hold enough samples for a stable mean, and few enough to show one thing.
  const grids = listGrids(db, atlas.id)
  const { grid } = grids[Math.floor((grids.length - 1) / 2)]!
  const cells = listCells(db, atlas.id, grid).filter(({ icon }) => icon !== null)
  const slots = slotsOfSamples(positionsInSet(db, atlas), grid, cells)
  const difference = await differences(db, pair, atlas)
  const order = [...difference.keys()].sort((a, b) => difference[b]! - difference[a]!)
  const chosen = new Set<number>()
  for (const sample of order) {
    if (slots[sample]! >= 0) chosen.add(slots[sample]!)
    if (chosen.size === CELLS) break
  }
  const members = Map.groupBy(slots.keys(), sample => slots[sample]!)
  return [...chosen].map(slot =>
    described(db, pair, { atlas, grid, cell: cells[slot]! }, members.get(slot)!, difference),
  )
}

function described(
  db: Readable,
  { source, target }: ClassPair,
  place: Pick<Separating, 'atlas' | 'grid' | 'cell'>,
  members: readonly number[],
  difference: Float32Array,
): Separating {
  const strongest = members.toSorted((a, b) => difference[b]! - difference[a]!).slice(0, 4 * MAX_CROPS)
  const where = samplesAt(db, place.atlas.set, strongest)
  const photographs = new Identities(db)
  const seen = new Set<number>()
  const samples = strongest
    .map(sample => ({ ...where.get(sample)!, difference: difference[sample]! }))
    .filter(({ image }) => !seen.has(photographs.of(image)) && seen.add(photographs.of(image)))
    .slice(0, MAX_CROPS)
  const top = StrongestClasses.safeParse(place.cell.top)
  const otherClasses = top.success
    ? top.data.for.map(({ class: index }) => index).filter(index => index !== source && index !== target)
    : []
  return { ...place, samples, otherClasses }
}

/**
 * Attribution to the target less that to the source where that is positive, of every sample of a set: [n]. What is against the
 * source does not yet favour the target.
 */
async function differences(
  db: Readable,
  { classifier, runtime, source, target }: ClassPair,
  { set, tensor, layer, attribution }: AtlasRecord,
): Promise<Float32Array> {
  const from = { db, set, classifier, layer: layerAt(classifier, tensor, layer), attribution, runtime }
  const [ours, theirs] = await readColumns(from, [source, target])
  return theirs!.values.map((value, sample) => value - Math.max(0, ours!.values[sample]!))
}
