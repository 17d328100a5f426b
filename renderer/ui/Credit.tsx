import type { ReactNode } from 'react'
import { creditLine, type Credit as Given } from '../../electron/contract/credit.ts'
import panel from './panel.module.css'

/** Who took a photograph and on which terms it is shown; nothing where that is not known. */
export const Credit = ({ credit }: { readonly credit: Given | null }): ReactNode =>
  credit && <p className={panel['credit']}>{creditLine(credit)}</p>

/** The name of a photograph, and who took it: for a tool tip. */
export const named = (file: string, credit: Given | null): string =>
  credit === null ? file : `${file}\n${creditLine(credit)}`
