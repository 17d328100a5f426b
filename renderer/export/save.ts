import type { Output } from '../../electron/contract/calls.ts'
import { pngScale } from '../../electron/contract/figure.ts'
import type { FigureFormat } from '../../electron/contract/view-figure.ts'
import { notify } from '../state/notices.ts'
import { call } from '../state/queries.ts'
import { BACKGROUNDS, type Theme } from '../state/settings.ts'
import { cropped } from './crop.ts'
import type { ShownPane } from './panes.ts'

export interface FigureOptions {
  readonly format: FigureFormat
  /** Background and letters; `light` for papers. */
  readonly theme: Theme
  /** Whether maps are cut to their cells. */
  readonly crop: boolean
  /** Width of the figure in print. */
  readonly millimetres: number
  /** Pixels per inch of a PNG, and of maps in other formats. */
  readonly dpi: number
}

const WHITE = [255, 255, 255] as const

/** Draws a figure of the panes: the maps as they are shown, everything else by the engine. */
export async function drawFigure(panes: readonly ShownPane[], options: FigureOptions): Promise<Output<'figure.draw'>> {
  if (panes.length === 0) throw new Error('cannot export the view: no atlas is shown; open one first')
  const parts = cropped(panes, options.crop)
  const width = Math.max(...parts.map(({ pane }) => pane.left + pane.width))
  const { format, theme, millimetres, dpi } = options
  // Above four, icons would only be enlarged more, and the map be larger than a canvas may be.
  const resolution = Math.min(4, Math.max(1, Math.ceil(pngScale(options, width))))
  const background = theme === 'light' ? WHITE : BACKGROUNDS.dark
  const maps: Uint8Array<ArrayBuffer>[] = []
  // Sequentially: each scene holds its icons at full size while it is drawn.
  for (const { scene, pane, from } of parts)
    maps.push(await pngOf(await scene.picture(resolution, background), from, pane, resolution))
  return call('figure.draw', {
    panes: parts.map(({ pane }) => pane),
    maps,
    ...{ format, theme, millimetres, dpi },
  })
}

/** Bytes of a figure, and a sentence about letters that it shows as boxes. */
type Drawn = Output<'figure.draw'>

/** Draws a figure and saves it in a file, which the user chooses first. @returns whether it was saved: false if the user cancelled */
export async function saveFigure(format: FigureFormat, name: string, draw: () => Promise<Drawn>): Promise<boolean> {
  const file = await window.portolan.shell('dialog.save', { kind: format, suggested: `${name}.${format}` })
  if (file === null) return false
  const { bytes, unset } = await draw()
  await window.portolan.shell('file.write', { file, bytes: bytes as Uint8Array<ArrayBuffer> })
  notify(`Exported the view to ${file}.`)
  if (unset !== null) notify(unset, 'warning')
  return true
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
