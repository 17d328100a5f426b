import type { ReactNode } from 'react'
import { type Credit as CreditData, creditLine } from '../../electron/contract/credit.ts'
import panel from './panel.module.css'

/** Author and licence of a photograph; nothing where they are not known. */
export function Credit({ credit }: { readonly credit: CreditData | null }): ReactNode {
  return credit && <p className={panel['credit']}>{creditLine(credit)}</p>
}

/** The tooltip of a photograph: its file and credit. */
export function photographTitle(file: string, credit: CreditData | null): string {
  return credit === null ? file : `${file}\n${creditLine(credit)}`
}
