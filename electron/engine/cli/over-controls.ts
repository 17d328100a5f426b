import { groupNames, type OverControls } from '../../contract/experiment-result.ts'
import { estimated } from './text.ts'

/** `+4.54 [2.1, 7.0] above unrelated photographs, the smallest difference; above all 4 controls`. */
export function overControlsText({ each, smallest, holds }: OverControls): string {
  const name = groupNames[smallest.control]
  const comparison = holds ? `above every control (${each.length})` : 'not above every control'
  return `${comparison}: the smallest difference is ${estimated(smallest.difference)}, to ${name}`
}
