import type { ReactNode } from 'react'
import { type Credit as CreditData, creditLine } from '../../electron/contract/credit.ts'
import panel from './panel.module.css'

/** Author and licence of a photograph; nothing where they are not known. */
export const Credit = ({ credit }: { readonly credit: CreditData | null }): ReactNode =>
  credit && <p className={panel['credit']}>{creditLine(credit)}</p>

/** The tooltip of a photograph: its file and credit. */
export const photographTitle = (file: string, credit: CreditData | null): string =>
  credit === null ? file : `${file}\n${creditLine(credit)}`
