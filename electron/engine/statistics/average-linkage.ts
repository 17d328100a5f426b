/** A merge of two clusters: leaves are 0 … n − 1, the k-th merge is cluster n + k. */
export interface Merge {
  readonly left: number
  readonly right: number
  readonly distance: number
}

/**
 * Agglomerative clustering with average linkage, by chains of nearest neighbours: O(n²) time and memory (Murtagh 1983).
 * Own code: the clustering of npm's ml-hclust takes O(n³), minutes for a thousand classes.
 * @param distances [n, n], symmetric; overwritten
 * @returns n − 1 merges in the order of their distances
 */
export function averageLinkage(distances: Float32Array, n: number): readonly Merge[] {
  const sizes = new Float64Array(n).fill(1)
  /** One leaf of the cluster of each row of the matrix; -1 where it was merged into another. */
  const alive = Array.from({ length: n }, () => true)
  const found: { readonly a: number; readonly b: number; readonly distance: number }[] = []
  const chain: number[] = []
  const nearest = (row: number, before: number | undefined): number => {
    // Of equals the row before: otherwise a chain would never end.
    let best = before ?? -1
    for (let k = 0; k < n; k++)
      if (alive[k] && k !== row && (best < 0 || distances[row * n + k]! < distances[row * n + best]!)) best = k
    return best
  }
  while (found.length < n - 1) {
    if (chain.length === 0) chain.push(alive.indexOf(true))
    for (;;) {
      const row = chain.at(-1)!
      const before = chain.at(-2)
      const next = nearest(row, before)
      if (next !== before) {
        chain.push(next)
        continue
      }
      chain.length -= 2
      found.push({ a: row, b: next, distance: distances[row * n + next]! })
      // The merged cluster takes the row of `next`.
      const [p, q] = [sizes[row]!, sizes[next]!]
      for (let k = 0; k < n; k++) {
        if (!alive[k] || k === row || k === next) continue
        const mean = (p * distances[row * n + k]! + q * distances[next * n + k]!) / (p + q)
        distances[next * n + k] = mean
        distances[k * n + next] = mean
      }
      sizes[next] = p + q
      alive[row] = false
      break
    }
  }
  return numbered(found, n)
}

/** Merges of rows in the order of their distances, as merges of clusters. */
function numbered(
  found: readonly { readonly a: number; readonly b: number; readonly distance: number }[],
  n: number,
): readonly Merge[] {
  const parent = Int32Array.from({ length: 2 * n - 1 }, (_, k) => k)
  const clusterOf = (leaf: number): number => {
    let at = leaf
    while (parent[at] !== at) at = parent[at]!
    return at
  }
  return found
    .toSorted((x, y) => x.distance - y.distance)
    .map(({ a, b, distance }, k) => {
      const [left, right] = [clusterOf(a), clusterOf(b)]
      parent[left] = n + k
      parent[right] = n + k
      return { left, right, distance }
    })
}
