import type { CellIndex } from './cells.ts'
import type { Detour } from './flight.ts'
import type { Frame } from './frames.ts'
import { type Look, PLAIN } from './look.ts'

/** One grid of the atlas, ready to draw. */
export interface Level {
  readonly index: CellIndex
  /** Names the source of its sheets: atlas and icon or crop. Levels of another source are other levels. */
  readonly source: string
  /** Another source of the same cells that is shown where this one has not come yet. */
  readonly standIn?: string
  readonly url: (tileX: number, tileY: number, size: number) => string
}

/** All that decides what a pane shows, but for where its camera is. */
export interface SceneState {
  /** By grid, ascending. */
  readonly levels: readonly Level[]
  readonly grid: number | 'auto'
  /** Icon size by density: the larger, the more cells are drawn in full. Infinity draws all in full. */
  readonly density: number
  /** An icon smaller than this, in CSS pixels, makes place for a coarser grid. */
  readonly smallest: number
  /** What attribution makes of a grid's icons. */
  readonly look: (grid: number) => Look
  readonly labels: boolean
  readonly className: (label: number) => string
  readonly frames: readonly Frame[]
  readonly reducedMotion: boolean
  /** Places besides their own in which cells are or from which they come. */
  readonly detour?: Detour | undefined
}

export const NOTHING: SceneState = {
  levels: [],
  grid: 'auto',
  density: Number.POSITIVE_INFINITY,
  smallest: 20,
  look: () => PLAIN,
  labels: true,
  className: () => '',
  frames: [],
  reducedMotion: false,
}

/** What is shown after a frame, and what the frame cost. */
export interface FrameReport {
  readonly grid: number | undefined
  /** JavaScript of this frame, ms. */
  readonly time: number
  readonly drawCalls: number
  readonly textureBytes: number
  readonly textureBudget: number
  /** Sheets in view that have come at some size, and all in view. */
  readonly tilesReady: number
  readonly tilesInView: number
  readonly moving: boolean
}
