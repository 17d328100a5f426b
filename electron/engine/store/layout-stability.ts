import { LayoutStability } from '../../contract/stability.ts'
import { asFloat32, bytesOf } from './bytes.ts'
import { fromJson, stored, toJson } from './json.ts'
import { command, type None, query, type Readable, type Writable } from './sql.ts'

type Seeded = { readonly layout: number; readonly seed: number }

const selectRepeat = query<Seeded, { xy: Uint8Array }>(`
  SELECT xy FROM layout_repeats WHERE layout = @layout AND seed = @seed
`)
const selectSeeds = query<{ layout: number }, { seed: number }>(`
  SELECT seed FROM layout_repeats WHERE layout = @layout
`)
const insertRepeat = command<Seeded & { xy: Uint8Array }>(`
  INSERT OR REPLACE INTO layout_repeats (layout, seed, xy) VALUES (@layout, @seed, @xy)
`)
const selectResult = query<{ layout: number }, { key: string; result: string }>(`
  SELECT key, result FROM layout_stability WHERE layout = @layout
`)
const selectKept = query<{ layout: number }, { kept: Uint8Array }>(`
  SELECT kept FROM layout_stability WHERE layout = @layout
`)
const upsert = command<{ layout: number; key: string; result: string; kept: Uint8Array }>(`
  INSERT OR REPLACE INTO layout_stability (layout, key, result, kept) VALUES (@layout, @key, @result, @kept)
`)
// The functions around the columns let a damaged row through, which other checks report.
const selectChecked = query<None, { name: string; own: number; layout: number; result: unknown; kept: unknown }>(`
  SELECT layouts.name AS name, layouts.seed + 0 AS own, layout + 0 AS layout, coalesce(result, '') AS result,
    coalesce(kept, x'') AS kept
  FROM layout_stability JOIN layouts ON layouts.id = layout
`)

/** @returns [n, 2], positions by another seed; undefined where it has not been laid out by that seed */
export const layoutRepeat = (db: Readable, layout: number, seed: number): Float32Array | undefined => {
  const row = db.one(selectRepeat, { layout, seed })
  return row && asFloat32(row.xy)
}

/** @param xy [n, 2] */
export const putLayoutRepeat = (db: Writable, layout: number, seed: number, xy: Float32Array): void =>
  void db.run(insertRepeat, { layout, seed, xy: bytesOf(xy) })

/** The stability of a layout; null where it has not been measured. */
export const stabilityOfLayout = (db: Readable, layout: number): LayoutStability | null => {
  const row = db.one(selectResult, { layout })
  return row === undefined ? null : stored(LayoutStability, fromJson(row.result), 'the stability of a layout')
}

/** The stability of a layout, if it was computed from what the key names. */
export const findLayoutStability = (db: Readable, layout: number, key: string): LayoutStability | undefined =>
  db.one(selectResult, { layout })?.key === key ? (stabilityOfLayout(db, layout) ?? undefined) : undefined

/** @returns [n]: map neighbours that each sample keeps, over all other seeds; undefined where that has not been measured */
export const keptNeighbours = (db: Readable, layout: number): Uint8Array | undefined =>
  db.one(selectKept, { layout })?.kept

/** @param kept [n] */
export const putLayoutStability = (
  db: Writable,
  layout: number,
  key: string,
  result: LayoutStability,
  kept: Uint8Array,
): void =>
  void db.run(upsert, {
    layout,
    key,
    result: toJson({ ...result, seeds: [...result.seeds], pairs: [...result.pairs] }),
    kept,
  })

/** Stored results that contradict the counts, seeds and layouts that they are of. */
export const brokenStability = (db: Readable): string[] =>
  db.all(selectChecked, {}).flatMap(({ name, own, layout, result, kept }) => {
    const found = LayoutStability.safeParse(parsed(result))
    if (!found.success || !(kept instanceof Uint8Array) || kept.length === 0) return []
    const { seeds, k, kept: mean, pairs } = found.data
    const fault = (text: string): string[] => [`the stability of layout ${name} ${text}`]
    const repeated = new Set([own, ...db.all(selectSeeds, { layout }).map(({ seed }) => seed)])
    if (seeds[0] !== own) return fault(`starts from seed ${seeds[0]}, the layout from ${own}`)
    const absent = seeds.find(seed => !repeated.has(seed))
    if (absent !== undefined) return fault(`is measured by seed ${absent}, whose layout is missing`)
    if (new Set(seeds).size !== seeds.length) return fault('names a seed twice')
    if (pairs.length !== (seeds.length * (seeds.length - 1)) / 2)
      return fault(`compares ${pairs.length} pairs of ${seeds.length} layouts`)
    const most = k * (seeds.length - 1)
    const beyond = kept.findIndex(count => count > most)
    if (beyond >= 0) return fault(`counts ${kept[beyond]} neighbours of sample ${beyond}, of at most ${most}`)
    const counted = kept.reduce((sum, count) => sum + count, 0) / (kept.length * most)
    return Math.abs(counted - mean) > 1e-9
      ? fault(`is ${mean.toFixed(4)}, by the counts of its samples ${counted.toFixed(4)}`)
      : []
  })

const parsed = (text: unknown): unknown => {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}
