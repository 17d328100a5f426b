import type { FoundSamples } from '../../electron/contract/samples-in-view.ts'
import type { ClassValue } from '../../electron/contract/values.ts'
import type { SampleColour } from '../state/samples.ts'
import { classColour, css, heat, type Rgb } from './colours.ts'

/** Classes that have a colour of their own: more could not be distinguished. */
const COLOURED = 7
const GREY: Rgb = [150, 156, 163]
/** Blue and orange, which colour-blind readers distinguish. */
const RIGHT: Rgb = [92, 160, 240]
const WRONG: Rgb = [240, 140, 40]

export interface SampleLegend {
  readonly text: string
  readonly colour: string
  readonly count: number
}

export interface ColouredSamples {
  /** CSS colours, by sample. */
  readonly colours: readonly string[]
  readonly legend: readonly SampleLegend[]
}

/**
 * Colours of samples: the most frequent classes of their photographs, right or wrong predictions, or their probability.
 * @param predictions by photograph, the strongest class and its probability; null where there is none
 */
export function sampleColours(
  samples: Pick<FoundSamples, 'image' | 'class'>,
  by: SampleColour,
  predictions: ReadonlyMap<number, ClassValue | null>,
  className: (index: number) => string,
): ColouredSamples {
  const keys = Array.from(samples.image, (image, k) => keyOf(by, samples.class[k]!, predictions.get(image)))
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  const frequent = [...counts]
    .filter(([key]) => key.startsWith('class '))
    .sort(([a, m], [b, n]) => n - m || Number(a.slice(6)) - Number(b.slice(6)))
    .slice(0, COLOURED)
    .map(([key]) => key)
  const colourOf = (key: string): Rgb => {
    if (key === 'right') return RIGHT
    if (key === 'wrong') return WRONG
    if (key.startsWith('p ')) return heat(0.15 + 0.085 * Number(key.slice(2)))
    return frequent.includes(key) ? classColour(frequent.indexOf(key)) : GREY
  }
  const nameOf = (key: string): string =>
    NAMES[key] ?? (key.startsWith('p ') ? `${10 * Number(key.slice(2))} % and more` : className(Number(key.slice(6))))
  const shown =
    by === 'class'
      ? [...frequent, 'unlabelled'].filter(key => counts.has(key))
      : [...counts.keys()].filter(key => key in NAMES || key.startsWith('p ')).sort()
  const legend = shown.map(key => ({ text: nameOf(key), colour: css(colourOf(key)), count: counts.get(key)! }))
  const rest = keys.length - legend.reduce((sum, { count }) => sum + count, 0)
  return {
    colours: keys.map(key => css(colourOf(key))),
    legend: rest > 0 ? [...legend, { text: 'other classes', colour: css(GREY), count: rest }] : legend,
  }
}

const NAMES: Readonly<Record<string, string>> = {
  right: 'predicted correctly',
  wrong: 'predicted otherwise',
  unlabelled: 'without a label',
  unknown: 'not predicted yet',
  unpredicted: 'without a prediction',
}

/** The group that a sample belongs to. */
function keyOf(by: SampleColour, label: number, prediction: ClassValue | null | undefined): string {
  if (by === 'class') return label < 0 ? 'unlabelled' : `class ${label}`
  if (prediction === undefined) return 'unknown'
  if (prediction === null) return 'unpredicted'
  if (by === 'confidence') return `p ${Math.min(9, Math.floor(10 * prediction.value))}`
  return label < 0 ? 'unlabelled' : prediction.index === label ? 'right' : 'wrong'
}

/** The sample nearest to a point, within a distance; −1 without one. @param places [2n], x and y of each */
export function nearestPoint(places: ArrayLike<number>, x: number, y: number, within: number): number {
  let [best, least] = [-1, within * within]
  for (let k = 0; k < places.length / 2; k++) {
    const distance = (places[2 * k]! - x) ** 2 + (places[2 * k + 1]! - y) ** 2
    if (distance <= least) [best, least] = [k, distance]
  }
  return best
}
