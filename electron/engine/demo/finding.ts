import type { Box } from '../../contract/values.ts'

/** A region of a photograph of the demo that lies in its gallery of patches. */
interface DemoPatch {
  readonly photograph: string
  readonly box: Box
  readonly name: string
}

const WHOLE: Box = { left: 0, top: 0, right: 1, bottom: 1 }

/** What the gallery of the demo begins with. */
export const PATCHES: readonly DemoPatch[] = [
  {
    photograph: 'n04146614_7ca714cdcd5d36d9.jpg',
    box: { left: 0, top: 0.3, right: 0.65, bottom: 0.95 },
    name: 'side of a school bus',
  },
  {
    photograph: 'n09472597_a5949b0719d3ea77.jpg',
    box: { left: 0.3, top: 0, right: 0.8, bottom: 0.5 },
    name: 'lava at night',
  },
  {
    photograph: 'n09288635_9b4cab2ffb0c0754.jpg',
    box: { left: 0.25, top: 0.25, right: 0.75, bottom: 0.75 },
    name: 'geyser',
  },
  { photograph: 'n09472597_6740e1e89b5bbab4.jpg', box: WHOLE, name: 'glowing coals' },
]

/**
 * What the tour of the demo shows: a photograph of glowing coals, in a corner of a photograph of an alp, makes the
 * embedded network see a volcano, and a square of their mean colour does not. Found by trying it: test/engine/demo.test.ts
 * holds it to be true.
 */
export const FINDING = {
  layer: 'mixed4c',
  /** Synsets: alp and volcano. */
  source: 'n09193705',
  target: 'n09472597',
  photograph: 'n09193705_2ba52bcf59097dc8.jpg',
  patch: 'glowing coals',
  /** Lower left corner. */
  x: 0.225,
  y: 0.775,
  size: 0.45,
} as const
