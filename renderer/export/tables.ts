import type { ViewFigure } from '../../electron/contract/view-figure.ts'
import type { Exportable } from '../state/exportable.ts'
import { call } from '../state/queries.ts'
import { saveText } from './cells-csv.ts'

/** The values behind a figure as a CSV. */
export const valuesOf = (name: string, figure: ViewFigure): Exportable['tables'][number] => ({
  label: 'Values as CSV',
  save: async () => saveText(`${name}.csv`, (await call('view.table', { figure })).csv),
})

/** A text as the stem of a file name. */
export const stemOf = (text: string): string => text.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'figure'
