import { CellState } from '../../electron/contract/atlas.ts'
import { number } from '../ui/text.ts'

/**
 * Progress of the icons of a grid while not all are finished. In an atlas that is being viewed, all icons get a preview
 * before any is refined; otherwise each is rendered in one go.
 * @param states of the cells that are shown, as in `Cells`
 */
export function iconsText(states: Uint8Array): string {
  const of = (state: number): number => states.reduce((sum, each) => sum + Number(each === state), 0)
  const [waiting, previews, total] = [of(CellState.waiting), of(CellState.preview), states.length]
  if (previews === 0) return `icons: ${number(total - waiting)} of ${number(total)}`
  if (waiting > 0) return `previews: ${number(total - waiting)} of ${number(total)} icons`
  return `refining: ${number(total - previews)} of ${number(total)} icons`
}
