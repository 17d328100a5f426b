import type { Box } from '../../contract/values.ts'

/** A region of a photograph of the demo that is in its gallery of patches. */
interface DemoPatch {
  readonly photograph: string
  readonly box: Box
  readonly name: string
}

const FULL_FRAME: Box = { left: 0, top: 0, right: 1, bottom: 1 }

/** The initial gallery of the demo. */
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
  { photograph: 'n09472597_6740e1e89b5bbab4.jpg', box: FULL_FRAME, name: 'glowing coals' },
]

/**
 * The finding of the demo's tour: with a photograph of glowing coals in a corner of a photograph of an alp, the bundled
 * network predicts a volcano, and with a square of their mean colour it does not. test/engine/demo.test.ts verifies it.
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
