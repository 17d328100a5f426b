import { parseBounded } from '../../contract/bounded-json.ts'
import { isVisible } from '../../contract/visible.ts'
import { asFloat32, asFloat64 } from './bytes.ts'

/**
 * The values that each column of a project may have. SQLite stores any value in any column, and a project may come from
 * an untrusted source or a damaged disk: rows are checked against these rules whenever they are read.
 */
export interface Rule {
  /** `a whole number from 0`. */
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
}

const int = (min: number, max = Number.MAX_SAFE_INTEGER): Rule => ({
  expected: max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`,
  accepts: value => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
})
const real = (min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): Rule => ({
  expected: min === Number.NEGATIVE_INFINITY ? 'a number' : `a number from ${min} to ${max}`,
  accepts: value => Number.isFinite(value) && (value as number) >= min && (value as number) <= max,
})
const oneOf = (...values: readonly string[]): Rule => ({
  expected: values.join(' or '),
  accepts: value => values.includes(value as string),
})
const orNull = ({ expected, accepts }: Rule): Rule => ({
  expected: `${expected}, or nothing`,
  accepts: value => value === null || accepts(value),
})
const text: Rule = { expected: 'a text', accepts: value => typeof value === 'string' }
/** A name of a layer: it is shown as it is. */
const name: Rule = {
  expected: 'a name without control characters',
  accepts: value => typeof value === 'string' && isVisible(value),
}
const blob: Rule = { expected: 'bytes', accepts: value => value instanceof Uint8Array }
const finite = (values: Float32Array | Float64Array): boolean => {
  for (let at = 0; at < values.length; at++) if (!Number.isFinite(values[at]!)) return false
  return true
}
const float32s: Rule = {
  expected: 'finite float32',
  accepts: value => value instanceof Uint8Array && value.length % 4 === 0 && finite(asFloat32(value)),
}
const unitFloat32s: Rule = {
  expected: 'float32 from 0 to 1',
  accepts: value => float32s.accepts(value) && asFloat32(value as Uint8Array).every(x => x >= 0 && x <= 1),
}
/** The controls of earlier sweeps are NaN. */
const rowsOf64: Rule = {
  expected: 'float64',
  accepts: value => value instanceof Uint8Array && value.length % 8 === 0,
}
const float64s: Rule = {
  expected: 'finite float64',
  accepts: value => value instanceof Uint8Array && value.length % 8 === 0 && finite(asFloat64(value)),
}

/** Cache of texts that are JSON: thousands of icons share a preset. */
const parsed = new Set<string>()
const isJson = (value: string): boolean => {
  if (parsed.has(value)) return true
  try {
    parseBounded(value)
  } catch {
    return false
  }
  if (parsed.size >= 256) parsed.clear()
  if (value.length < 4096) parsed.add(value)
  return true
}
const json: Rule = { expected: 'JSON of bounded size', accepts: value => typeof value === 'string' && isJson(value) }

const id = int(1)
const count = int(0)
const seed = int(0, 0xffff_ffff)
/** Milliseconds since 1970, up to the maximum of Date. */
const time = int(0, 8.64e15)
/** Wider than any layer of a network, and narrow enough that a row fits in memory. */
const width = int(1, 2 ** 20)
const classIndex = int(0, 65_535)
/** A share, which may slightly exceed 1 by rounding. */
const share = real(-1e-6, 1 + 1e-6)
const kinds = ['exact', 'relaxed-l2', 'relaxed-avg'] as const

/** By table and column. */
export const rules: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  writer: {
    one: id,
    token: text,
    pid: id,
    host: text,
    started: orNull(text),
    command: text,
    since: time,
  },
  checksums: { relation: text, part: text, rows: count, sum: orNull(int(Number.MIN_SAFE_INTEGER)), adopted: int(0, 1) },
  project: { one: id, created: time, created_by: text },
  models: {
    hash: text,
    name: text,
    file: text,
    beside: orNull(text),
    sidecar: json,
    layers: json,
    classifier: text,
    seen: time,
  },
  classifiers: {
    key: text,
    model: text,
    input: json,
    logits: text,
    probabilities: orNull(oneOf('softmax', 'sigmoid')),
    layers: json,
    labels: orNull(json),
  },
  folders: { id, name: text, path: orNull(text), beside: orNull(text) },
  images: {
    id,
    folder: id,
    relative: text,
    hash: orNull(text),
    width: orNull(int(1, 2 ** 31)),
    height: orNull(int(1, 2 ** 31)),
    class: orNull(text),
    status: oneOf('ok', 'unreadable'),
    reason: orNull(text),
    current: int(0, 1),
  },
  credits: { image: text, title: text, author: text, source: text, license: text, changes: text },
  sample_sets: {
    id,
    key: text,
    model: text,
    input: orNull(json),
    seed: count,
    per_image: id,
    images: text,
    n: count,
    finished: orNull(time),
  },
  samples: { set_id: id, idx: count, image: id, v: real(0, 1), u: real(0, 1) },
  matrices: {
    id,
    set_id: id,
    tensor: text,
    layer: name,
    kind: oneOf('activation', ...kinds),
    classifier: text,
    assumed: int(0, 1),
    width,
    kept: orNull(int(1, 65_535)),
    row_bytes: int(1, 2 ** 23),
    n: count,
    clipped: count,
  },
  matrix_pages: { matrix: id, page: count, data: blob },
  attribution_columns: { matrix: id, page: count, class: count, data: blob },
  matrix_tails: { matrix: id, start: count, count, data: blob },
  moments: {
    set_id: id,
    tensor: text,
    n: count,
    channels: width,
    data: float64s,
    fourth: real(),
    sums: orNull(float64s),
    photographs: orNull(count),
    squares: orNull(real()),
  },
  layouts: {
    id,
    key: text,
    set_id: id,
    tensor: text,
    layer: name,
    name: text,
    params: json,
    seed: count,
    n: count,
    trustworthiness: orNull(share),
    notes: json,
    xy: float32s,
    samples: orNull(blob),
  },
  atlases: {
    id,
    key: text,
    name: text,
    set_id: id,
    tensor: text,
    layer: name,
    layout: id,
    classifier: orNull(text),
    assumed: int(0, 1),
    attribution: oneOf(...kinds),
    whitening: json,
    preset: json,
    created: time,
    finished: orNull(time),
    scope: orNull(json),
    plan: orNull(text),
    base: orNull(id),
  },
  cells: {
    atlas: id,
    grid: int(1, 4096),
    i: int(0, 4095),
    j: int(0, 4095),
    count,
    x: real(),
    y: real(),
    label: orNull(classIndex),
    share: orNull(share),
    top: orNull(json),
    direction: orNull(float32s),
    icon: orNull(text),
  },
  cell_labels: { atlas: id, grid: int(1, 4096), key: text, labels: json },
  layout_repeats: { layout: id, seed, xy: unitFloat32s },
  layout_stability: { layout: id, key: text, result: json, kept: blob },
  icons: {
    key: text,
    status: oneOf('ok', 'grey', 'non-finite'),
    attempts: count,
    size: int(0, 4096),
    fidelity: orNull(real()),
    robust_fidelity: orNull(real()),
    objective: orNull(real()),
    preset: json,
    seed: count,
    runtime: text,
    batch: count,
    webp: orNull(blob),
    activation: orNull(float32s),
  },
  jobs: {
    id,
    kind: text,
    key: text,
    params: json,
    state: oneOf('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted'),
    stage: orNull(text),
    done: real(0),
    total: real(0),
    unit: text,
    stages: json,
    queued: time,
    started: orNull(time),
    updated: time,
    finished: orNull(time),
    error: orNull(text),
    cancel_requested: orNull(time),
  },
  job_log: { id, job: id, time, level: oneOf('info', 'warning', 'error'), text },
  saved_items: { kind: oneOf('note', 'bookmark', 'view'), name: text, value: json, updated: time },
  patches: {
    id,
    key: text,
    name: text,
    kind: text,
    origin: text,
    width: int(1, 65_535),
    height: int(1, 65_535),
    transparent: int(0, 1),
    gallery: int(0, 1),
    created: time,
    webp: blob,
  },
  predictions: { classifier: text, image: text, top: json },
  experiments: {
    id,
    key: text,
    kind: oneOf('experiment', 'suggestion'),
    plan: json,
    created: time,
    finished: orNull(time),
    outcome: orNull(json),
  },
  experiment_models: {
    experiment: id,
    ordinal: count,
    model: text,
    classifier: orNull(text),
    source: classIndex,
    target: classIndex,
    considered: orNull(count),
    unreadable: orNull(count),
    population: orNull(count),
  },
  experiment_patches: {
    experiment: id,
    ordinal: count,
    patch: id,
    grp: oneOf('real', 'noise', 'mean', 'shuffled', 'spectrum', 'surroundings', 'natural'),
    note: orNull(json),
  },
  trials: {
    experiment: id,
    model: count,
    image: id,
    variant: int(-1),
    winner: classIndex,
    winner_probability: share,
    source_probability: share,
    target_probability: share,
    source_logit: real(),
    target_logit: real(),
  },
  sweeps: { id, key: text, plan: json, classifier: orNull(text), created: time },
  sweep_rows: { sweep: id, size: int(-1), data: rowsOf64 },
}

/** Characters of a value in a sentence. */
const MOST_SHOWN = 40

/** `-5`, `"abc…"`, `12 bytes`: a value in a sentence. */
export const shown = (value: unknown): string => {
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (typeof value === 'string') {
    const text = JSON.stringify(value.slice(0, MOST_SHOWN))
    return value.length <= MOST_SHOWN && text.length <= MOST_SHOWN + 2 ? text : `${text.slice(0, MOST_SHOWN + 1)}…"`
  }
  return value === null ? 'nothing' : String(value)
}
