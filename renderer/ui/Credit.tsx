import type { ReactNode } from 'react'
import { creditLine, type Credit as Given } from '../../electron/contract/credit.ts'
import panel from './panel.module.css'

/** Author and licence of a photograph; nothing where they are not known. */
export const Credit = ({ credit }: { readonly credit: Given | null }): ReactNode =>
  credit && <p className={panel['credit']}>{creditLine(credit)}</p>

/** The tooltip of a photograph: its file and credit. */
export const photographTitle = (file: string, credit: Given | null): string =>
  credit === null ? file : `${file}\n${creditLine(credit)}`
