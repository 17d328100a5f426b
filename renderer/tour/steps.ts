import type { Measured, Tour } from '../../electron/contract/tour.ts'
import type { ClassValue } from '../../electron/contract/values.ts'
import { percentText } from '../patch/class-change.ts'
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
  const running = 'Running the model…'
  switch (step) {
    case 0:
      return {
        title: 'An atlas',
        text: `Each icon is an image optimised to reproduce the mean activation of many samples at layer ${tour.layer}; similar activations are neighbours. Zoom with the wheel or + and −, pan by dragging or with the arrow keys.`,
      }
    case 1:
      return {
        title: 'A cell',
        text: 'A cell is the mean of many samples, each a position in a photograph. The cell with the most samples is selected: the inspector shows its icon, its fidelity, its attribution to classes, and the photographs its samples come from, with their authors.',
      }
    case 2:
      return {
        title: 'One photograph',
        text: `${predicted ? `Predictions of the model for this photograph: ${predicted.map(({ index, value }) => `${className(index)} ${(100 * value).toFixed(1)} %`).join(', ')}.` : running} On the right is an icon for every position of the layer; select one to see its attribution to classes.`,
      }
    case 3:
      return {
        title: 'A patch changes the prediction',
        text: shown
          ? `With a photograph of glowing coals in its corner, ${source} goes from ${percentText(shown.before.source)} to ${percentText(shown.patched.source)}, and ${target} from ${percentText(shown.before.target)} to ${percentText(shown.patched.target)}. The strongest of three controls in its place (mean colour, noise of its spectrum, surroundings filled in) gives ${target} ${percentText(shown.control.target)}. Drag the patch to see the probabilities change. (Photographs are resized more sharply here than in the Image view, so the numbers differ slightly.)`
          : running,
      }
    default:
      return { title: 'More than one photograph', text: measured ? countsText(measured, source, target) : running }
  }
}

function countsText({ labelled, photographs }: Measured, source: string, target: string): string {
  const n = photographs.length
  const patched = photographs.filter(one => one.patched.taken).length
  const control = photographs.filter(one => one.control.taken).length
  return `Of ${count(labelled, 'photograph')} labelled ${source}, the model classifies ${n} correctly. The coals in that corner turn ${patched} of ${n} into ${target}, any of the controls ${control} of ${n}. So few photographs are an illustration, not a measurement. The experiment on this page is filled in: Start tests more sizes and positions against controls, unrelated photographs among them, with confidence intervals. Use your own photographs for a measurement.`
}
