import type { Measured, Tour } from '../../electron/contract/tour.ts'
import type { ClassValue } from '../../electron/contract/values.ts'
import { percentText } from '../patch/readings.ts'
import { count } from '../ui/text.ts'

/** Title and text of a step of the tour. */
export interface Step {
  readonly title: string
  readonly text: string
}

export const STEPS = 5

/**
 * Title and text of a step; every number in it is measured.
 * @param step      from 0
 * @param measured  undefined until the network has run
 * @param predicted the prediction for the photograph without a patch, as in the image view; undefined until it is there
 */
export function stepOf(
  step: number,
  tour: Tour,
  measured: Measured | undefined,
  predicted: readonly ClassValue[] | undefined,
  className: (index: number) => string,
): Step {
  const [source, target] = [className(tour.source), className(tour.target)]
  const shown = measured?.photographs.find(({ image }) => image === tour.image)
  const running = 'The network is running.'
  switch (step) {
    case 0:
      return {
        title: 'An atlas',
        text: `Each icon is an image that the network answers as it answers the photographs behind it, at layer ${tour.layer}; what it treats alike lies side by side. Zoom with the wheel or + and −, move by dragging or with the arrow keys.`,
      }
    case 1:
      return {
        title: 'What is behind a cell',
        text: 'A cell is the mean of many samples, each a position in a photograph. The fullest one is selected: the inspector shows its icon large, how faithful it is, the classes it adds to, and the real photographs its samples come from, with their authors.',
      }
    case 2:
      return {
        title: 'One photograph',
        text: `${predicted ? `The network predicts for this photograph: ${predicted.map(({ index, value }) => `${className(index)} ${(100 * value).toFixed(1)} %`).join(', ')}.` : running} On the right, every position of the photograph as the layer sees it; choose one to see which classes it adds to.`,
      }
    case 3:
      return {
        title: 'A patch changes the answer',
        text: shown
          ? `With a photograph of glowing coals in its corner, ${source} goes from ${percentText(shown.before.source)} to ${percentText(shown.patched.source)}, and ${target} from ${percentText(shown.before.target)} to ${percentText(shown.patched.target)}. A plain square of the same mean colour gives ${target} ${percentText(shown.plain.target)}. Drag the patch, and watch the numbers on the right. (Photographs are resized more sharply here than in the view before: its numbers differ a little.)`
          : running,
      }
    default:
      return { title: 'More than one case?', text: measured ? countsText(measured, source, target) : running }
  }
}

function countsText({ labelled, photographs }: Measured, source: string, target: string): string {
  const n = photographs.length
  const patched = photographs.filter(one => one.patched.taken).length
  const plain = photographs.filter(one => one.plain.taken).length
  return `Of ${count(labelled, 'photograph')} labelled ${source}, the network takes ${n} for it. The coals in that corner turn ${patched} of ${n} into ${target}, the plain square ${plain} of ${n}. So few are an illustration, not a measurement. The experiment here is filled in: Start tries more sizes and positions, with noise and shuffled controls and intervals. With your own photographs it becomes a measurement.`
}
