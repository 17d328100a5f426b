import type { Output } from '../../electron/contract/calls.ts'
import { call } from '../state/queries.ts'
import type { ShownPane } from './panes.ts'

/** PNGs are named by their pixels for each CSS pixel. */
export type Format = 'png-2' | 'png-4' | 'svg'

/** Pixels of a map for each CSS pixel; in an SVG two give about 200 dpi over the width of a page. */
export const SCALE = { 'png-2': 2, 'png-4': 4, svg: 2 } as const

/** Draws a figure of the panes: the maps as they are shown, everything else by the engine. */
export async function drawFigure(panes: readonly ShownPane[], format: Format): Promise<Output<'figure.draw'>> {
  if (panes.length === 0) throw new Error('cannot export the view: no atlas is shown; open one first')
  const scale = SCALE[format]
  const maps: Uint8Array<ArrayBuffer>[] = []
  // Sequentially: each scene holds its icons at full size while it is drawn.
  for (const { scene } of panes) maps.push(await pngOf(await scene.picture(scale)))
  return call('figure.draw', { panes: panes.map(p => p.pane), maps, format: format === 'svg' ? 'svg' : 'png', scale })
}

/**
 * Exports the panes to a file that the user chooses.
 * @returns null if the user cancelled; else its path, and a sentence about letters that the figure shows as boxes
 */
export async function saveFigure(
  panes: readonly ShownPane[],
  format: Format,
  name: string,
): Promise<{ readonly file: string; readonly unset: string | null } | null> {
  const kind = format === 'svg' ? 'svg' : 'png'
  const file = await window.portolan.shell('dialog.save', { kind, suggested: `${name}.${kind}` })
  if (file === null) return null
  const { bytes, unset } = await drawFigure(panes, format)
  await window.portolan.shell('file.write', { file, bytes: bytes as Uint8Array<ArrayBuffer> })
  return { file, unset }
}

async function pngOf(map: ImageBitmap): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(map.width, map.height)
  const context = canvas.getContext('2d')
  if (context === null) throw new Error(`cannot draw an image of ${map.width} × ${map.height}; choose PNG, 2×`)
  context.drawImage(map, 0, 0)
  map.close()
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer())
}
