/** Maximum points of a leaf, which are summed one by one: a smaller leaf makes the tree deeper, not the sum faster. */
const LEAF = 8
/** Bits of a coordinate in the tree, on a line and in the plane. Points with equal bits share a leaf. */
const BITS = { 1: 30, 2: 15 } as const
/** x and y of the centre of mass, number of points, squared edge. */
const NODE = 4

/**
 * Repulsion of t-SNE by a tree (Barnes and Hut 1986; van der Maaten 2014): distant points act from their centre of
 * mass. O(n log n) per step where the exact sum is O(n²). Points are sorted along a Z-curve, so that the points of a
 * node are contiguous, and nodes are in memory in the order of their traversal.
 */
export class RepulsionTree {
  readonly #n: number
  readonly #dimensions: 1 | 2
  /** In the order of the curve: index of the point, its coordinates, its key on the curve. */
  #order: Int32Array
  #spareOrder: Int32Array
  #keys: Uint32Array
  #spareKeys: Uint32Array
  readonly #x: Float64Array
  readonly #y: Float64Array
  /** Depth first: data of each node, the next node after its subtree, and the first point of a leaf. */
  #nodes = 0
  #data: Float64Array
  #next: Int32Array
  #first: Int32Array

  constructor(n: number, dimensions: 1 | 2) {
    this.#n = n
    this.#dimensions = dimensions
    this.#order = new Int32Array(n)
    this.#spareOrder = new Int32Array(n)
    this.#keys = new Uint32Array(n)
    this.#spareKeys = new Uint32Array(n)
    this.#x = new Float64Array(n)
    this.#y = new Float64Array(n)
    this.#data = new Float64Array(NODE * (n + 64))
    this.#next = new Int32Array(n + 64)
    this.#first = new Int32Array(n + 64)
  }

