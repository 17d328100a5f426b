import type { ModelDescription } from '../../electron/contract/models.ts'

type Colours = Pick<ModelDescription, 'channels' | 'range' | 'mean' | 'std'>

/** Usual preprocessings, by the tool that the model comes from. */
export const PREPROCESSINGS: readonly (readonly [name: string, colours: Colours])[] = [
  [
    'torchvision: 0 to 1, ImageNet mean',
    { channels: 'RGB', range: [0, 1], mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  ],
  ['Caffe: BGR, 0 to 255 less the mean', { channels: 'BGR', range: [0, 255], mean: [104, 117, 123], std: [1, 1, 1] }],
  ['TensorFlow: −1 to 1', { channels: 'RGB', range: [-1, 1], mean: [0, 0, 0], std: [1, 1, 1] }],
  ['0 to 1', { channels: 'RGB', range: [0, 1], mean: [0, 0, 0], std: [1, 1, 1] }],
  ['0 to 255', { channels: 'RGB', range: [0, 255], mean: [0, 0, 0], std: [1, 1, 1] }],
]

/** The usual preprocessing that a description has; −1 for any other. */
export const preprocessingOf = (description: Colours): number =>
  PREPROCESSINGS.findIndex(([, colours]) =>
    (['channels', 'range', 'mean', 'std'] as const).every(
      field => JSON.stringify(colours[field]) === JSON.stringify(description[field]),
    ),
  )

/** Numbers in a text, such as `0.485, 0.456, 0.406`; undefined where it is not exactly so many. */
export function numbersOf(text: string, count: number): readonly number[] | undefined {
  const parts = text.split(/[\s,;]+/).filter(part => part !== '')
  const numbers = parts.map(part => Number(part.replace('−', '-')))
  return numbers.length === count && numbers.every(Number.isFinite) ? numbers : undefined
}

/** What stops a description from being used; empty if nothing does. */
export function faultOf({ name, range, std, labels, license, source }: ModelDescription, classes: number): string {
  if (name.trim() === '') return 'The model needs a name.'
  if (range[0] >= range[1]) return 'Black has to be below white.'
  if (std.some(value => value <= 0)) return 'Standard deviations have to be above 0.'
  if (license === '' || source === '') return 'Licence and source may be “unknown”, but not empty.'
  if (labels !== null && labels.length !== classes)
    return `The label file has ${labels.length} lines, and the model ${classes} classes.`
  return ''
}

/**
 * What is tested of a description: all of it but texts that no prediction depends on, so that the model does not run again for
 * each letter of its name.
 * @param proposed whose texts are taken instead
 */
export const testedOf = (
  description: ModelDescription,
  { name, license, source }: ModelDescription,
): ModelDescription => ({ ...description, name, license, source })
