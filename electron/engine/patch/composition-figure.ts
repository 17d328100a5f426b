import type { Predictions } from '../../contract/patch.ts'
import { lookText, type PatchPlacement } from '../../contract/placement.ts'
import { barsHeight, drawBars, type FigureBar } from '../figures/bars.ts'
import { appendCaption } from '../figures/caption.ts'
import { CLASS_COLOURS, Figure, LIGHT } from '../figures/figure.ts'
import { encodePng, type Picture } from '../images/encode.ts'
import type { Label } from '../model/classifier.ts'
import { distinctName } from '../model/labels.ts'

export interface CompositionFigure {
  readonly modelName: string
  readonly labels: readonly Label[]
  /** Of the photograph. */
  readonly file: string
  /** As classified, without and with the patches. */
  readonly before: Picture
  readonly after: Picture
  readonly predictions: { readonly before: Predictions; readonly after: Predictions }
  readonly source: number | null
  readonly target: number | null
  /** The visible patches with their names, from the bottom up. */
  readonly patches: readonly { readonly name: string; readonly placement: PatchPlacement }[]
}

/** Classes below each picture, as in the article. */
export const FIGURE_CLASSES = 5

const [LEFT, TOP, EDGE, GAP] = [16, 44, 300, 32]
const [SOURCE, TARGET] = [CLASS_COLOURS[0], CLASS_COLOURS[1]]

/** The photograph and the patched photograph, each with its strongest classes as bars, as in the article's figures. */
export async function compositionFigure(given: CompositionFigure): Promise<Figure> {
  const { before, after, predictions, labels, source, target, file, modelName } = given
  const high = Math.round((EDGE * before.height) / before.width)
  const figure = new Figure(2 * LEFT + 2 * EDGE + GAP, TOP + high + 16 + barsHeight(FIGURE_CLASSES) + 12, LIGHT)
  const colourOf = (index: number): string => (index === source ? SOURCE : index === target ? TARGET : LIGHT.strong)
  const barsOf = ({ top }: Predictions): readonly FigureBar[] =>
    top.slice(0, FIGURE_CLASSES).map(({ index, probability }) => ({
      name: distinctName(labels, index),
      probability,
      colour: colourOf(index),
    }))
  for (const [k, [title, picture, predicted]] of (
    [
      ['Photograph', before, predictions.before],
      ['With patch', after, predictions.after],
    ] as const
  ).entries()) {
    const x = LEFT + k * (EDGE + GAP)
    figure.text(title, x, 30, { size: 15, weight: 600 })
    figure.image(await encodePng(picture), x, TOP, EDGE, high)
    drawBars(figure, barsOf(predicted), x, TOP + high + 16, EDGE)
  }
  const placed = given.patches.map(
    ({ name, placement }) =>
      `${name}, size ${placement.size.toFixed(2)}, centre ${placement.x.toFixed(2)}, ${placement.y.toFixed(2)}, ${lookText(placement)}`,
  )
  const listed = placed.length === 0 ? 'no patch' : placed.join('; ')
  const named = (index: number | null, role: string, colour: string): string[] =>
    index === null ? [] : [`${colour}: ${role} ${distinctName(labels, index)}`]
  const legend = [...named(source, 'source', 'blue'), ...named(target, 'target', 'orange')]
  appendCaption(
    figure,
    [
      `${modelName}, ${file}: the ${FIGURE_CLASSES} most probable of ${labels.length} classes`,
      listed,
      ...legend,
      `${before.width} × ${before.height} pixels as classified, resized with Lanczos`,
    ].join('; '),
  )
  return figure
}

/** The same as CSV: both probabilities and logits of each class. */
export function compositionRows({
  predictions,
  labels,
}: Pick<CompositionFigure, 'predictions' | 'labels'>): readonly (readonly (string | number)[])[] {
  const classes = [
    ...new Set([predictions.before, predictions.after].flatMap(({ pinned }) => pinned.map(p => p.index))),
  ]
  const of = ({ pinned }: Predictions, index: number) => pinned.find(each => each.index === index)!
  return [
    ['class', 'name', 'probability_before', 'probability_after', 'logit_before', 'logit_after'],
    ...classes.map(index => {
      const [first, then] = [of(predictions.before, index), of(predictions.after, index)]
      return [index, distinctName(labels, index), first.probability, then.probability, first.logit, then.logit]
    }),
  ]
}
