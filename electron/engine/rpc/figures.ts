import { UserError } from '../../contract/errors.ts'
import { DARK, LIGHT } from '../figures/figure.ts'
import { unsetLetters, unsetSentence } from '../figures/lettering.ts'
import { textsOfView, viewFigure, viewSize } from '../figures/view.ts'
import type { Calls } from './handlers.ts'

export const figureCalls: Calls<'figure'> = {
  'figure.size': ({ panes }) => viewSize(panes),
  'figure.draw': async ({ panes, maps, format, theme, scale, dpi }) => {
    if (maps.length !== panes.length)
      throw new UserError(
        `cannot draw the figure: it has ${panes.length} panes and ${maps.length} maps; export it again`,
      )
    const figure = viewFigure(panes, maps, theme === 'light' ? LIGHT : DARK)
    const bytes = format === 'svg' ? Buffer.from(figure.svg()) : await figure.png(scale, dpi)
    return { bytes: new Uint8Array(bytes), unset: unsetSentence(unsetLetters(textsOfView(panes))) ?? null }
  },
}
