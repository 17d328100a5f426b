import type { Positions } from '../../contract/experiment.ts'
import { corners, extentOf, type PatchLayer, type PatchLook, placeWithin } from '../../contract/patch.ts'

/** Where a patch lies, flush left at x = 0 and flush right at x = 1, whatever its size. */
export interface Place {
  readonly x: number
  readonly y: number
}

/** Every position of a plan, in the order in which trials count them: row by row. */
export function placesOf(positions: Positions): readonly Place[] {
  switch (positions.kind) {
    case 'fixed':
      return [{ x: positions.x, y: positions.y }]
    case 'corners':
      return corners.map(({ x, y }) => ({ x, y }))
    case 'grid': {
      const { n } = positions
      const at = (k: number): number => (n === 1 ? 0.5 : k / (n - 1))
      return Array.from({ length: n * n }, (_, k) => ({ x: at(k % n), y: at(Math.floor(k / n)) }))
    }
  }
}

/** The layer that lies at a place, at a size. */
export function layerAt(
  look: PatchLook,
  size: number,
  place: Place,
  picture: { readonly width: number; readonly height: number },
  original: { readonly width: number; readonly height: number },
): Omit<PatchLayer, 'patch'> {
  const extent = extentOf({ size, aspect: look.aspect }, picture, original)
  return { ...look, ...placeWithin(place, extent), size, hidden: false }
}
