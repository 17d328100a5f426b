import { useCallback, useEffect, useMemo, useState } from 'react'
import { CellState } from '../../electron/contract/atlas.ts'
import type { Origins } from '../../electron/contract/class-atlas.ts'
import type { CellTransition } from '../atlas/cell-transition.ts'
import type { Cells } from '../atlas/cells.ts'
import type { Frame } from '../atlas/frames.ts'
import type { Level } from '../atlas/scene-state.ts'
import { reducedMotion } from '../state/settings.ts'
import type { CellOrigins } from './use-origins.ts'

/** Size of a displaced cell, of the unit square. */
const EDGE = 0.034
/** How long a new atlas shows the origins of its cells before they move, ms. */
const STAY = 900

/** Atlases whose transition from the whole atlas has been shown. */
const introduced = new Set<number>()

/** [n × 3], as `CellTransition.positions`. */
export function originPositions({ x, y }: Pick<Origins, 'x' | 'y'>): Float32Array {
  const positions = new Float32Array(x.length * 3)
  for (let k = 0; k < x.length; k++) positions.set([x[k]!, y[k]!, EDGE], k * 3)
  return positions
}

/** The positions of cells before the sides were swapped: mirrored. */
export function mirroredPositions({ grid, i, j }: Pick<Cells, 'grid' | 'i' | 'j'>): Float32Array {
  const positions = new Float32Array(i.length * 3)
  for (let k = 0; k < i.length; k++) positions.set([1 - (j[k]! + 0.5) / grid, (i[k]! + 0.5) / grid, 1 / grid], k * 3)
  return positions
}

/** The cell that covers a point with its centre nearest to it, or −1. */
export function cellAt(positions: Float32Array, x: number, y: number): number {
  let best = -1
  let nearest = Number.POSITIVE_INFINITY
  for (let k = 0; k < positions.length / 3; k++) {
    const distance = Math.max(Math.abs(positions[k * 3]! - x), Math.abs(positions[k * 3 + 1]! - y))
    // Of overlapping cells the last one is on top.
    if (distance <= positions[k * 3 + 2]! / 2 && distance <= nearest) {
      best = k
      nearest = distance
    }
  }
  return best
}

const GOLD = [246, 200, 92] as const
const BLUE = [138, 184, 240] as const
const WHITE = [255, 255, 255] as const

/** Frames around displaced cells: those without an icon, the selected and the hovered one. */
export function displacedOutlines(
  positions: Float32Array,
  state: Uint8Array,
  selected: number,
  hovered: number,
): readonly Frame[] {
  const frame = (k: number, rest: Pick<Frame, 'colour' | 'opacity' | 'width'>): Frame => {
    const side = positions[k * 3 + 2]!
    return { x: positions[k * 3]! - side / 2, y: positions[k * 3 + 1]! - side / 2, side, ...rest }
  }
  const waiting = Array.from(state.keys()).filter(k => state[k] === CellState.waiting)
  const list = waiting.map(k => frame(k, { colour: GOLD, opacity: 0.8, width: 1 }))
  if (selected >= 0) list.push(frame(selected, { colour: BLUE, opacity: 1, width: 2.5 }))
  if (hovered >= 0 && hovered < positions.length / 3) list.push(frame(hovered, { colour: WHITE, opacity: 1, width: 2 }))
  return list
}

interface CellTransitionState {
  readonly transition: CellTransition | undefined
  /** Positions in the whole atlas, as `CellTransition.positions`. */
  readonly positions: Float32Array | undefined
  /** Whether cells are at their positions in the whole atlas. */
  readonly displaced: boolean
  readonly toggle: () => void
  /** False until the origins of a new atlas are known: its cells are hidden before. */
  readonly ready: boolean
  readonly find: (x: number, y: number) => number
}

/**
 * The transitions of a map's cells: once from their positions in the whole atlas, there and back on request, and to the
 * other side when sides are swapped.
 */
export function useCellTransition(
  atlas: number,
  level: Level | undefined,
  origins: CellOrigins | undefined,
  failed: boolean,
  swap: boolean,
): CellTransitionState {
  const [fresh] = useState(() => !introduced.has(atlas) && !reducedMotion())
  const [displaced, setDisplaced] = useState(fresh)
  const [swaps, setSwaps] = useState({ swap, count: 0, last: false })
  if (swaps.swap !== swap) setSwaps({ swap, count: swaps.count + 1, last: true })
  const index = level?.index
  const locations = origins?.locations
  const positions = useMemo(
    () => (locations && index && locations.x.length === index.cells.i.length ? originPositions(locations) : undefined),
    [locations, index],
  )
  const known = positions !== undefined
  useEffect(() => {
    if (!known && !failed) return
    introduced.add(atlas)
    const timer = setTimeout(() => setDisplaced(false), fresh && !failed ? STAY : 0)
    return () => clearTimeout(timer)
  }, [known, failed, atlas, fresh])

  const transition = useMemo((): CellTransition | undefined => {
    if (!index) return undefined
    const { grid } = index.cells
    if (swaps.last && !displaced) {
      const mirrored = mirroredPositions(index.cells)
      return {
        id: `mirror ${swaps.count}`,
        begin: 'displaced',
        displaced: false,
        positions: g => (g === grid ? mirrored : undefined),
      }
    }
    if (!positions) return undefined
    return {
      id: 'origins',
      begin: fresh && swaps.count === 0 ? 'displaced' : 'home',
      displaced,
      positions: g => (g === grid ? positions : undefined),
    }
  }, [index, positions, displaced, swaps, fresh])
  const find = useCallback(
    (x: number, y: number) => (displaced && positions ? cellAt(positions, x, y) : (index?.near(x, y) ?? -1)),
    [displaced, positions, index],
  )
  const toggle = useCallback(() => {
    setSwaps(before => ({ ...before, last: false }))
    setDisplaced(before => !before)
  }, [])
  return { transition, positions, displaced, toggle, ready: !fresh || known || failed, find }
}
