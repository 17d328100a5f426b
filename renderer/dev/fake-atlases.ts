/** Atlases and cells of the fake engine. */
import type { AtlasSummary, CellDetail } from '../../electron/contract/atlas.ts'
import type { Input, Output } from '../../electron/contract/calls.ts'
import { LabelKind } from '../../electron/contract/cell-labels.ts'
import type { LayoutStability } from '../../electron/contract/stability.ts'
import { mapLabels } from '../atlas/cell-labels.ts'
import type { Cells } from '../atlas/cells.ts'
import type { FakeHandlers } from './fake-bridge.ts'
import { CLASS_ATLAS_SAMPLES, classAtlasHandlers, FIRST_CLASS_ATLAS } from './fake-class-atlases.ts'
import { CLASSES, CREDIT, classes as classInfos, HASH, model, SAMPLES } from './fake-project.ts'
import { noise, syntheticAttribution, syntheticCells, syntheticLabels } from './synthetic.ts'

const GRIDS = [10, 20, 40, 80] as const

const cells = new Map<string, Cells>()
function cellsOf(atlas: number, grid: number): Cells {
  const key = `${atlas}/${grid}`
  let made = cells.get(key)
  if (!made) {
    made = syntheticCells(grid, {
      seed: atlas,
      samples: atlas < FIRST_CLASS_ATLAS ? SAMPLES * 0.93 : CLASS_ATLAS_SAMPLES,
      finished: atlas === 4 ? 0.55 : 1,
    })
    cells.set(key, made)
  }
  return made
}

const STABILITY: LayoutStability = {
  seeds: [7, 8, 9],
  k: 15,
  kept: 0.38,
  chance: 15 / 19_999,
  pairs: [
    { seeds: [7, 8], procrustes: 0.041, shared: 0.37 },
    { seeds: [7, 9], procrustes: 0.044, shared: 0.39 },
    { seeds: [8, 9], procrustes: 0.039, shared: 0.4 },
  ],
  earlier: false,
}
/** More stable in the middle of the map than at its edge. */
const keptAt = (x: number, y: number): number => {
  const away = Math.hypot(x - 0.5, y - 0.5)
  return Math.max(0.05, 0.72 - 0.9 * away + 0.16 * (noise(Math.floor(x * 97) * 131 + Math.floor(y * 89)) - 0.5))
}

const sum = (values: Uint32Array): number => values.reduce((a, b) => a + b, 0)
const atlas = (id: number, layer: string): AtlasSummary => ({
  id,
  name: 'all photographs',
  layer,
  model: HASH,
  modelName: model.name,
  samples: SAMPLES,
  photographs: SAMPLES,
  coverage: { units: 49, reachable: 25 / 49, perPhotograph: 1 / 49, border: 'exclude' },
  method: 'umap',
  preset: 'notebook',
  seed: 7,
  start: 'noise',
  createdAt: 1_790_000_000_000,
  quality: {
    trustworthiness: { value: 0.88, standardError: 0.002 },
    preservation: { value: 0.161, standardError: 0.003 },
    k: 15,
    checked: 2000,
    of: 20_000,
  },
  layout: `layout ${id}`,
  layoutSeed: 0,
  aligned: id > 1 ? 'together' : null,
  stability: id === 1 ? STABILITY : null,
  outdated: null,
  grids: GRIDS.map(grid => {
    const c = cellsOf(id, grid)
    return {
      grid,
      shown: c.i.length,
      total: Math.round(c.i.length * 1.12),
      samplesShown: Math.min(SAMPLES, sum(c.count)),
      finished: c.state.reduce((n, s) => n + (s === 2 ? 1 : 0), 0),
    }
  }),
})
const atlases = [atlas(1, 'mixed4c'), atlas(2, 'mixed3b'), atlas(3, 'mixed5b'), atlas(4, 'mixed4d')]

const four = (n: number): string => String(n).padStart(4, '0')
/** The page's server finds grid, row and column in a synthetic key. */
export function iconKey(grid: number, i: number, j: number): string {
  return `${four(grid)}${four(i)}${four(j)}0000`
}

const classAtlases = classAtlasHandlers({ samples: SAMPLES, classes: CLASSES, whole: atlases, cellsOf, iconKey })

