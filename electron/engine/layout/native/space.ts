import { availableParallelism } from 'node:os'
import type { Metric } from '../../../contract/layout.ts'
import type { Samples } from '../samples.ts'
import { KernelMemory, rounded } from './memory.ts'
import { MAX_THREADS, Team } from './team.ts'

/** Samples that are searched at a time: between two blocks a layout can be cancelled, and reports. */
export const BLOCK = 1_024
/** Samples that the kernel compares with all others at a time: `BLOCK` of native/search.hpp. */
const COMPARED = 32
/** Rows of samples for which starting another thread is worth its time. */
const ROWS_PER_THREAD = 500
/** Words of `Rows` in native/rows.hpp. */
const ROWS_WORDS = 5
/** In the place of an index: no sample. */
const NONE = 0xffff_ffff

/** How much room a search takes. */
export interface Room {
  /** Neighbours of each sample. */
  readonly k: number
  /** Candidates of each sample. */
  readonly candidates: number
  /** Components, an even number. */
  readonly axes: number
  /** Where the search is approximate. */
  readonly clusters?: ClusterRoom
}

export interface ClusterRoom {
  /** A multiple of 32. */
  readonly count: number
  /** Parts of clusters: large ones are searched in parts. */
  readonly parts: number
  /** Clusters that a sample is compared with the members of, at most 64. */
  readonly reach: number
  /** Others of each sample that are near along the axes. */
  readonly near: number
}

const strideOf = (channels: number): number => 4 * Math.ceil(channels / 4)

export const threadsOf = (n: number): number =>
  Math.max(1, Math.min(availableParallelism(), MAX_THREADS, Math.floor(n / ROWS_PER_THREAD)))

/** Samples that are searched in clusters at a time: many of them search the same ones. */
export const CLUSTER_BLOCK = 16_384

/** Floats of scratch for the search in clusters: `search_floats` of native/clusters.cpp for all threads. */
const clusterScratch = (axes: number, { parts, reach }: ClusterRoom, block: number, threads: number): number =>
  threads * ((512 + 32) * axes + 32 * 32 + 32 + parts + 1 + Math.ceil(block / threads) * reach)

/** Bytes of the arrays beside the rows. */
const arraysOf = (n: number, channels: number, { k, candidates, axes, clusters }: Room, threads: number) => {
  const stride = strideOf(channels)
  const block = Math.min(n, clusters ? CLUSTER_BLOCK : BLOCK)
  const longest = Math.max(k, clusters?.near ?? 0)
  return {
    rows: 4 * ROWS_WORDS,
    squares: 8 * n,
    inverse: 4 * n,
    scratch: 4 * threads * (64 * Math.max(stride, axes) + 1_024 + 4 * axes),
    queries: 4 * block,
    candidates: 4 * block * candidates,
    apart: 4 * block * candidates,
    indices: 4 * block * longest,
    distances: 8 * block * longest,
    moment: 8 * stride * stride,
    sums: 8 * channels,
    components: 4 * stride * axes,
    offsets: 4 * axes,
    coordinates: 4 * n * axes,
    lists: clusters ? 4 * n * k : 0,
    along: 4 * ROWS_WORDS,
    seen: clusters ? 4 * threads * Math.ceil(n / 32) : 0,
    centres: clusters ? 4 * clusters.count * axes : 0,
    centreSquares: clusters ? 4 * clusters.count : 0,
    searched: clusters ? 4 * n * clusters.reach : 0,
    members: clusters ? 4 * n : 0,
    starts: clusters ? 4 * (clusters.parts + 1) : 0,
    clusterScratch: clusters ? 4 * clusterScratch(axes, clusters, block, threads) : 0,
  }
}

type Addresses = Readonly<Record<keyof ReturnType<typeof arraysOf>, number>>

/** Bytes of the kernel's memory for n samples and everything that is computed of them here. */
export const spaceBytes = (n: number, channels: number, bytesPerValue: number, room: Room): number =>
  Object.values(arraysOf(n, channels, room, threadsOf(n))).reduce(
    (sum, bytes) => sum + rounded(bytes),
    rounded(bytesPerValue * n * channels) + 64,
  )

