import { createHash } from 'node:crypto'
import type { Border, Coverage } from '../../contract/build.ts'
import { UserError } from '../../contract/errors.ts'

/** A position in a photograph, from 0 at the top and left to below 1, independent of a layer's resolution. */
export interface Position {
  readonly v: number
  readonly u: number
}

/** The units of a layer, as rows and columns. */
export interface Extent {
  readonly height: number
  readonly width: number
}

/** The unit of a layer that contains a position: ⌊v·H⌋, ⌊u·W⌋. */
export const unitAt = ({ v, u }: Position, { height, width }: Extent): { readonly y: number; readonly x: number } => ({
  y: Math.floor(v * height),
  x: Math.floor(u * width),
})

/** The centre of a unit, which `unitAt` maps back to the unit. */
export const centreOf = (y: number, x: number, { height, width }: Extent): Position => ({
  v: (y + 0.5) / height,
  u: (x + 0.5) / width,
})

/** The layer with the minimum number of units: samples of one image have distinct units in it. */
export const coarsest = <L extends Extent>(layers: readonly L[]): L =>
  layers.reduce((min, layer) => (layer.height * layer.width < min.height * min.width ? layer : min))

/**
 * The maximum number of positions in one image: the units of the coarsest layer, by default those that are not on its edge,
 * where padding counts as much as the photograph. All units of an axis with fewer than 3 count.
 */
export const positionsPerImage = (coarsest: Extent, border: Border = 'exclude'): number =>
  inside(coarsest.height, border).n * inside(coarsest.width, border).n

/**
 * How much of the frame is sampled, as shares of the coarsest layer's units. Every unit that can be sampled is drawn with
 * the same probability, and every place in it, so that counts of samples are densities: none needs a weight.
 * @param perImage positions in each photograph
 */
export const coverageOf = (coarsest: Extent, border: Border, perImage: number): Coverage => {
  const units = coarsest.height * coarsest.width
  const reachable = positionsPerImage(coarsest, border)
  return { units, reachable: reachable / units, perPhotograph: perImage / units, border }
}

/**
 * The positions at which an image is sampled (unlike the article, which draws one anywhere): distinct inner units of
 * the coarsest named layer, and a uniform position inside each. They depend on the arguments alone, not on the order of
 * the images or the layers that are built, and a larger count starts with the positions of a smaller one.
 * @param seed     the project's seed
 * @param image    hash of the image file
 * @param count    number of positions
 * @param coarsest extent of the coarsest of all named layers
 * @param border   whether units on its edge are drawn too
 * @throws UserError when the image does not have that many units
 */
export function positionsIn(
  seed: number,
  image: string,
  count: number,
  coarsest: Extent,
  border: Border = 'exclude',
): Position[] {
  const room = positionsPerImage(coarsest, border)
  if (count > room)
    throw new UserError(
      `cannot draw ${count} positions from one photograph: the coarsest layer has ${room} units${border === 'exclude' ? ' that are not on its edge' : ''}; choose fewer samples or add photographs`,
    )
  const random = uniform(`portolan positions ${seed} ${image}`)
  const rows = inside(coarsest.height, border)
  const columns = inside(coarsest.width, border)
  const units = Array.from({ length: room }, (_, unit) => unit)
  for (let i = room - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[units[i], units[j]] = [units[j]!, units[i]!]
  }
  return units.slice(0, count).map(unit => ({
    v: (rows.from + Math.floor(unit / columns.n) + random()) / coarsest.height,
    u: (columns.from + (unit % columns.n) + random()) / coarsest.width,
  }))
}

const inside = (units: number, border: Border): { readonly from: number; readonly n: number } =>
  units < 3 || border === 'include' ? { from: 0, n: units } : { from: 1, n: units - 2 }

/**
 * Numbers strictly between 0 and 1: SHA-256 in counter mode, 24 bits a draw. Never 0, and never closer to 1 than 2⁻²⁵,
 * so that a unit plus a draw does not round into its neighbour. Kept for the positions only: with `Random`, all samples
 * of existing projects would have to be computed again.
 */
function uniform(key: string): () => number {
  let block = Buffer.alloc(0)
  let blocks = 0
  let at = 0
  return () => {
    if (at + 4 > block.length) {
      block = createHash('sha256').update(`${key} ${blocks++}`).digest()
      at = 0
    }
    const bits = block.readUInt32LE(at) >>> 8
    at += 4
    return (bits + 0.5) / 2 ** 24
  }
}
