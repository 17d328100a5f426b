import { CellState } from '../../electron/contract/atlas.ts'
import { number } from '../ui/text.ts'

/**
 * Progress of the icons of a grid while not all are finished. Where the atlas is being viewed, all get a first look
 * before any is refined; otherwise each is made in one go.
 * @param states of the cells that are shown, as in `Cells`
 */
export function iconsText(states: Uint8Array): string {
  const of = (state: number): number => states.reduce((sum, each) => sum + Number(each === state), 0)
  const [waiting, looks, all] = [of(CellState.waiting), of(CellState.preview), states.length]
  if (looks === 0) return `icons: ${number(all - waiting)} of ${number(all)}`
  if (waiting > 0) return `first look: ${number(all - waiting)} of ${number(all)} icons`
  return `refining: ${number(all - looks)} of ${number(all)} icons`
}
