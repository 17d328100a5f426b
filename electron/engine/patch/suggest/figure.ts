import { type Estimate, groupNames } from '../../../contract/experiment-result.ts'
import { OUTCOME } from '../../../contract/outcome.ts'
import { lookText } from '../../../contract/placement.ts'
import { signed } from '../../../contract/signed.ts'
import { type Candidate, outcomeSentences, type Suggestion } from '../../../contract/suggestion.ts'
import { appendCaption } from '../../figures/caption.ts'
import { CLASS_COLOURS, Figure, LIGHT } from '../../figures/figure.ts'
import type { Label } from '../../model/classifier.ts'
import { distinctName } from '../../model/labels.ts'

export interface SuggestionFigure {
  readonly suggestion: Suggestion
  readonly modelName: string
  readonly labels: readonly Label[]
  /** The pictures of the candidates as PNGs, by patch. */
  readonly pictures: ReadonlyMap<number, Uint8Array>
}

const [LEFT, WIDTH, THUMB, ROW, SMALL] = [16, 900, 44, 54, 11]
const COLUMNS = { name: 72, first: 300, effect: 420, over: 660 }
const BAR = 150
const SHOWN = 12

/** The first candidates in their order, with what they do on the held-out photographs where they were tested. */
export function suggestionFigure({ suggestion, modelName, labels, pictures }: SuggestionFigure): Figure {
  const { plan, candidates, verdict } = suggestion
  const shown = candidates.slice(0, SHOWN)
  const figure = new Figure(WIDTH, 0, LIGHT)
  const title = `${distinctName(labels, plan.source)} → ${distinctName(labels, plan.target)}: suggested patches`
  figure.text(title, LEFT, 28, { size: 16, weight: 600, width: WIDTH - 2 * LEFT })
  if (verdict)
    figure.text(outcomeSentences[verdict.outcome], LEFT, 48, { size: 12, weight: 600, width: WIDTH - 2 * LEFT })
  const heading = { size: SMALL, weight: 600, colour: LIGHT.soft } as const
  figure.text('candidate', COLUMNS.name, 76, heading)
  figure.text('first half', COLUMNS.first, 76, heading)
  figure.text('held-out half', COLUMNS.effect, 76, heading)
  figure.text('above its best control', COLUMNS.over, 76, heading)
  const tested = new Map(verdict?.tested.map(each => [each.candidate.patch, each]))
  const span = Math.max(
    0.1,
    ...[...tested.values()].flatMap(({ effect, overControls }) =>
      [effect.change, overControls.smallest.difference].flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]),
    ),
  )
  let y = 88
  for (const one of shown) {
    drawCandidate(figure, one, pictures.get(one.patch), y)
    const found = tested.get(one.patch)
    if (found) {
      drawEstimate(figure, found.effect.change, COLUMNS.effect, y, span, CLASS_COLOURS[1])
      const { control, difference } = found.overControls.smallest
      drawEstimate(figure, difference, COLUMNS.over, y, span, CLASS_COLOURS[0])
      figure.text(groupNames[control], COLUMNS.over, y + 46, { size: 9, colour: LIGHT.faint })
    }
    y += ROW
  }
  figure.height = y + 4
  appendCaption(
    figure,
    [
      `${modelName}: ${shown.length} of ${candidates.length} candidates, ranked on ${suggestion.photographs - suggestion.reportedOn} of ${suggestion.photographs} photographs by the lower bound of the ${OUTCOME} above the best control (first half, optimistic)`,
      verdict === null
        ? 'not finished'
        : `${verdict.tested.length} tested on ${verdict.photographs} held-out photographs, intervals corrected for ${verdict.tested.length}`,
      ...(suggestion.illustration ? ['an illustration: fewer than 20 photographs'] : []),
      `look: ${lookText(plan.look)}`,
    ].join('; '),
  )
  return figure
}

function drawCandidate(figure: Figure, one: Candidate, picture: Uint8Array | undefined, y: number): void {
  if (picture) figure.image(picture, LEFT, y, THUMB, THUMB)
  const width = COLUMNS.first - COLUMNS.name - 12
  // Names of files begin with their folder, which all share: what tells them apart is at the end.
  figure.text(one.name.replace(/^(crop of )?.*\//, '$1'), COLUMNS.name, y + 17, { size: SMALL, width })
  if (one.origin !== one.name) figure.text(one.origin, COLUMNS.name, y + 31, { size: 9, colour: LIGHT.faint, width })
  const { size, x, y: row } = one.chosen
  const place = `size ${size} at ${x.toFixed(2)}, ${row.toFixed(2)}`
  figure.text(signed(one.lowerBound), COLUMNS.first, y + 17, { size: SMALL })
  figure.text(place, COLUMNS.first, y + 31, { size: 9, colour: LIGHT.faint })
}

/** A number as a dot with its interval, on an axis of log-odds whose middle is 0. */
function drawEstimate(
  figure: Figure,
  { value, low, high, interval }: Estimate,
  left: number,
  y: number,
  span: number,
  colour: string,
): void {
  const x = (odds: number): number => left + BAR * (0.5 + odds / (2 * span))
  figure.line(left, y + 12, left + BAR, y + 12, LIGHT.line)
  figure.line(x(0), y + 6, x(0), y + 18, LIGHT.strong)
  if (interval !== 'none') figure.line(x(low), y + 12, x(high), y + 12, colour, 3)
  figure.dot(x(value), y + 12, 4, colour)
  const bounds = interval === 'none' ? ', no interval' : ` [${signed(low)}, ${signed(high)}]`
  figure.text(`${signed(value)}${bounds}`, left, y + 33, { size: SMALL })
}

/** All candidates as CSV, in their order. */
export function suggestionRows({ candidates, verdict }: Suggestion): readonly (readonly (string | number)[])[] {
  const tested = new Map(verdict?.tested.map(each => [each.candidate.patch, each]))
  return [
    [
      ...['rank', 'patch', 'name', 'kind', 'origin', 'size', 'x', 'y', 'change_first_half', 'lower_bound_first_half'],
      ...['held_out_photographs', 'held_out_change', 'held_out_low', 'held_out_high'],
      ...['smallest_control', 'above_control', 'above_control_low', 'above_control_high'],
    ],
    ...candidates.map((one, k) => {
      const found = tested.get(one.patch)
      const { size, x, y } = one.chosen
      const bounds = ({ value, low, high }: Estimate): readonly number[] => [value, low, high]
      return [
        ...[k + 1, one.patch, one.name, one.kind, one.origin, size, x, y, one.changeChosen, one.lowerBound],
        ...(found ? [found.effect.photographs, ...bounds(found.effect.change)] : ['', '', '', '']),
        ...(found
          ? [found.overControls.smallest.control, ...bounds(found.overControls.smallest.difference)]
          : ['', '', '', '']),
      ]
    }),
  ]
}