  /**
   * Adds Σ_j w² (y_i − y_j) with w = 1/(1 + |y_i − y_j|²) to every row of `push`.
   * @param at    [n, dimensions]
   * @param theta a square of edge s at distance d acts as one point where s < theta · d; 0 is exact. Below .7, so that
   *              no point is repelled by a square that contains it.
   * @returns Z = Σ_{i≠j} w, both ways
   */
  repel(at: Float64Array, theta: number, push: Float64Array): number {
    if (!(theta >= 0 && theta < 0.7)) throw new RangeError(`theta is ${theta}, but must be between 0 and .7`)
    this.#build(at)
    const [nodes, data, next, first, xs, ys] = [this.#nodes, this.#data, this.#next, this.#first, this.#x, this.#y]
    const far = theta * theta
    const plane = this.#dimensions === 2
    let total = 0
    for (let p = 0; p < this.#n; p++) {
      const x = xs[p]!
      const y = ys[p]!
      let fx = 0
      let fy = 0
      let z = 0
      let node = 0
      while (node < nodes) {
        const d = NODE * node
        const dx = x - data[d]!
        const dy = y - data[d + 1]!
        const apart = dx * dx + dy * dy
        if (data[d + 3]! < far * apart) {
          const w = 1 / (1 + apart)
          const mass = w * data[d + 2]!
          z += mass
          fx += mass * w * dx
          fy += mass * w * dy
          node = next[node]!
          continue
        }
        const from = first[node]!
        if (from < 0) {
          node++
          continue
        }
        const end = from + data[d + 2]!
        for (let q = from; q < end; q++) {
          const ax = x - xs[q]!
          const ay = y - ys[q]!
          const w = 1 / (1 + ax * ax + ay * ay)
          z += w
          fx += w * w * ax
          fy += w * w * ay
        }
        node = next[node]!
      }
      // Without itself, at distance 0.
      total += z - 1
      const i = this.#order[p]!
      if (plane) {
        push[2 * i]! += fx
        push[2 * i + 1]! += fy
      } else push[i]! += fx
    }
    return total
  }

  #build(at: Float64Array): void {
    const plane = this.#dimensions === 2
    let [left, right, low, high] = [Infinity, -Infinity, plane ? Infinity : 0, plane ? -Infinity : 0]
    for (let p = 0; p < at.length; p++) {
      const value = at[p]!
      if (plane && p % 2 === 1) {
        if (value < low) low = value
        if (value > high) high = value
      } else {
        if (value < left) left = value
        if (value > right) right = value
      }
    }
    const edge = Math.max(right - left, high - low)
    const bits = BITS[this.#dimensions]
    const scale = edge > 0 ? 2 ** bits / edge : 0
    const maximum = 2 ** bits - 1
    for (let i = 0; i < this.#n; i++) {
      this.#order[i] = i
      this.#keys[i] = plane
        ? (interleaved(Math.min(maximum, (at[2 * i]! - left) * scale)) << 1) |
          interleaved(Math.min(maximum, (at[2 * i + 1]! - low) * scale))
        : Math.min(maximum, (at[i]! - left) * scale)
    }
    this.#sort()
    for (let p = 0; p < this.#n; p++) {
      const i = this.#order[p]!
      this.#x[p] = plane ? at[2 * i]! : at[i]!
      this.#y[p] = plane ? at[2 * i + 1]! : 0
    }
    this.#nodes = 0
    this.#enter(0, this.#n, bits * this.#dimensions, edge)
  }

  /** Radix sort of the keys with their points: three passes of ten bits. */
  #sort(): void {
    const counts = new Int32Array(1025)
    for (let shift = 0; shift < 30; shift += 10) {
      counts.fill(0)
      for (let p = 0; p < this.#n; p++) counts[((this.#keys[p]! >>> shift) & 1023) + 1]!++
      for (let digit = 0; digit < 1024; digit++) counts[digit + 1]! += counts[digit]!
      for (let p = 0; p < this.#n; p++) {
        const to = counts[(this.#keys[p]! >>> shift) & 1023]!++
        this.#spareKeys[to] = this.#keys[p]!
        this.#spareOrder[to] = this.#order[p]!
      }
      const [keys, order] = [this.#keys, this.#order]
      this.#keys = this.#spareKeys
      this.#order = this.#spareOrder
      this.#spareKeys = keys
      this.#spareOrder = order
    }
  }

  /** The node of points `from` … `to` − 1 along the curve, whose keys agree but for their last `bits` bits. */
  #enter(from: number, to: number, bits: number, edge: number): void {
    const node = this.#nodes++
    if (node === this.#next.length) this.#reserve()
    let [sx, sy] = [0, 0]
    if (to - from <= LEAF || bits === 0) {
      for (let p = from; p < to; p++) {
        sx += this.#x[p]!
        sy += this.#y[p]!
      }
      this.#first[node] = from
    } else {
      this.#first[node] = -1
      const fewer = bits - this.#dimensions
      for (let p = from; p < to; ) {
        const prefix = this.#keys[p]! >>> fewer
        let end = to
        for (let known = p; end - known > 1; ) {
          const middle = (known + end) >> 1
          if (this.#keys[middle]! >>> fewer === prefix) known = middle
          else end = middle
        }
        const child = NODE * this.#nodes
        this.#enter(p, end, fewer, edge / 2)
        sx += this.#data[child]! * (end - p)
        sy += this.#data[child + 1]! * (end - p)
        p = end
      }
    }
    const d = NODE * node
    this.#data[d] = sx / (to - from)
    this.#data[d + 1] = sy / (to - from)
    this.#data[d + 2] = to - from
    this.#data[d + 3] = edge * edge
    this.#next[node] = this.#nodes
  }

  #reserve(): void {
    const [data, next, first] = [this.#data, this.#next, this.#first]
    this.#data = new Float64Array(2 * data.length)
    this.#next = new Int32Array(2 * next.length)
    this.#first = new Int32Array(2 * first.length)
    this.#data.set(data)
    this.#next.set(next)
    this.#first.set(first)
  }
}

/** The lowest 15 bits of a number with a 0 after each. */
const interleaved = (value: number): number => {
  let v = value & 0x7fff
  v = (v | (v << 8)) & 0x00ff00ff
  v = (v | (v << 4)) & 0x0f0f0f0f
  v = (v | (v << 2)) & 0x33333333
  return (v | (v << 1)) & 0x55555555
}
