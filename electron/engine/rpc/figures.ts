import { csvText } from '../../contract/csv.ts'
import { UserError } from '../../contract/errors.ts'
import { pngScale } from '../../contract/figure.ts'
import type { FigureFormat } from '../../contract/view-figure.ts'
import { DARK, type Figure, LIGHT } from '../figures/figure.ts'
import { unsetLetters, unsetSentence } from '../figures/lettering.ts'
import { viewFigure, viewSize } from '../figures/view.ts'
import { figureOf, rowsOf } from '../workspace/view-figures.ts'
import type { Calls } from './handlers.ts'

export const figureCalls: Calls<'figure'> = {
  'figure.size': ({ panes }) => viewSize(panes),
  'figure.draw': async ({ panes, maps, format, theme, millimetres, dpi }) => {
    if (maps.length !== panes.length)
      throw new UserError(
        `cannot draw the figure: it has ${panes.length} panes and ${maps.length} maps; export it again`,
      )
    const figure = viewFigure(panes, maps, theme === 'light' ? LIGHT : DARK)
    return { bytes: await fileOf(figure, { format, millimetres, dpi }), unset: unsetOf(figure) }
  },
}

/** Figures of views without maps. */
export const viewCalls: Calls<'view'> = {
  'view.size': async ({ figure }, { project }) => {
    const { width, height } = await figureOf(project(), figure)
    return { width, height }
  },
  'view.draw': async ({ figure: view, ...file }, { project }) => {
    const figure = await figureOf(project(), view)
    return { bytes: await fileOf(figure, file), unset: unsetOf(figure) }
  },
  'view.table': async ({ figure }, { project }) => ({ csv: csvText(await rowsOf(project(), figure)) }),
}

interface FigureFile {
  readonly format: FigureFormat
  readonly millimetres: number
  readonly dpi: number
}

async function fileOf(figure: Figure, { format, millimetres, dpi }: FigureFile): Promise<Uint8Array<ArrayBuffer>> {
  if (format === 'svg') return new Uint8Array(Buffer.from(figure.svg(1, millimetres)))
  if (format === 'pdf') return new Uint8Array(await figure.pdf(millimetres))
  return new Uint8Array(await figure.png(pngScale({ millimetres, dpi }, figure.width), dpi))
}

const unsetOf = ({ texts }: Figure): string | null => unsetSentence(unsetLetters(texts)) ?? null
