/** A bridge to an engine that makes everything up, so that the window runs in a plain page. */

import type { AtlasSummary, CellDetail } from '../../electron/contract/atlas.ts'
import type { Bridge } from '../../electron/contract/bridge.ts'
import type { CallName, Input, Output } from '../../electron/contract/calls.ts'
import type { Credit } from '../../electron/contract/credit.ts'
import type { EventName, EventOf } from '../../electron/contract/events.ts'
import type { JobRecord } from '../../electron/contract/jobs.ts'
import type { Keepsake, ModelInfo, ProjectSummary } from '../../electron/contract/project.ts'
import type { ShellCallName, ShellInput, ShellOutput } from '../../electron/contract/shell.ts'
import type { Cells } from '../atlas/cells.ts'
import { CLASS_NAMES } from './class-names.ts'
import { classAtlasAnswers, FIRST_SCOPED, SCOPED_SAMPLES } from './fake-class-atlases.ts'
import { patchAnswers } from './fake-patches.ts'
import { runtimeAnswers } from './fake-runtimes.ts'
import { noise, syntheticAttribution, syntheticCells } from './synthetic.ts'

const HASH = '5f1d8e2c9a4b7d60'.repeat(4)
const SAMPLES = 100_000
const CLASSES = 1000
const LAYERS = [
  'mixed3a',
  'mixed3b',
  'mixed4a',
  'mixed4b',
  'mixed4c',
  'mixed4d',
  'mixed4e',
  'mixed5a',
  'mixed5b',
] as const
const CHANNELS = [256, 480, 512, 512, 512, 528, 832, 832, 1024] as const
const GRIDS = [10, 20, 40, 80] as const

const summary: ProjectSummary = {
  key: '0123456789abcdef',
  file: '/projects/made-up.portolan',
  name: 'Made-up project',
  readOnly: null,
  images: 2000,
  unreadable: 3,
  models: 1,
  atlases: 4,
  bytes: 734e6,
}

const CREDIT: Credit = {
  title: 'Two boats',
  author: 'A. Painter',
  source: 'https://example.org/two-boats',
  license: 'https://creativecommons.org/licenses/by/2.0/',
  changes: 'resized',
}

const model: ModelInfo = {
  hash: HASH,
  name: 'GoogLeNet (BVLC)',
  file: 'bvlc_googlenet.onnx',
  available: true,
  note: null,
  layers: LAYERS.map((name, k) => ({
    name,
    tensor: `inception_${name.slice(5)}/output`,
    channels: CHANNELS[k]!,
    height: k < 2 ? 28 : k < 7 ? 14 : 7,
    width: k < 2 ? 28 : k < 7 ? 14 : 7,
    stride: k < 2 ? 8 : k < 7 ? 16 : 32,
    receptiveField: [75, 107, 171, 203, 235, 267, 299, 363, 427][k]!,
  })),
  operators: ['Conv', 'Relu', 'MaxPool', 'LRN', 'Concat', 'AveragePool', 'Gemm', 'Softmax'],
  classes: CLASSES,
  preprocessing: [
    { name: 'order', value: 'BGR' },
    { name: 'range', value: '0–255' },
    { name: 'mean', value: '104, 117, 123' },
    { name: 'resize', value: 'stretch' },
  ],
  license: 'unrestricted',
  source: 'Berkeley Vision and Learning Center',
}

const cells = new Map<string, Cells>()
const cellsOf = (atlas: number, grid: number): Cells => {
  const key = `${atlas}/${grid}`
  let made = cells.get(key)
  if (!made) {
    made = syntheticCells(grid, {
      seed: atlas,
      samples: atlas < FIRST_SCOPED ? SAMPLES * 0.93 : SCOPED_SAMPLES,
      classes: CLASSES,
      finished: atlas === 4 ? 0.55 : 1,
    })
    cells.set(key, made)
  }
  return made
}