/**
 * Activation space: the samples in the kernel's memory, with threads that compare them. Functions report nothing and are
 * short: callers go through the samples in blocks.
 */
export class Space {
  readonly n: number
  readonly channels: number
  readonly metric: Metric
  readonly room: Room
  readonly #memory: KernelMemory
  readonly #team: Team
  readonly #at: Addresses

  private constructor(samples: Samples, metric: Metric, room: Room) {
    const { n, channels, rows } = samples
    this.n = n
    this.channels = channels
    this.metric = metric
    this.room = room
    const threads = samples.memory?.threads ?? threadsOf(n)
    this.#memory = samples.memory
      ? KernelMemory.shared(samples.memory)
      : KernelMemory.create(spaceBytes(n, channels, rows.BYTES_PER_ELEMENT, room), threads)
    let values = rows
    if (samples.memory === undefined) {
      values = rows instanceof Float16Array ? this.#memory.float16(rows.length) : this.#memory.float32(rows.length)
      values.set(rows)
    }
    const sizes = Object.entries(arraysOf(n, channels, room, threads))
    this.#at = Object.fromEntries(sizes.map(([name, bytes]) => [name, this.#memory.reserve(bytes)])) as Addresses
    this.#team = new Team(this.#memory)
    const half = rows instanceof Float16Array ? 1 : 0
    const inverse = metric === 'cosine' ? this.#at.inverse : 0
    this.#uint32('rows', ROWS_WORDS).set([values.byteOffset, half, n, channels, inverse])
    this.#uint32('along', ROWS_WORDS).set([this.#at.coordinates, 0, n, room.axes, 0])
  }

  /** Copies the samples into the kernel's memory, unless they are in it, and measures their lengths. */
  static async open(samples: Samples, metric: Metric, room: Room): Promise<Space> {
    const space = new Space(samples, metric, room)
    try {
      const { rows, squares, inverse, scratch } = space.#at
      await space.#team.all('lengths', [rows, squares, inverse, scratch])
    } catch (error) {
      await space.close()
      throw error
    }
    return space
  }

  /**
   * Samples for which comparing with all takes seconds where there are a million: few enough to report and to cancel between them,
   * and enough that all threads have the same work.
   */
  get few(): number {
    return 2 * COMPARED * this.#team.threads
  }

  close(): Promise<void> {
    return this.#team.end()
  }

  /**
   * The nearest others of at most `BLOCK` samples, found by comparing with all.
   * @param count of candidates that are found in float32, of which the nearest by exact distances are taken
   * @returns views of arrays that the next call overwrites: [queries, k], nearest first, equal distances by index
   */
  async nearest(queries: ArrayLike<number>, k: number, count: number): Promise<FoundNeighbours> {
    this.#uint32('queries', queries.length).set(queries)
    const { rows, queries: at, apart, candidates, scratch } = this.#at
    await this.#team.all('nearest', [rows, at, queries.length, count, apart, candidates, scratch])
    return await this.#exact(queries.length, count, k)
  }