function detail({ atlas: id, grid, i, j, nearest, classes }: Input<'cell.detail'>): CellDetail {
  const all = cellsOf(id, grid)
  let k = 0
  while (k < all.i.length && (all.i[k] !== i || all.j[k] !== j)) k++
  if (k === all.i.length)
    throw new Error(`cannot show row ${i}, column ${j}: the grid of ${grid} has no such cell with an icon`)
  const label = mapLabels(grid, syntheticLabels(all, CLASSES, id), index => classInfos[index]!.title).cells[k]!
  const value = (c: number): number => 4.2 * 0.82 ** c * (0.9 + 0.2 * noise(k + c))
  return {
    cell: { atlas: id, grid, i, j },
    count: all.count[k]!,
    x: all.x[k]!,
    y: all.y[k]!,
    icon: all.state[k] === 2 ? iconKey(grid, i, j) : null,
    state: all.state[k]!,
    fidelity: all.state[k] === 2 ? all.fidelity[k]! : null,
    robustFidelity: all.state[k] === 2 ? all.fidelity[k]! - 0.05 : null,
    fidelityRank: all.state[k] === 2 ? { chance: 0.31, rank: 1 + (k % 4), cells: all.i.length } : null,
    stability: id === 1 ? keptAt(all.x[k]!, all.y[k]!) : null,
    label,
    labelNote: null,
    for: Array.from({ length: classes }, (_, c) => ({
      index: c === 0 && label?.class ? label.class : Math.floor(noise(k * 31 + c) * CLASSES),
      value: value(c),
    })),
    against: Array.from({ length: classes }, (_, c) => ({
      index: Math.floor(noise(k * 57 + c) * CLASSES),
      value: -0.6 * value(c),
    })),
    channels: Array.from({ length: 10 }, (_, c) => ({
      channel: Math.floor(noise(k + c * 17) * 512),
      value: 9 - c * 0.6,
      icon: iconKey(20, Math.floor(noise(k + c) * 18), Math.floor(noise(c * 3 + k) * 18)),
    })),
    nearest: Array.from({ length: Math.min(nearest, all.count[k]!) }, (_, s) => {
      const [u, v] = [0.15 + 0.7 * noise(k + s * 7), 0.15 + 0.7 * noise(k + s * 13)]
      return {
        sample: s,
        image: 1 + Math.floor(noise(k * 3 + s) * 990),
        file: `photograph-${s}.jpg`,
        available: true,
        changed: false,
        v,
        u,
        box: { left: u - 0.25, top: v - 0.25, right: u + 0.25, bottom: v + 0.25 },
        distance: 0.2 + s * 0.01,
        credit: CREDIT,
      }
    }),
    neighbours: [-1, 0, 1].flatMap(di =>
      [-1, 0, 1].flatMap(dj =>
        (di !== 0 || dj !== 0) && all.i.some((row, at) => row === i + di && all.j[at] === j + dj)
          ? [{ atlas: id, grid, i: i + di, j: j + dj }]
          : [],
      ),
    ),
    provenance: {
      model: HASH,
      modelName: model.name,
      layer: (atlases.find(a => a.id === id) ?? classAtlases.find(id))!.layer,
      preset: 'notebook',
      steps: 512,
      seed: 7,
      start: 'noise',
      runtime: 'onnxruntime 1.30, CPU, 2 threads',
      license: 'unrestricted',
    },
  }
}

function elsewhere({ atlas: id, grid, cells: wanted, others }: Input<'cell.linked'>): Output<'cell.linked'> {
  const from = cellsOf(id, grid)
  return others.map(other => {
    const to = cellsOf(other.atlas, other.grid)
    const found = new Map<number, number>()
    let hidden = 0
    for (const k of wanted) {
      for (let s = 0; s < 24; s++) {
        const x = from.x[k]! + (noise(k * 24 + s) - 0.5) * 0.12
        const y = from.y[k]! + (noise(k * 48 + s) - 0.5) * 0.12
        const row = Math.floor(y * other.grid)
        const column = Math.floor(x * other.grid)
        let at = -1
        for (let c = 0; c < to.i.length && at < 0; c++) if (to.i[c] === row && to.j[c] === column) at = c
        if (at < 0) hidden++
        else found.set(at, (found.get(at) ?? 0) + 1)
      }
    }
    return {
      ...other,
      cells: Uint32Array.from(found.keys()),
      counts: Uint32Array.from(found.values()),
      hidden,
      aligned: true,
    }
  })
}

