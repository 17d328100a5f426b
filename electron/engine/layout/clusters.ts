import type { Report } from '../../contract/progress.ts'
import { Random } from '../random/random.ts'
import { inBlocks } from './blocks.ts'
import { CLUSTER_BLOCK, type ClusterRoom, type Space } from './native/space.ts'
import { principalCoordinates } from './pca.ts'
import { yieldToEventLoop } from './yield.ts'

/** Components along which clusters are formed and candidates are near. */
export const AXES = 128
/** Clusters that a sample is compared with the members of. */
const REACH = 48
/** Along the components neighbours have another order: more of them are kept than are wanted. */
const MORE = 48
/** Samples of each cluster from which its centre is learned, and how often centres move. */
const LEARNED_FROM = 32
const MOVES = 4
/** Samples assigned at a time: between two blocks a layout can be cancelled, and reports. */
const ASSIGNED = 16_384
/** The kernel compares 32 centres at a time. */
const MULTIPLE = 32
/** A cluster of more samples than so many usual ones, such as one of duplicates, is searched in parts. */
const LARGE = 4

/** About 2√n clusters of √n/2 samples. @param k neighbours that are wanted of each sample */
export const clustersOf = (n: number, k: number): ClusterRoom => {
  const count = MULTIPLE * Math.max(2, Math.round((2 * Math.sqrt(n)) / MULTIPLE))
  return {
    count,
    parts: count + Math.ceil(count / LARGE),
    reach: Math.min(count, REACH),
    near: Math.min(n - 1, 2 * k + MORE),
  }
}

interface ClusterOptions {
  readonly seed: number
  readonly signal: AbortSignal
  readonly report: Report
}

/**
 * Others of every sample that are near along the leading principal components: the nearest among those in the clusters around it.
 * @returns all samples by cluster, in which order what is compared is near in memory; and lists, [n, near], nearest first;
 *   beyond all samples where there are fewer
 */
export const nearAlong = async (
  space: Space,
  options: ClusterOptions,
): Promise<{ readonly order: Uint32Array; readonly lists: Uint32Array }> => {
  const { near } = space.room.clusters!
  const { order, parts } = await formClusters(space, options)
  const lists = new Uint32Array(space.n * near)
  await inBlocks('neighbours', { order, size: CLUSTER_BLOCK, options }, async queries => {
    const found = await space.nearestInClusters(queries, parts)
    queries.forEach((query, q) => {
      lists.set(found.subarray(q * near, (q + 1) * near), query * near)
    })
  })
  return { order, lists }
}

/** Forms clusters along the components: k-means of some of the samples, then the nearest centres of all. */
const formClusters = async (
  space: Space,
  { seed, signal, report }: ClusterOptions,
): Promise<{ readonly order: Uint32Array; readonly parts: number }> => {
  const { n } = space
  const { count, reach } = space.room.clusters!
  await principalCoordinates(space, AXES, seed)
  const draw = new Random('clusters', seed)
  const learned = Uint32Array.from(draw.subset(n, Math.min(n, LEARNED_FROM * count)))
  const total = n + MOVES * learned.length
  const done = (assigned: number): void => report({ stage: 'clusters', done: assigned, total, unit: 'samples' })
  // Each centre begins at a sample of its own.
  await space.moveCentres(
    Uint32Array.from(draw.subset(learned.length, count), at => learned[at]!),
    Uint32Array.from({ length: count + 1 }, (_, c) => c),
  )
  for (let move = 0; move < MOVES; move++) {
    const { members, starts } = byCluster(await space.nearestCentres(learned, 1), count)
    await space.moveCentres(
      members.map(at => learned[at]!),
      starts,
    )
    done((move + 1) * learned.length)
    await yieldToEventLoop(signal)
  }
  let centres: Uint32Array = new Uint32Array()
  for (let from = 0; from < n; from += ASSIGNED) {
    const to = Math.min(n, from + ASSIGNED)
    centres = await space.nearestCentres({ from, to }, reach)
    done(MOVES * learned.length + to)
    await yieldToEventLoop(signal)
  }
  const { members, starts } = byCluster(
    Uint32Array.from({ length: n }, (_, i) => centres[i * reach]!),
    count,
  )
  const parts = inParts(members, starts, (LARGE * n) / count)
  space.setClusters(members, parts.starts, parts.searched(centres, reach))
  return { order: members, parts: parts.starts.length - 1 }
}

/** Counting sort. @returns indices by cluster, ascending in each, and where those of each cluster begin, [count + 1] */
const byCluster = (clusters: Uint32Array, count: number): { members: Uint32Array; starts: Uint32Array } => {
  const starts = new Uint32Array(count + 1)
  for (const cluster of clusters) starts[cluster + 1]!++
  for (let c = 0; c < count; c++) starts[c + 1]! += starts[c]!
  const next = starts.slice()
  const members = new Uint32Array(clusters.length)
  for (let i = 0; i < clusters.length; i++) members[next[clusters[i]!]!++] = i
  return { members, starts }
}

/**
 * Divides clusters of more than `most` members, so that a crowd of duplicates does not take the square of its number.
 * @returns where the members of each part begin, and of the clusters that a sample searches the parts: of its own the one that
 *   it is in, of another by turns
 */
const inParts = (members: Uint32Array, starts: Uint32Array, most: number) => {
  const first: number[] = []
  const ends: number[] = [0]
  for (let c = 0; c + 1 < starts.length; c++) {
    first.push(ends.length - 1)
    const [from, to] = [starts[c]!, starts[c + 1]!]
    const number = Math.max(1, Math.ceil((to - from) / most))
    for (let part = 1; part <= number; part++) ends.push(from + Math.floor(((to - from) * part) / number))
  }
  first.push(ends.length - 1)
  const parts = Uint32Array.from(ends)
  const own = new Uint32Array(members.length)
  for (let part = 0; part + 1 < parts.length; part++)
    for (let m = parts[part]!; m < parts[part + 1]!; m++) own[members[m]!] = part
  const searched = (centres: Uint32Array, reach: number): Uint32Array =>
    centres.map((cluster, p) => {
      const sample = Math.floor(p / reach)
      if (p % reach === 0) return own[sample]!
      return first[cluster]! + (sample % (first[cluster + 1]! - first[cluster]!))
    })
  return { starts: parts, searched }
}
