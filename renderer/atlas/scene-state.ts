import type { MapTexts } from './cell-texts.ts'
import type { CellTransition } from './cell-transition.ts'
import type { CellIndex } from './cells.ts'
import type { Frame } from './frames.ts'
import { type Look, PLAIN } from './look.ts'

/** One grid of an atlas, ready to draw. */
export interface Level {
  readonly index: CellIndex
  /** Identifies the source of its tiles: atlas, and icons or crops. */
  readonly source: string
  /** Another source of the same cells, shown until this one has loaded. */
  readonly placeholder?: string
  readonly url: (tileX: number, tileY: number, size: number) => string
}

/** All that a pane shows, except for its camera. */
export interface SceneState {
  /** By grid, ascending. */
  readonly levels: readonly Level[]
  readonly grid: number | 'auto'
  /** Icon size by density: the larger, the more icons have full size. Infinity: all. */
  readonly density: number
  /** Below this icon size, in CSS pixels, a coarser grid is shown. */
  readonly smallest: number
  /** The colouring of a grid's icons by attribution. */
  readonly look: (grid: number) => Look
  /** Whether labels are drawn. */
  readonly labels: boolean
  /** The texts of the grid that is shown; of other grids none are drawn. */
  readonly texts: MapTexts | undefined
  readonly frames: readonly Frame[]
  readonly reducedMotion: boolean
  /** Zooming in does not end where icons blur: for points that are drawn over them. */
  readonly closer?: boolean
  /** Displaced positions of cells. */
  readonly transition?: CellTransition | undefined
}

export const EMPTY_SCENE: SceneState = {
  levels: [],
  grid: 'auto',
  density: Number.POSITIVE_INFINITY,
  smallest: 20,
  look: () => PLAIN,
  labels: true,
  texts: undefined,
  frames: [],
  reducedMotion: false,
}

/** The state after a frame, and its cost. */
export interface FrameReport {
  readonly grid: number | undefined
  /** JavaScript time of the frame, ms. */
  readonly time: number
  readonly drawCalls: number
  readonly textureBytes: number
  readonly textureBudget: number
  /** Tiles in view that have loaded at some size, and all tiles in view. */
  readonly tilesReady: number
  readonly tilesInView: number
  readonly moving: boolean
}
