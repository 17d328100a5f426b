import { float32Pages, requireActivations } from '../store/activations.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { asFloat32 } from '../store/bytes.ts'
import { cellRow } from '../store/views.ts'
import { cosineFrom, dot } from '../vectors/cosine.ts'
import { cellsOf, slotsOf } from './atlas-records.ts'
import type { Project } from './project.ts'

/** How the samples of every shown cell of a grid lie around the cell's direction, in the order of `Cells`. */
interface SamplesOfCells {
  /** The nearest by cosine, the first of equals; −1 if all activations of a cell are zero. */
  readonly nearest: Int32Array
  /** Mean of 1 − cosine over the samples; an activation of zeros has a distance of 1. */
  readonly spread: Float32Array<ArrayBuffer>
}

/** All cells in one pass over the activations, because a page is much larger than the rows of one cell. */
async function samplesOfCells(project: Project, atlas: AtlasRecord, grid: number): Promise<SamplesOfCells> {
  const name = `nearest ${atlas.id} ${grid}`
  const cached = project.peek<SamplesOfCells>(name)
  if (cached !== undefined) return cached
  const matrix = requireActivations(project.db, atlas.set, atlas.tensor)
  const { width } = matrix
  const cells = cellsOf(project, atlas, grid)
  const slots = slotsOf(project, atlas, grid)
  const directions = cells.map(({ i, j }) => {
    const direction = cellRow(project.db, { atlas: atlas.id, grid, i, j })?.direction
    return direction == null ? undefined : asFloat32(direction)
  })
  const lengths = directions.map(direction => (direction ? dot(direction, 0, direction, 0, width) : 0))
  const nearest = new Int32Array(cells.length).fill(-1)
  const best = new Float64Array(cells.length).fill(Number.NEGATIVE_INFINITY)
  const counts = new Uint32Array(cells.length)
  const sums = new Float64Array(cells.length)
  for (const { start, count, values } of float32Pages(project.db, matrix)) {
    for (let row = 0; row < count; row++) {
      const slot = slots[start + row]!
      const direction = directions[slot]
      if (direction === undefined) continue
      counts[slot]!++
      const at = row * width
      const squared = dot(values, at, values, at, width)
      if (squared === 0) continue
      const cosine = cosineFrom(dot(values, at, direction, 0, width), squared, lengths[slot]!)
      sums[slot]! += cosine
      if (cosine > best[slot]!) {
        best[slot] = cosine
        nearest[slot] = start + row
      }
    }
    // Other queries run between two pages.
    await new Promise(resolve => setImmediate(resolve))
  }
  const spread = Float32Array.from(sums, (sum, slot) => 1 - sum / counts[slot]!)
  return project.cached(
    name,
    () => ({ nearest, spread }),
    () => nearest.byteLength + spread.byteLength,
  )
}

/** For every shown cell of a grid the sample nearest to its direction. */
export const nearestSamples = async (project: Project, atlas: AtlasRecord, grid: number): Promise<Int32Array> =>
  (await samplesOfCells(project, atlas, grid)).nearest

/** For every shown cell of a grid how much the activations of its samples differ from its direction. */
export const spreadOfCells = async (
  project: Project,
  atlas: AtlasRecord,
  grid: number,
): Promise<Float32Array<ArrayBuffer>> => (await samplesOfCells(project, atlas, grid)).spread
