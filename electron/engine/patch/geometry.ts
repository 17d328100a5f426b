import type { Positions } from '../../contract/experiment.ts'
import { corners, extentOf, type Placement, placeWithin } from '../../contract/patch.ts'
import type { PatchLook } from '../../contract/patch-look.ts'

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

/**
 * A patch's placement at a place of a plan.
 * @param size     longer edge, as a share of what the network sees
 * @param picture  the patch, in pixels
 * @param original what of the photograph the network sees, in the photograph's own pixels
 */
export function placementAt(
  look: PatchLook,
  size: number,
  place: Place,
  picture: { readonly width: number; readonly height: number },
  original: { readonly width: number; readonly height: number },
): Placement {
  const extent = extentOf({ size, aspect: look.aspect }, picture, original)
  return { ...look, ...placeWithin(place, extent), size, hidden: false }
}