  /**
   * The nearest of each sample's neighbours and of their neighbours, of at most `BLOCK` samples.
   * @param reach    how many of its neighbours are followed, and to how many samples each; at most k
   * @param followed to their own neighbours, or to those of which they are neighbours (`followers`)
   * @returns as `nearest`
   */
  async nearestByNeighbours(
    queries: ArrayLike<number>,
    k: number,
    count: number,
    reach: number,
    followed: 'neighbours' | 'followers' = 'neighbours',
  ): Promise<FoundNeighbours> {
    this.#uint32('queries', queries.length).set(queries)
    const { rows, lists, searched, queries: at, apart, candidates, seen, scratch } = this.#at
    const [leadingTo, width] = followed === 'neighbours' ? [lists, k] : [searched, reach]
    await this.#team.all('nearest_by_neighbours', [
      ...[rows, lists, k, leadingTo, width, reach, at, queries.length, count, apart, candidates, seen, scratch],
    ])
    return await this.#exact(queries.length, count, k)
  }

  /**
   * The nearest centres of each of some samples, by their coordinates of the last projection.
   * @param samples a list of at most n, or a range
   * @param reach   how many, at most those of the room
   * @returns a view of an array that the next call overwrites: [samples, reach] of a list, else of all before the end of the range
   */
  async nearestCentres(
    samples: Uint32Array | { readonly from: number; readonly to: number },
    reach: number,
  ): Promise<Uint32Array> {
    const isList = samples instanceof Uint32Array
    const { from, to } = isList ? { from: 0, to: samples.length } : samples
    if (isList) this.#uint32('members', to).set(samples)
    const { coordinates, members, centres, centreSquares, searched, clusterScratch } = this.#at
    const { axes } = this.room
    await this.#team.all('nearest_centres', [
      ...[coordinates + 4 * from * axes, axes, isList ? members : 0, to - from, centres, centreSquares],
      ...[this.#clusters.count, reach, searched + 4 * from * reach, clusterScratch],
    ])
    return this.#uint32('searched', to * reach)
  }

  /**
   * Moves each centre to the mean of its members; one without members stays.
   * @param members samples by cluster; @param starts [clusters + 1], where those of each begin
   */
  async moveCentres(members: Uint32Array, starts: Uint32Array): Promise<void> {
    this.#uint32('members', members.length).set(members)
    this.#uint32('starts', starts.length).set(starts)
    const { coordinates, members: at, starts: from, centres, centreSquares } = this.#at
    const { axes } = this.room
    await this.#team.all('move_centres', [coordinates, axes, at, from, this.#clusters.count, centres, centreSquares])
  }

  /**
   * The nearest others of at most `CLUSTER_BLOCK` samples along the axes, among the members of the clusters that each searches.
   * @param queries those near each other next to each other
   * @param parts   how many clusters there are
   * @returns a view of an array that the next call overwrites, [queries, near], nearest first; beyond all samples where there are fewer
   */
  async nearestInClusters(queries: Uint32Array, parts: number): Promise<Uint32Array> {
    this.#uint32('queries', queries.length).set(queries)
    const { reach, near } = this.#clusters
    const { coordinates, queries: at, searched, members, starts, apart, candidates, clusterScratch } = this.#at
    await this.#team.all('nearest_in_clusters', [
      ...[coordinates, this.room.axes, at, queries.length, searched, reach, members, starts, parts],
      ...[near, apart, candidates, clusterScratch],
    ])
    return (await this.#exact(queries.length, near, near, 'along')).indices
  }

  /**
   * What `nearestInClusters` searches.
   * @param members  [n], samples by cluster; @param starts [clusters + 1]
   * @param searched [n, reach], clusters that each sample is compared with the members of
   */
  setClusters(members: Uint32Array, starts: Uint32Array, searched: Uint32Array): void {
    this.#uint32('members', members.length).set(members)
    this.#uint32('starts', starts.length).set(starts)
    this.#uint32('searched', searched.length).set(searched)
  }

  /** The neighbours that `nearestByNeighbours` starts from. @param indices [n, k] */
  setLists(indices: Int32Array): void {
    this.#uint32('lists', indices.length).set(indices)
  }

  /**
   * Room for the samples that have each as a neighbour, [n, width]; with fewer the last are beyond all samples. It is the room of
   * the clusters, which are not searched afterwards.
   * @param width at most as many as clusters are searched
   */
  followers(width: number): Uint32Array {
    if (width > this.#clusters.reach) throw new Error(`room for ${this.#clusters.reach} followers, not for ${width}`)
    return this.#uint32('searched', this.n * width).fill(NONE)
  }

  /**
   * The nearest of given candidates.
   * @param candidates [queries, count]; an index that is no other sample is passed over
   * @returns as `nearest`; of samples with too few candidates the last are beyond all samples
   */
  among(queries: ArrayLike<number>, candidates: ArrayLike<number>, count: number, k: number): Promise<FoundNeighbours> {
    this.#uint32('queries', queries.length).set(queries)
    this.#uint32('candidates', queries.length * count).set(candidates)
    return this.#exact(queries.length, count, k)
  }

  async #exact(queries: number, count: number, k: number, within: 'rows' | 'along' = 'rows'): Promise<FoundNeighbours> {
    const { [within]: rows, squares, queries: at, candidates, indices, distances, scratch } = this.#at
    const few = await this.#team.all('exact_distances', [
      rows,
      squares,
      at,
      queries,
      candidates,
      count,
      k,
      indices,
      distances,
      scratch,
    ])
    return {
      indices: this.#uint32('indices', queries * k),
      distances: new Float64Array(this.#memory.memory.buffer, distances, queries * k),
      incomplete: few.reduce<number>((sum, each) => sum + each!, 0),
    }
  }

  /**
   * Ranks of chosen others among all others of at most `BLOCK` samples, from 1.
   * @param chosen [queries, k]
   */
  async ranks(queries: ArrayLike<number>, chosen: ArrayLike<number>, k: number): Promise<Uint32Array> {
    this.#uint32('queries', queries.length).set(queries)
    this.#uint32('candidates', queries.length * k).set(chosen)
    const { rows, queries: at, candidates, indices, scratch } = this.#at
    await this.#team.all('ranks', [rows, at, queries.length, candidates, k, indices, scratch])
    return this.#uint32('indices', queries.length * k)
  }

  /**
   * The sum and the second moment of some samples, scaled as the metric compares them.
   * @returns views of arrays that the next call overwrites: [channels], and the upper left of [stride, stride], of which what is below the diagonal is not computed
   */
  async moments(chosen: Int32Array) {
    const { rows, moment, sums, scratch } = this.#at
    const stride = strideOf(this.channels)
    // The room of the coordinates is free until samples are projected.
    const at = this.#at.coordinates
    new Int32Array(this.#memory.memory.buffer, at, chosen.length).set(chosen)
    this.#team.kernel.total(rows, at, chosen.length, sums, scratch)
    await this.#team.all('second_moment', [rows, at, chosen.length, moment, scratch])
    const { buffer } = this.#memory.memory
    return {
      stride,
      sums: new Float64Array(buffer, sums, this.channels),
      moment: new Float64Array(buffer, moment, stride * stride),
    }
  }

  /**
   * Coordinates of all samples along components.
   * @param components [axes, channels]; @param offsets [axes], subtracted
   * @returns a view that the next call overwrites, [n, axes], in shared memory
   */
  async project(components: Float64Array, offsets: Float64Array): Promise<Float32Array> {
    const { channels, n } = this
    const stride = strideOf(channels)
    const axes = offsets.length
    const padded = new Float32Array(this.#memory.memory.buffer, this.#at.components, axes * stride).fill(0)
    for (let a = 0; a < axes; a++) padded.set(components.subarray(a * channels, (a + 1) * channels), a * stride)
    new Float32Array(this.#memory.memory.buffer, this.#at.offsets, axes).set(offsets)
    const { rows, components: at, offsets: from, coordinates, scratch } = this.#at
    await this.#team.all('project', [rows, at, from, axes, coordinates, scratch])
    return new Float32Array(this.#memory.memory.buffer, coordinates, n * axes)
  }

  get #clusters(): ClusterRoom {
    if (this.room.clusters === undefined) throw new Error('this space has no room for clusters')
    return this.room.clusters
  }

  #uint32(name: keyof Addresses, length: number): Uint32Array {
    return new Uint32Array(this.#memory.memory.buffer, this.#at[name], length)
  }
}

export interface FoundNeighbours {
  readonly indices: Uint32Array
  readonly distances: Float64Array
  /** Samples with fewer than k candidates. */
  readonly incomplete: number
}

/** Whether a sample's neighbours are those of `among` with too few candidates. */
export const isIncomplete = ({ indices }: FoundNeighbours, query: number, k: number): boolean =>
  indices[query * k + k - 1] === NONE
