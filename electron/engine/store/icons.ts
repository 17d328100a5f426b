import { asFloat32, bytesOf } from './bytes.ts'
import { fromJson, type Json, toJson } from './json.ts'
import { command, type None, query, type Readable, type Writable } from './sql.ts'

/** The inversion of a direction, with its parameters and measurements. */
export interface Icon {
  readonly key: string
  /** The fault that remains after so many attempts, or `ok`. */
  readonly status: 'ok' | 'grey' | 'non-finite'
  readonly attempts: number
  /** Width and height in pixels. */
  readonly size: number
  readonly fidelity: number | null
  readonly robustFidelity: number | null
  readonly objective: number | null
  readonly preset: Json
  readonly seed: number
  /** Device, provider and version of the runtime. */
  readonly runtime: string
  /** Size of its batch. */
  readonly batch: number
  /** [channels]: activation of the centre unit for the finished icon; null where it is not known. */
  readonly activation: Float32Array | null
  /** Lossless WebP; null where every attempt failed. */
  readonly webp: Uint8Array | null
}

type IconRow = Omit<Icon, 'preset' | 'activation'> & { readonly preset: string; readonly activation: Uint8Array | null }

const columns = `key, status, attempts, size, fidelity, robust_fidelity AS robustFidelity, objective, preset, seed,
  runtime, batch, activation`
const selectOne = query<{ key: string }, IconRow>(`SELECT ${columns}, webp FROM icons WHERE key = @key`)
const selectKey = query<{ key: string }, { key: string }>('SELECT key FROM icons WHERE key = @key')
const selectOfGrid = query<{ atlas: number; grid: number }, Omit<IconRow, 'webp'>>(`
  SELECT ${columns} FROM icons
  WHERE key IN (SELECT icon FROM cells WHERE atlas = @atlas AND grid = @grid) ORDER BY key
`)
const selectFrom = query<{ after: string; limit: number }, IconRow>(`
  SELECT ${columns}, webp FROM icons WHERE key > @after ORDER BY key LIMIT @limit
`)
const upsert = command<IconRow>(`
  INSERT OR REPLACE INTO icons
    (key, status, attempts, size, fidelity, robust_fidelity, objective, preset, seed, runtime, batch, activation, webp)
  VALUES
    (@key, @status, @attempts, @size, @fidelity, @robustFidelity, @objective, @preset, @seed, @runtime, @batch, @activation,
     @webp)
`)
const setActivation = command<{ key: string; activation: Uint8Array }>(
  'UPDATE icons SET activation = @activation WHERE key = @key',
)
const selectFailed = query<{ atlas: number }, FailedIcon>(`
  SELECT grid, i, j, status FROM cells JOIN icons ON icons.key = cells.icon
  WHERE atlas = @atlas AND status <> 'ok' AND json_extract(icons.preset, '$.draft') IS NULL ORDER BY grid, i, j
`)
const countIcons = query<{ atlas: number }, { awaited: number; finished: number }>(`
  SELECT count(DISTINCT cells.icon) AS awaited, 
    count(DISTINCT iif(json_extract(icons.preset, '$.draft') = 1, NULL, icons.key)) AS finished
  FROM cells LEFT JOIN icons ON icons.key = cells.icon WHERE atlas = @atlas
`)
const countFewPhotographs = query<{ atlas: number }, { icons: number }>(`
  SELECT count(DISTINCT icons.key) AS icons FROM cells JOIN icons ON icons.key = cells.icon
  WHERE atlas = @atlas AND json_extract(icons.preset, '$.startedFromNoise') IS NOT NULL
`)
const removeUnused = command<None>(`
  DELETE FROM icons WHERE NOT EXISTS (SELECT 1 FROM cells WHERE cells.icon = icons.key)
`)

const record = (row: IconRow): Icon => ({
  ...row,
  preset: fromJson(row.preset),
  activation: row.activation && asFloat32(row.activation),
})

export const findIcon = (db: Readable, key: string): Icon | undefined => {
  const row = db.one(selectOne, { key })
  return row && record(row)
}

export const hasIcon = (db: Readable, key: string): boolean => db.one(selectKey, { key }) !== undefined

/** All icons by key, a few of them in memory. */
export function* allIcons(db: Readable): Generator<Icon> {
  for (let after = ''; ; ) {
    const rows = db.all(selectFrom, { after, limit: 256 })
    yield* rows.map(record)
    if (rows.length === 0) return
    after = rows.at(-1)!.key
  }
}

/** The icons of a grid, without their pictures. */
export const iconsOfGrid = (db: Readable, atlas: number, grid: number): Omit<Icon, 'webp'>[] =>
  db.all(selectOfGrid, { atlas, grid }).map(row => ({
    ...row,
    preset: fromJson(row.preset),
    activation: row.activation && asFloat32(row.activation),
  }))

/** A cell whose icon failed after all attempts. */
export interface FailedIcon {
  readonly grid: number
  readonly i: number
  readonly j: number
  readonly status: Icon['status']
}

export const failedIcons = (db: Readable, atlas: number): FailedIcon[] => db.all(selectFailed, { atlas })

/** Number of distinct icons of the cells of an atlas, and of those that are finished; drafts are not. */
export const iconCounts = (db: Readable, atlas: number): { readonly awaited: number; readonly finished: number } =>
  db.one(countIcons, { atlas })!

/** Icons of an atlas that started from noise, because their cells have too few photographs for the start of the inversion. */
export const iconsFromNoise = (db: Readable, atlas: number): number => db.one(countFewPhotographs, { atlas })!.icons

/** Stores a batch of icons, all or none; a finished icon replaces the draft with the same key. */
export const putIcons = (db: Writable, icons: readonly Icon[]): void =>
  db.write(() => {
    for (const icon of icons)
      db.run(upsert, {
        ...icon,
        preset: toJson(icon.preset),
        activation: icon.activation && bytesOf(icon.activation),
      })
  })

/** Stores activations of icons of earlier versions, which did not. */
export const putActivations = (db: Writable, activations: ReadonlyMap<string, Float32Array>): void =>
  db.write(() => {
    for (const [key, activation] of activations) db.run(setActivation, { key, activation: bytesOf(activation) })
  })

/** Removes icons that no cell refers to. @returns how many */
export const removeUnusedIcons = (db: Writable): number => db.run(removeUnused, {})
