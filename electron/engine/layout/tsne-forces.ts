import type { Affinities } from './affinity.ts'

/**
 * Repulsion of t-SNE, summed over all pairs: Σ_j w² (y_i − y_j) with w = 1/(1 + |y_i − y_j|²) for every i.
 * @param at   [n, dimensions]
 * @param push [n, dimensions], to which the repulsion is added
 * @returns Z = Σ_{i≠j} w, both ways
 */
export const exactRepulsion = (at: Float64Array, dimensions: 1 | 2, push: Float64Array): number =>
  dimensions === 1 ? repulsionOnLine(at, push) : repulsionInPlane(at, push)

const repulsionInPlane = (at: Float64Array, push: Float64Array): number => {
  const n = at.length / 2
  let total = 0
  for (let i = 0; i < n; i++) {
    const x = at[2 * i]!
    const y = at[2 * i + 1]!
    let fx = 0
    let fy = 0
    for (let q = 2 * i + 2; q < 2 * n; q += 2) {
      const dx = x - at[q]!
      const dy = y - at[q + 1]!
      const w = 1 / (1 + dx * dx + dy * dy)
      total += w
      const square = w * w
      fx += square * dx
      fy += square * dy
      push[q]! -= square * dx
      push[q + 1]! -= square * dy
    }
    push[2 * i]! += fx
    push[2 * i + 1]! += fy
  }
  return 2 * total
}

const repulsionOnLine = (at: Float64Array, push: Float64Array): number => {
  const n = at.length
  let total = 0
  for (let i = 0; i < n; i++) {
    const x = at[i]!
    let fx = 0
    for (let j = i + 1; j < n; j++) {
      const dx = x - at[j]!
      const w = 1 / (1 + dx * dx)
      total += w
      const force = w * w * dx
      fx += force
      push[j]! -= force
    }
    push[i]! += fx
  }
  return 2 * total
}

/**
 * The complete gradient, 4 Σ_j (x·p_ij − w_ij/Z) w_ij (y_i − y_j), from the repulsion.
 * @param exaggeration x
 * @param push         [n, dimensions], the repulsion; overwritten by the gradient
 * @param total        Z
 */
export const joinForces = (
  p: Affinities,
  at: Float64Array,
  dimensions: 1 | 2,
  exaggeration: number,
  push: Float64Array,
  total: number,
): void => {
  const repulsion = total > 0 ? 4 / total : 0
  for (let i = 0; i < p.n; i++) {
    let fx = 0
    let fy = 0
    for (let e = p.start[i]!; e < p.start[i + 1]!; e++) {
      const j = p.column[e]!
      const dx = at[i * dimensions]! - at[j * dimensions]!
      const dy = dimensions === 1 ? 0 : at[2 * i + 1]! - at[2 * j + 1]!
      const pull = p.value[e]! / (1 + dx * dx + dy * dy)
      fx += pull * dx
      fy += pull * dy
    }
    push[i * dimensions] = 4 * exaggeration * fx - push[i * dimensions]! * repulsion
    if (dimensions === 2) push[2 * i + 1] = 4 * exaggeration * fy - push[2 * i + 1]! * repulsion
  }
}
