import { useCallback, useEffect, useMemo, useState } from 'react'
import { CellState } from '../../electron/contract/atlas.ts'
import type { Origins } from '../../electron/contract/class-atlas.ts'
import type { Cells } from '../atlas/cells.ts'
import type { Detour } from '../atlas/flight.ts'
import type { Frame } from '../atlas/frames.ts'
import type { Level } from '../atlas/scene-state.ts'
import { reducedMotion } from '../state/settings.ts'
import type { Whereabouts } from './use-origins.ts'

/** Edge of a cell that stands where its samples lie in the whole atlas, of the unit square. */
const EDGE = 0.034
/** How long a new atlas shows where its cells come from before they leave, ms. */
const STAY = 900

/** Atlases whose way from the whole atlas was shown already: once is enough. */
const introduced = new Set<number>()

/** [n × 3] as `Detour` wants them. */
export function originPlaces({ x, y }: Pick<Origins, 'x' | 'y'>): Float32Array {
  const places = new Float32Array(x.length * 3)
  for (let k = 0; k < x.length; k++) places.set([x[k]!, y[k]!, EDGE], k * 3)
  return places
}

/** The places of cells before their sides were swapped: mirrored, in their own size. */
export function mirrorPlaces({ grid, i, j }: Pick<Cells, 'grid' | 'i' | 'j'>): Float32Array {
  const places = new Float32Array(i.length * 3)
  for (let k = 0; k < i.length; k++) places.set([1 - (j[k]! + 0.5) / grid, (i[k]! + 0.5) / grid, 1 / grid], k * 3)
  return places
}

/** The cell whose place is nearest to a point and covers it, or −1. */
export function placeAt(places: Float32Array, x: number, y: number): number {
  let best = -1
  let least = Number.POSITIVE_INFINITY
  for (let k = 0; k < places.length / 3; k++) {
    const far = Math.max(Math.abs(places[k * 3]! - x), Math.abs(places[k * 3 + 1]! - y))
    // Of places on top of each other the last one is drawn last.
    if (far <= places[k * 3 + 2]! / 2 && far <= least) {
      best = k
      least = far
    }
  }
  return best
}

const GOLD = [246, 200, 92] as const
const BLUE = [138, 184, 240] as const
const WHITE = [255, 255, 255] as const

/** Frames around cells that stand in other places: those without a picture, the selected and the hovered one. */
export function placeOutlines(
  places: Float32Array,
  state: Uint8Array,
  selected: number,
  hovered: number,
): readonly Frame[] {
  const frame = (k: number, rest: Pick<Frame, 'colour' | 'opacity' | 'width'>): Frame => {
    const side = places[k * 3 + 2]!
    return { x: places[k * 3]! - side / 2, y: places[k * 3 + 1]! - side / 2, side, ...rest }
  }
  const waiting = Array.from(state.keys()).filter(k => state[k] === CellState.waiting)
  const list = waiting.map(k => frame(k, { colour: GOLD, opacity: 0.8, width: 1 }))
  if (selected >= 0) list.push(frame(selected, { colour: BLUE, opacity: 1, width: 2.5 }))
  if (hovered >= 0 && hovered < places.length / 3) list.push(frame(hovered, { colour: WHITE, opacity: 1, width: 2 }))
  return list
}

interface DetourState {
  readonly detour: Detour | undefined
  /** Places in the whole atlas, as `Detour` wants them. */
  readonly there: Float32Array | undefined
  /** Whether cells stand where their samples lie in the whole atlas. */
  readonly away: boolean
  readonly toggle: () => void
  /** False until it is known where a new atlas' cells come from: they are not to be seen elsewhere before. */
  readonly ready: boolean
  readonly find: (x: number, y: number) => number
}

/**
 * The ways of a map's cells: once from where their samples lie in the whole atlas, there and back whenever the reader
 * asks, and to the other side when sides are swapped.
 */
export function useDetour(
  atlas: number,
  level: Level | undefined,
  where: Whereabouts | undefined,
  lost: boolean,
  swap: boolean,
): DetourState {
  const [fresh] = useState(() => !introduced.has(atlas) && !reducedMotion())
  const [away, setAway] = useState(fresh)
  const [swaps, setSwaps] = useState({ swap, count: 0, last: false })
  if (swaps.swap !== swap) setSwaps({ swap, count: swaps.count + 1, last: true })
  const index = level?.index
  const origins = where?.origins
  const there = useMemo(
    () => (origins && index && origins.x.length === index.cells.i.length ? originPlaces(origins) : undefined),
    [origins, index],
  )
  const arrived = there !== undefined
  useEffect(() => {
    if (!arrived && !lost) return
    introduced.add(atlas)
    const timer = setTimeout(() => setAway(false), fresh && !lost ? STAY : 0)
    return () => clearTimeout(timer)
  }, [arrived, lost, atlas, fresh])

  const detour = useMemo((): Detour | undefined => {
    if (!index) return undefined
    const { grid } = index.cells
    if (swaps.last && !away) {
      const places = mirrorPlaces(index.cells)
      return {
        name: `mirror ${swaps.count}`,
        begin: 'there',
        away: false,
        places: g => (g === grid ? places : undefined),
      }
    }
    if (!there) return undefined
    return {
      name: 'origins',
      begin: fresh && swaps.count === 0 ? 'there' : 'home',
      away,
      places: g => (g === grid ? there : undefined),
    }
  }, [index, there, away, swaps, fresh])
  const find = useCallback(
    (x: number, y: number) => (away && there ? placeAt(there, x, y) : (index?.near(x, y) ?? -1)),
    [away, there, index],
  )
  const toggle = useCallback(() => {
    setSwaps(before => ({ ...before, last: false }))
    setAway(before => !before)
  }, [])
  return { detour, there, away, toggle, ready: !fresh || arrived || lost, find }
}