const sum = (values: Uint32Array): number => values.reduce((a, b) => a + b, 0)
const atlas = (id: number, layer: string): AtlasSummary => ({
  id,
  name: 'all photographs',
  layer,
  model: HASH,
  modelName: model.name,
  samples: SAMPLES,
  method: 'umap',
  preset: 'notebook',
  seed: 7,
  createdAt: 1_790_000_000_000,
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

const jobs: JobRecord[] = [
  record(3, 'atlas mixed4d', 'running', 'icons of mixed4d', 214, 388, 'icons', null),
  record(2, 'atlas mixed4c', 'done', null, 1, 1, '', null),
  record(
    1,
    'photographs',
    'failed',
    'reading',
    812,
    1000,
    'photographs',
    'cannot read the folder /photographs/old: it is not there; link it again on the page Photographs',
  ),
]

function record(
  id: number,
  kind: string,
  state: JobRecord['state'],
  stage: string | null,
  done: number,
  total: number,
  unit: string,
  error: string | null,
): JobRecord {
  return {
    id,
    kind,
    key: `job-${id}`,
    params: null,
    state,
    stage,
    done,
    total,
    unit,
    stages:
      state === 'done'
        ? [
            { name: 'sampling', outcome: 'computed', seconds: 412 },
            { name: 'layout', outcome: 'reused', seconds: 0 },
            { name: 'icons', outcome: 'computed', seconds: 1840 },
          ]
        : [],
    queued: 1_790_000_000_000,
    started: 1_790_000_001_000,
    updated: 1_790_000_400_000,
    finished: state === 'running' ? null : 1_790_000_900_000,
    error,
    cancelRequested: false,
  }
}

const four = (n: number): string => String(n).padStart(4, '0')
/** The page's server finds grid, row and column in a made-up key. */
const iconKey = (grid: number, i: number, j: number): string => `${four(grid)}${four(i)}${four(j)}0000`

function detail({ atlas: id, grid, i, j, nearest, classes }: Input<'cell.detail'>): CellDetail {
  const all = cellsOf(id, grid)
  let k = 0
  while (k < all.i.length && (all.i[k] !== i || all.j[k] !== j)) k++
  if (k === all.i.length)
    throw new Error(`cannot show row ${i}, column ${j}: the grid of ${grid} has no such cell with an icon`)
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
    label: all.label[k]!,
    share: all.share[k]!,
    for: Array.from({ length: classes }, (_, c) => ({
      index: c === 0 ? all.label[k]! : Math.floor(noise(k * 31 + c) * CLASSES),
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
      layer: (atlases.find(a => a.id === id) ?? scoped.find(id))!.layer,
      preset: 'notebook',
      steps: 512,
      seed: 7,
      runtime: 'onnxruntime 1.30, CPU, 2 threads',
      license: 'unrestricted',
    },
  }
}

function elsewhere({ atlas: id, grid, cells: wanted, others }: Input<'cell.elsewhere'>): Output<'cell.elsewhere'> {
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

const classes = Array.from({ length: CLASSES }, (_, index) => ({
  index,
  synset: `n${String(1_440_764 + index * 137).padStart(8, '0')}`,
  name: CLASS_NAMES[index] ?? `class ${index}`,
  title: CLASS_NAMES[index] ?? `class ${index}`,
  synonyms: [],
  photographs: Math.floor(noise(index) * 14),
}))
const scoped = classAtlasAnswers({ samples: SAMPLES, classes: CLASSES, whole: atlases, cellsOf, iconKey })
const photograph = (id: number) => ({
  id,
  file: `photograph-${id}.jpg`,
  width: 500,
  height: 375,
  available: true,
  changed: false,
  class: null,
  credit: CREDIT,
})
const keepsakes = new Map<string, Keepsake>()
let opened = !new URLSearchParams(location.search).has('welcome')

export type Answers = { readonly [N in CallName]?: (input: Input<N>) => Output<N> | Promise<Output<N>> }
const answers: Answers = {
  ...patchAnswers(
    HASH,
    [...LAYERS.entries()].map(([k, layer]) => ({ atlas: k + 1, layer })),
  ),
  'project.summary': () => (opened ? summary : null),
  'project.open': () => {
    opened = true
    return summary
  },
  'tour.find': () => null,
  'project.demo': () => {
    opened = true
    return summary
  },
  'atlas.list': () => (new URLSearchParams(location.search).has('empty') ? [] : atlases),
  'atlas.estimate': ({ samples }) => ({
    seconds: 120 + samples / 25,
    diskBytes: samples * 9000,
    memoryBytes: 1.1e9,
    notes: ['Two threads on the CPU.'],
  }),
  'atlas.build': () => ({ job: 3 }),
  'atlas.cells': ({ atlas: id, grid }) => cellsOf(id, grid),
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
  'cell.elsewhere': elsewhere,
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
  'classes.list': () => classes,
  'classes.photographs': ({ index, offset, limit }) => {
    const total = classes[index]!.photographs
    return {
      total,
      photographs: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, k) => ({
        ...photograph(1 + Math.floor(noise(index * 31 + offset + k) * 990)),
        predictions: [{ index: noise(index + k) < 0.6 ? index : (index + k) % CLASSES, value: 0.4 + 0.5 * noise(k) }],
      })),
    }
  },
  'image.add': ({ files }) => ({ added: files.map((_, k) => photograph(k + 1)), refused: [] }),
  'image.addBytes': () => photograph(7),
  'image.get': ({ image }) => photograph(image),
  'image.list': () => ({ total: 1000, photographs: Array.from({ length: 60 }, (_, k) => photograph(k + 1)) }),
  'image.predict': ({ image, limit }) => ({
    probabilities: Array.from({ length: limit }, (_, k) => ({
      index: Math.floor(noise(image * 9 + k) * CLASSES),
      value: 0.6 * 0.5 ** k,
    })),
    logits: [],
  }),
  'image.grid': ({ layer }) => {
    const info = model.layers.find(l => l.name === layer)!
    return {
      height: info.height,
      width: info.width,
      icons: Array.from({ length: info.height * info.width }, (_, k) =>
        iconKey(20, Math.floor((k / info.width / info.height) * 19), Math.floor(((k % info.width) / info.width) * 19)),
      ),
      job: null,
    }
  },
  'image.position': ({ row, column, classes: limit }) => ({
    for: Array.from({ length: limit }, (_, k) => ({
      index: Math.floor(noise(row * 99 + column + k) * CLASSES),
      value: 3 * 0.8 ** k,
    })),
    against: Array.from({ length: limit }, (_, k) => ({
      index: Math.floor(noise(row * 199 + column + k) * CLASSES),
      value: -2 * 0.8 ** k,
    })),
    place: { x: 0.4, y: 0.5, distance: 0.2, unlikeAnything: false },
  }),
  'jobs.list': () => jobs,
  'jobs.cancel': () => ({}),
  'jobs.log': () => [
    { time: 1_790_000_001_000, level: 'info', text: 'sampling 100,000 positions from 2,000 photographs' },
  ],
  'models.list': () => [model],
  'data.list': () => [
    {
      id: 1,
      name: 'imagenet-1000',
      path: '/photographs/imagenet-1000',
      available: true,
      images: 1000,
      classless: [],
      licenses: [{ license: CREDIT.license, images: 1000 }],
      unreadable: [],
    },
    {
      id: 2,
      name: 'holidays',
      path: '/photographs/holidays',
      available: false,
      images: 1000,
      classless: [
        { modelName: model.name, images: 412, hints: '"beach" (400, no class), "crane" (12, the name of 2 classes)' },
      ],
      licenses: [],
      unreadable: [
        { file: 'IMG_0041.jpg', reason: 'ends in the middle of the picture' },
        { file: 'notes.png', reason: 'is not a picture' },
      ],
    },
  ],
  'keepsakes.list': ({ kind }) => [...keepsakes.values()].filter(k => k.kind === kind),
  'keepsakes.save': ({ kind, name, value }) => {
    keepsakes.set(`${kind}/${name}`, { kind, name, value, updated: Date.now() })
    tell('project.changed', { what: ['keepsakes'] })
    return {}
  },
  'keepsakes.remove': ({ kind, name }) => {
    keepsakes.delete(`${kind}/${name}`)
    tell('project.changed', { what: ['keepsakes'] })
    return {}
  },
  ...scoped.answers,
  ...runtimeAnswers,
}

/** What was written to files, by their paths. */
export const written = new Map<string, Uint8Array>()

type ShellAnswers = { readonly [N in ShellCallName]?: (input: ShellInput<N>) => ShellOutput<N> }
const shellAnswers: ShellAnswers = {
  'app.recent': () => [
    { file: '/projects/googlenet.portolan', name: 'googlenet', opened: 1_789_000_000_000, exists: true },
    { file: '/projects/old.portolan', name: 'old', opened: 1_780_000_000_000, exists: false },
  ],
  'app.initial': () => ({ file: null }),
  'window.title': () => ({}),
  'clipboard.text': () => ({}),
  'clipboard.image': () => ({}),
  'dialog.open': () => [],
  'dialog.save': ({ suggested }) => `/made-up/${suggested}`,
  'file.write': ({ file, bytes }) => {
    written.set(file, bytes)
    return {}
  },
  'clipboard.readImage': () => null,
}

const listeners = new Map<EventName, Set<(event: never) => void>>()
const LATENCY = 25
const later = async <T>(make: () => T | Promise<T>): Promise<T> => {
  await new Promise(resolve => setTimeout(resolve, LATENCY))
  return make()
}

export const bridge: Bridge = {
  call: <N extends CallName>(name: N, input: Input<N>): Promise<Output<N>> =>
    later(() => {
      const answer: Answers[N] = answers[name]
      if (!answer) throw new Error(`cannot do ${name}: the made-up engine does not know it`)
      return answer(input)
    }),
  shell: <N extends ShellCallName>(name: N, input: ShellInput<N>): Promise<ShellOutput<N>> =>
    later(() => {
      const answer: ShellAnswers[N] = shellAnswers[name]
      if (!answer) throw new Error(`cannot do ${name}: a plain page does not know it`)
      return answer(input)
    }),
  on(event, listener) {
    const set = listeners.get(event) ?? new Set()
    set.add(listener)
    listeners.set(event, set)
    return () => void set.delete(listener)
  },
  pathOf: async () => '',
}

/** Tell the page something, as the engine would. */
export function tell<N extends EventName>(name: N, event: EventOf<N>): void {
  for (const listener of listeners.get(name) ?? []) (listener as (given: EventOf<N>) => void)(event)
}
