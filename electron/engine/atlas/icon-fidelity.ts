import { setImmediate } from 'node:timers/promises'
import type { FidelityRank, FidelitySummary } from '../../contract/fidelity.ts'
import { storedPixels } from '../images/stored-picture.ts'
import { FidelityScorer } from '../inversion/fidelity.ts'
import type { Classifier } from '../model/classifier.ts'
import { layerAt } from '../model/layers.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { listCells } from '../store/cells.ts'
import { findIcon, type Icon, iconsOfGrid, putActivations } from '../store/icons.ts'
import type { Readable, Writable } from '../store/sql.ts'
import { Directions } from '../vectors/directions.ts'

/** Icons of one forward pass. */
const BATCH = 16

const isDraft = ({ preset }: Pick<Icon, 'preset'>): boolean => (preset as { draft?: unknown } | null)?.draft === true

/** Finished icons whose activation an earlier version did not store. */
export const iconsWithoutActivation = (db: Readable, atlas: AtlasRecord, grid: number): readonly string[] =>
  iconsOfGrid(db, atlas.id, grid)
    .filter(icon => icon.activation === null && icon.status !== 'non-finite' && !isDraft(icon))
    .map(({ key }) => key)

/** Computes the activations of finished icons that lack them, by one forward pass each, and stores them. */
export async function fillActivations(
  db: Writable,
  atlas: AtlasRecord,
  grid: number,
  { classifier, runtime }: { readonly classifier: Classifier; readonly runtime: Runtime },
): Promise<number> {
  const layer = layerAt(classifier, atlas.tensor, atlas.layer)
  const icons = iconsWithoutActivation(db, atlas, grid).map(key => findIcon(db, key)!)
  for (const [size, same] of Map.groupBy(icons, icon => icon.size)) {
    const scorer = await FidelityScorer.create(classifier, runtime, layer, size, BATCH)
    try {
      for (let from = 0; from < same.length; from += BATCH) {
        const part = same.slice(from, from + BATCH)
        const rgb = new Float32Array(size * size * 3 * BATCH)
        for (const [at, { webp }] of part.entries()) {
          if (webp === null) continue
          const pixels = await storedPixels(webp, size, size)
          for (let pixel = 0; pixel < size * size; pixel++)
            for (let c = 0; c < 3; c++) rgb[(pixel * BATCH + at) * 3 + c] = pixels[3 * pixel + c]! / 255
        }
        const units = await scorer.activations(rgb)
        const found = part.flatMap(({ key, webp }, at) =>
          webp === null ? [] : [[key, units.slice(at * layer.channels, (at + 1) * layer.channels)] as const],
        )
        putActivations(db, new Map(found))
      }
    } finally {
      await scorer.release()
    }
  }
  return icons.length
}

/** The directions of the shown cells of a grid, by row and column. */
export class GridDirections {
  readonly #directions: Directions
  readonly #places: ReadonlyMap<number, number>
  readonly #grid: number

  constructor(db: Readable, { id }: Pick<AtlasRecord, 'id'>, grid: number) {
    const shown = listCells(db, id, grid).filter(({ direction, icon }) => direction !== null && icon !== null)
    this.#grid = grid
    this.#directions = new Directions(shown.map(({ direction }) => direction!))
    this.#places = new Map(shown.map(({ i, j }, place) => [i * grid + j, place]))
  }

  get bytes(): number {
    return this.#directions.bytes
  }

  /** @throws Error when the cell is not shown */
  rankOf(
    activation: Float32Array,
    { i, j }: { readonly i: number; readonly j: number },
  ): FidelityRank & { own: number } {
    const place = this.#places.get(i * this.#grid + j)
    if (place === undefined) throw new Error(`cell ${i}, ${j} is not shown`)
    const { own, others, rank } = this.#directions.compare(activation, place)
    return { own, chance: Number.isNaN(others) ? null : others, rank, cells: this.#directions.count }
  }
}

/** Ranks of the finished icons of a grid by their cell, row · grid + column, and their summary. */
export interface GridFidelity {
  readonly summary: FidelitySummary
  readonly ranks: ReadonlyMap<number, FidelityRank>
}

/** Compares the finished icons of a grid with the directions of all of its shown cells. Other work runs between two. */
export async function fidelityOfGrid(db: Readable, atlas: AtlasRecord, grid: number): Promise<GridFidelity> {
  const icons = new Map(iconsOfGrid(db, atlas.id, grid).map(icon => [icon.key, icon]))
  const directions = new GridDirections(db, atlas, grid)
  const ranks = new Map<number, FidelityRank>()
  let [of, fidelity, chance, compared, nearest, cells] = [0, 0, 0, 0, 0, 0]
  for (const { i, j, icon: key } of listCells(db, atlas.id, grid)) {
    if (key === null) continue
    cells++
    const icon = icons.get(key)
    if (icon === undefined || isDraft(icon)) continue
    of++
    if (icon.activation === null) continue
    const { own, ...its } = directions.rankOf(icon.activation, { i, j })
    ranks.set(i * grid + j, its)
    fidelity += own
    nearest += Number(its.rank === 1)
    if (its.chance !== null) [chance, compared] = [chance + its.chance, compared + 1]
    await setImmediate()
  }
  const n = ranks.size
  return {
    summary: {
      icons: n,
      of,
      cells,
      fidelity: n === 0 ? null : fidelity / n,
      chance: compared === 0 ? null : chance / compared,
      nearest,
    },
    ranks,
  }
}