export const atlasHandlers: FakeHandlers = {
  'atlas.list': () => (new URLSearchParams(location.search).has('empty') ? [] : atlases),
  'atlas.estimate': ({ samples }) => ({
    seconds: 120 + samples / 25,
    diskBytes: samples * 9000,
    memoryBytes: 1.1e9,
    notes: ['Two threads on the CPU.'],
  }),
  'atlas.build': () => ({ job: 3 }),
  'atlas.cells': ({ atlas: id, grid }) => cellsOf(id, grid),
  'atlas.fidelity': ({ atlas: id, grid }) => {
    const n = cellsOf(id, grid).i.length
    return { icons: n, of: n, cells: n, fidelity: 0.62, chance: 0.31, nearest: Math.floor(n / 4) }
  },
  'atlas.samples': ({ region, text, limit }) => {
    const of = Array.from({ length: 3000 }, (_, k) => k).filter(k => {
      const [x, y] = [0.2 + 0.6 * noise(k), 0.2 + 0.6 * noise(k + 4000)]
      const inside = x >= region.left && x <= region.right && y >= region.top && y <= region.bottom
      return inside && (text === '' || classInfos[k % 40]!.title.includes(text))
    })
    const given = of.slice(0, limit)
    return {
      total: of.length,
      sample: Uint32Array.from(given),
      x: Float32Array.from(given, k => 0.2 + 0.6 * noise(k)),
      y: Float32Array.from(given, k => 0.2 + 0.6 * noise(k + 4000)),
      image: Uint32Array.from(given, k => 1 + (k % 990)),
      class: Int32Array.from(given, k => k % 40),
    }
  },
  'atlas.sample': ({ atlas: id, sample }) => {
    const all = cellsOf(id, 10)
    const [one] = detail({ atlas: id, grid: 10, i: all.i[0]!, j: all.j[0]!, classes: 1, nearest: 1 }).nearest
    return { ...one!, sample, image: 1 + (sample % 990) }
  },
  'atlas.spread': ({ atlas: id, grid }) => ({
    spread: Float32Array.from(cellsOf(id, grid).count, (_, k) => 0.2 + 0.3 * noise(k + 77)),
  }),
  'atlas.stability': ({ atlas: id, grid }) => {
    const all = cellsOf(id, grid)
    return id === 1 ? { kept: Float32Array.from(all.x, (x, k) => keptAt(x, all.y[k]!)) } : null
  },
  'atlas.measureStability': () => ({ job: 3 }),
  'atlas.labels': ({ atlas: id, grid }) => syntheticLabels(cellsOf(id, grid), CLASSES, id),
  'atlas.classes': ({ atlas: id, grid, each }) => {
    const all = cellsOf(id, grid)
    const labels = syntheticLabels(all, CLASSES, id)
    const n = all.i.length * each
    const own = (k: number, c: number): number =>
      c === 0 && labels.kind[k] === LabelKind.class ? labels.index[k]! : Math.floor(noise(k * 31 + c) * CLASSES)
    return {
      each,
      index: Int32Array.from({ length: n }, (_, at) => own(Math.floor(at / each), at % each)),
      value: Float32Array.from({ length: n }, (_, at) => 4.2 * 0.82 ** (at % each) * (0.9 + 0.2 * noise(at))),
    }
  },
  'atlas.attribution': ({ atlas: id, grid, classes: wanted }) => {
    const all = cellsOf(id, grid)
    const values = new Float32Array(wanted.length * all.i.length)
    const max = new Float32Array(wanted.length)
    const min = new Float32Array(wanted.length)
    wanted.forEach((index, c) => {
      const one = syntheticAttribution(all, index, id)
      values.set(one, c * all.i.length)
      max[c] = one.reduce((a, b) => Math.max(a, b), 0)
      min[c] = one.reduce((a, b) => Math.min(a, b), 0)
    })
    return { values, max, min, known: SAMPLES, of: SAMPLES }
  },
  'atlas.look': () => ({}),
  'cell.detail': detail,
  'cell.linked': elsewhere,
  'selection.summary': ({ atlas: id, grid, cells: wanted, classes, nearest }) => {
    const all = cellsOf(id, grid)
    const [i, j] = [all.i[wanted[0]!]!, all.j[wanted[0]!]!]
    const one = detail({ atlas: id, grid, i, j, classes, nearest })
    const samples = wanted.reduce((total, k) => total + all.count[k]!, 0)
    const withInterval = ({ index, value }: (typeof one.for)[number], k: number) => ({
      ...{ index, value, low: value - 0.4 - 0.1 * k, high: value + 0.4 + 0.1 * k },
      cells: Math.max(1, wanted.length - 2 * k),
    })
    return {
      ...{ cells: wanted.length, samples, photographs: Math.ceil(samples * 0.8), tested: CLASSES, known: samples },
      for: one.for.map(withInterval),
      against: one.against.map(withInterval),
      nearest: one.nearest,
      compared: samples,
    }
  },
  'selection.icon': ({ grid, preset, seed }) => ({
    ...{ icon: iconKey(grid, 8, 8), preset, seed, fidelity: 0.71, robustFidelity: 0.6 },
  }),
  'cell.samples': ({ offset, limit, ...ref }) =>
    detail({ ...ref, classes: 1, nearest: 200 }).nearest.slice(offset, offset + limit),
  'cell.channels': ref => detail({ ...ref, classes: 1, nearest: 0 }).channels,
  'cell.variant': ({ grid, i, j, preset, seed }) => ({
    icon: iconKey(grid, (i + seed) % grid, j),
    preset,
    seed,
    fidelity: 0.5 + 0.3 * noise(seed + preset.length),
    robustFidelity: 0.5,
  }),
  ...classAtlases.handlers,
}
