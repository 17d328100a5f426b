import type { Report } from '../../contract/progress.ts'
import { nearestOfAll } from './map-index.ts'
import { yieldToEventLoop } from './yield.ts'

/** As for the quality of a layout. */
const NEIGHBOURS = 15

/** How far two maps of the same samples agree. */
export interface Agreement {
  /** Indices of the maps. */
  readonly maps: readonly [number, number]
  readonly procrustes: number
  /** Mean share of each sample's k nearest on one map that are among its k nearest on the other. */
  readonly shared: number
}

export interface Stability {
  readonly k: number
  /** Of all pairs of maps. */
  readonly pairs: readonly Agreement[]
  /** [n]: how many of each sample's k nearest on the first map are among its k nearest on the others, summed over these. */
  readonly kept: Uint8Array
}

/** Neighbours of each sample that maps of n samples are compared by. */
export const mapNeighbours = (n: number): number => Math.min(NEIGHBOURS, Math.floor((n - 1) / 2))

/** The share of neighbours that two maps which have nothing to do with each other share. */
export const chanceOf = (k: number, n: number): number => k / (n - 1)

/**
 * Compares maps of the same samples, such as the layouts of several seeds: all pairs by Procrustes distance and shared
 * neighbours, and each sample by the neighbours that it keeps.
 * @param maps [n, 2] each, in [0, 1]; 2 to 18, of at least 3 samples
 */
export async function stabilityOf(
  maps: readonly Float32Array[],
  signal: AbortSignal,
  report: Report,
): Promise<Stability> {
  const n = maps[0]!.length / 2
  const k = mapNeighbours(n)
  const near: Int32Array[] = []
  for (const map of maps)
    near.push(
      await nearestOfAll(map, 2, k, signal, done =>
        report({ stage: 'map neighbours', done: near.length * n + done, total: maps.length * n, unit: 'samples' }),
      ),
    )
  const kept = new Uint8Array(n)
  const pairs: Agreement[] = []
  for (let a = 0; a < maps.length; a++)
    for (let b = a + 1; b < maps.length; b++) {
      const shared = sharedNeighbours(near[a]!, near[b]!, k)
      let sum = 0
      for (let i = 0; i < n; i++) {
        sum += shared[i]!
        if (a === 0) kept[i]! += shared[i]!
      }
      pairs.push({ maps: [a, b], procrustes: procrustes(maps[a]!, maps[b]!), shared: sum / (n * k) })
      await yieldToEventLoop(signal)
    }
  return { k, pairs, kept }
}

/** [n]: how many of each sample's k neighbours in one list are in the other. @param a, b [n, k] */
export function sharedNeighbours(a: Int32Array, b: Int32Array, k: number): Uint8Array {
  return Uint8Array.from({ length: a.length / k }, (_, i) => {
    const inA = new Set(a.subarray(i * k, (i + 1) * k))
    let shared = 0
    for (let j = i * k; j < (i + 1) * k; j++) if (inA.has(b[j]!)) shared++
    return shared
  })
}

/**
 * Procrustes distance (the disparity of `scipy.spatial.procrustes`): the sum of squares that remains after both maps are
 * centred, scaled to norm 1, and one is rotated or mirrored and scaled onto the other. 0 for the same form, 1 for none in
 * common; 0 and 1 where both maps or one is a single point.
 * @param a, b [n, 2]
 */
export function procrustes(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [p, q] = [standardised(a), standardised(b)]
  if (p === undefined || q === undefined) return p === q ? 0 : 1
  let [xx, xy, yx, yy] = [0, 0, 0, 0]
  for (let i = 0; i < p.length; i += 2) {
    xx += p[i]! * q[i]!
    xy += p[i]! * q[i + 1]!
    yx += p[i + 1]! * q[i]!
    yy += p[i + 1]! * q[i + 1]!
  }
  // The square of the sum of the singular values of a 2 × 2 matrix M: ‖M‖² + 2|det M|.
  return Math.max(0, 1 - (xx ** 2 + xy ** 2 + yx ** 2 + yy ** 2 + 2 * Math.abs(xx * yy - xy * yx)))
}

/** Centred and of norm 1; undefined for a single point. */
function standardised(map: ArrayLike<number>): Float64Array | undefined {
  const n = map.length / 2
  const mean = [0, 0]
  for (let p = 0; p < map.length; p++) mean[p % 2]! += map[p]! / n
  const centred = Float64Array.from(map, (x, p) => x - mean[p % 2]!)
  const norm = Math.sqrt(centred.reduce((sum, x) => sum + x * x, 0))
  return norm > 0 ? centred.map(x => x / norm) : undefined
}
