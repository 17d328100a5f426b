import { type GridLabels, LabelKind } from '../../electron/contract/cell-labels.ts'
import type { Cells } from '../atlas/cells.ts'

/** A repeatable number in 0…1 for a whole number. */
export function noise(n: number): number {
  let h = Math.imul(n ^ 0x9e3779b9, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32
}

/** Whether the synthetic layout has samples at a place: a blob with an irregular edge, different for every layer. */
function inside(x: number, y: number, seed: number): boolean {
  const angle = Math.atan2(y - 0.5, x - 0.5)
  const edge =
    0.45 + 0.05 * Math.sin(3 * angle + seed) + 0.035 * Math.sin(5 * angle + 2 * seed) - 0.03 * Math.cos(angle * 2)
  return Math.hypot(x - 0.5, y - 0.5) < edge
}

interface SyntheticOptions {
  readonly seed: number
  readonly samples: number
  /** Share of the cells that are finished. */
  readonly finished?: number
  /** Every cell of the square is shown. */
  readonly full?: boolean
}

/** A synthetic grid with the statistics of a real one: dense centre, sparse edge. */
export function syntheticCells(grid: number, options: SyntheticOptions): Cells {
  const { seed, samples } = options
  const places: { i: number; j: number; density: number }[] = []
  let total = 0
  for (let j = 0; j < grid; j++) {
    for (let i = 0; i < grid; i++) {
      const x = (i + 0.5) / grid
      const y = (j + 0.5) / grid
      if (!options.full && !inside(x, y, seed)) continue
      const density = Math.exp(-3 * ((x - 0.45) ** 2 + (y - 0.55) ** 2)) * (0.35 + noise(i * 7919 + j * 104729 + seed))
      if (!options.full && density < 0.2) continue
      places.push({ i, j, density })
      total += density
    }
  }
  const n = places.length
  const cells = {
    grid,
    i: new Uint16Array(n),
    j: new Uint16Array(n),
    count: new Uint32Array(n),
    x: new Float32Array(n),
    y: new Float32Array(n),
    fidelity: new Float32Array(n),
    state: new Uint8Array(n),
    colour: new Uint8Array(n * 3),
    revision: 1,
  }
  places.forEach(({ i, j, density }, k) => {
    const x = (i + 0.5) / grid
    const y = (j + 0.5) / grid
    cells.i[k] = j
    cells.j[k] = i
    cells.x[k] = x
    cells.y[k] = y
    cells.count[k] = Math.max(11, Math.round((density / total) * samples))
    const done = (i + j) / (2 * grid) <= (options.finished ?? 1)
    cells.state[k] = done ? 2 : 0
    cells.fidelity[k] = done ? 0.42 + 0.4 * noise(i * 13 + j * 7) : Number.NaN
    const warm = Math.sin(6 * x + seed) * 34
    cells.colour.set([112 + warm, 110 + 24 * Math.sin(5 * y), 104 - warm + 20 * Math.cos(6 * y)], k * 3)
  })
  return cells
}

/** Synthetic labels in patches: classes, groups, and cells without a reliable label. */
export function syntheticLabels({ x, y }: Pick<Cells, 'x' | 'y'>, classes: number, seed: number): GridLabels {
  const patches = Array.from(x, (at, k) => Math.floor(at * 11) * 31 + Math.floor(y[k]! * 11) * 17 + seed)
  const kind = Uint8Array.from(patches, patch => Math.floor(3 * noise(patch * 13)))
  return {
    kind,
    index: Int16Array.from(patches, (patch, k) =>
      kind[k] === LabelKind.none
        ? -1
        : Math.floor(noise(patch) * (kind[k] === LabelKind.class ? classes : GROUPS.length)),
    ),
    agreement: Float32Array.from(kind, (its, k) => (its === LabelKind.none ? 0 : 0.8 + 0.2 * noise(k))),
    groups: GROUPS,
    source: 'wordnet',
    note: null,
  }
}
const GROUPS = [
  { name: 'dog', classes: 118 },
  { name: 'vehicle', classes: 72 },
  { name: 'structure', classes: 57 },
] as const

/** Synthetic attribution of every cell to a class: a few hills, and their hollows. */
export function syntheticAttribution(cells: Cells, index: number, seed: number): Float32Array {
  const values = new Float32Array(cells.i.length)
  const hills = Array.from({ length: 3 }, (_, h) => ({
    x: 0.2 + 0.6 * noise(index * 3 + h * 101 + seed),
    y: 0.2 + 0.6 * noise(index * 5 + h * 211 + seed),
    height: h === 0 ? 1 : 0.8 * (noise(index + h) - 0.4),
  }))
  for (let k = 0; k < values.length; k++) {
    const x = (cells.j[k]! + 0.5) / cells.grid
    const y = (cells.i[k]! + 0.5) / cells.grid
    let sum = -0.04
    for (const hill of hills) sum += hill.height * Math.exp(-((x - hill.x) ** 2 + (y - hill.y) ** 2) / 0.012)
    values[k] = sum * 8
  }
  return values
}
