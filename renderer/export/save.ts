import type { Output } from '../../electron/contract/calls.ts'
import { call } from '../state/queries.ts'
import { BACKGROUNDS, type Theme } from '../state/settings.ts'
import { cropped } from './crop.ts'
import type { ShownPane } from './panes.ts'

export interface FigureOptions {
  readonly format: 'png' | 'svg'
  /** Background and letters; `light` for papers. */
  readonly theme: Theme
  /** Whether maps are cut to their cells. */
  readonly crop: boolean
  /** Width of the figure in print. */
  readonly millimetres: number
  readonly dpi: number
}

/** Pixels of a map for each CSS pixel in an SVG: about 200 dpi over the width of a page. */
const SVG_SCALE = 2
const LARGEST_SCALE = 12
const WHITE = [255, 255, 255] as const

/** Pixels of a PNG for each CSS pixel. @param width of the figure, CSS pixels */
export function scaleOf({ millimetres, dpi }: Pick<FigureOptions, 'millimetres' | 'dpi'>, width: number): number {
  return Math.min(LARGEST_SCALE, Math.max(0.5, ((millimetres / 25.4) * dpi) / width))
}

/** Draws a figure of the panes: the maps as they are shown, everything else by the engine. */
export async function drawFigure(panes: readonly ShownPane[], options: FigureOptions): Promise<Output<'figure.draw'>> {
  if (panes.length === 0) throw new Error('cannot export the view: no atlas is shown; open one first')
  const parts = cropped(panes, options.crop)
  const width = Math.max(...parts.map(({ pane }) => pane.left + pane.width))
  const scale = options.format === 'svg' ? SVG_SCALE : scaleOf(options, width)
  // Above four, icons would only be enlarged more, and the map be larger than a canvas may be.
  const resolution = Math.min(4, Math.max(1, Math.ceil(scale)))
  const background = options.theme === 'light' ? WHITE : BACKGROUNDS.dark
  const maps: Uint8Array<ArrayBuffer>[] = []
  // Sequentially: each scene holds its icons at full size while it is drawn.
  for (const { scene, pane, from } of parts)
    maps.push(await pngOf(await scene.picture(resolution, background), from, pane, resolution))
  return call('figure.draw', {
    panes: parts.map(({ pane }) => pane),
    maps,
    ...{ format: options.format, theme: options.theme, scale },
    dpi: options.format === 'png' ? options.dpi : null,
  })
}

/**
 * Exports the panes to a file that the user chooses.
 * @returns null if the user cancelled; else its path, and a sentence about letters that the figure shows as boxes
 */
export async function saveFigure(
  panes: readonly ShownPane[],
  options: FigureOptions,
  name: string,
): Promise<{ readonly file: string; readonly unset: string | null } | null> {
  const kind = options.format
  const file = await window.portolan.shell('dialog.save', { kind, suggested: `${name}.${kind}` })
  if (file === null) return null
  const { bytes, unset } = await drawFigure(panes, options)
  await window.portolan.shell('file.write', { file, bytes: bytes as Uint8Array<ArrayBuffer> })
  return { file, unset }
}

interface Extent {
  readonly width: number
  readonly height: number
}

/** A part of a map as a PNG. @param from its corner in the map; all lengths in CSS pixels, times `scale` in the map */
async function pngOf(
  map: ImageBitmap,
  from: { readonly x: number; readonly y: number },
  { width, height }: Extent,
  scale: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale))
  const context = canvas.getContext('2d')
  if (context === null)
    throw new Error(`cannot draw an image of ${canvas.width} × ${canvas.height}; choose a smaller width or resolution`)
  context.drawImage(map, Math.round(-from.x * scale), Math.round(-from.y * scale))
  map.close()
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer())
}
