import { lookText, type Place, placementAt, placesOf } from '../../../contract/placement.ts'
import type { Sweep } from '../../../contract/sweep.ts'
import { appendCaption } from '../../figures/caption.ts'
import { CLASS_COLOURS, Figure, heat, LIGHT } from '../../figures/figure.ts'
import { encodePng } from '../../images/encode.ts'
import type { Label } from '../../model/classifier.ts'
import { distinctName } from '../../model/labels.ts'
import { compose } from '../compose.ts'
import type { SweepOrder, SweepReading } from './positions.ts'

/** What the figure shows of a reading. */
export type Plotted = Pick<SweepReading, 'winner' | 'winnerProbability' | 'sourceProbability' | 'targetProbability'>

export interface SweepFigure extends SweepOrder {
  readonly labels: readonly Label[]
  /** Model, photograph, patch: the first sentence of the caption. */
  readonly about: string
  readonly before: Pick<SweepReading, 'sourceProbability' | 'targetProbability'>
  /** [sizes, positions²], in order; undefined where not yet classified. */
  readonly after: readonly (Plotted | undefined)[]
  /** The position that is shown over size; the last one, at the lower right, if it is not given. */
  readonly followed?: number
}

const [THUMB, GAP, LEFT, TOP] = [104, 10, 16, 58]
/** Room for the names of classes beside the curves, pixels. */
const LEGEND = 220
const CURVE = { width: 520, height: 200 }
const SMALL = 11
const { faint: FAINT, line: RULE } = LIGHT

/**
 * A figure of a sweep: compositions at some sizes in that position; below them, for each of these sizes, two maps
 * over the positions, the target's probability and the winning class; and the article's curves over size, of one
 * position.
 */
export async function sweepFigure(given: SweepFigure): Promise<Figure> {
  const { sizes, positions, labels, source, target, before, after } = given
  const cells = positions * positions
  const followed = given.followed ?? cells - 1
  const place = placesOf({ kind: 'grid', n: positions })[followed]!
  const at: At = (size, position) => after[size * cells + position]
  const shown = spread(sizes.length, 8)
  const names = colours([source, target, ...after.flatMap(reading => reading?.winner ?? [])])
  const colour = (index: number): string => names.get(index) ?? RULE
  const below = TOP + 3 * THUMB + 112
  const width = Math.max(LEFT * 2 + shown.length * (THUMB + GAP), LEFT + CURVE.width + 80 + LEGEND)
  const figure = new Figure(width, below + CURVE.height + 40, LIGHT)
  const inner = width - 2 * LEFT
  const heading = `${distinctName(labels, source)} → ${distinctName(labels, target)}`
  figure.text(heading, LEFT, 22, { size: 15, weight: 600, width: inner })
  const probabilities = `before: ${percent(before.sourceProbability)} ${distinctName(labels, source)}, ${percent(before.targetProbability)} ${distinctName(labels, target)}`
  figure.text(probabilities, LEFT, 36, { size: SMALL, colour: FAINT, width: inner })
  figure.text(`look: ${lookText(given.look)}`, LEFT, 50, { size: SMALL, colour: FAINT, width: inner })
  for (const [column, s] of shown.entries()) {
    const x = LEFT + column * (THUMB + GAP)
    figure.image(await thumbnail(given, s, place), x, TOP, THUMB, THUMB)
    figure.text(`size ${sizes[s]!.toFixed(2)}`, x, TOP + THUMB + 14, { size: SMALL })
    const winner = at(s, followed)?.winner
    if (winner !== undefined) {
      const style = { size: SMALL, width: THUMB, colour: colour(winner), weight: 600 } as const
      figure.text(distinctName(labels, winner), x, TOP + THUMB + 28, style)
    }
    drawMap(figure, x, TOP + THUMB + 52, positions, p => filled(at(s, p), each => heat(each.targetProbability)))
    drawMap(figure, x, TOP + 2 * THUMB + 80, positions, p => filled(at(s, p), each => colour(each.winner)))
  }
  const key = `probability of ${distinctName(labels, target)} by position, white 0 to blue 1`
  figure.text(key, LEFT, TOP + THUMB + 46, { size: SMALL, colour: FAINT, width: inner })
  figure.text('winning class by position', LEFT, TOP + 2 * THUMB + 74, { size: SMALL, colour: FAINT })
  const curves =
    positions === 1
      ? 'probability by size; dots: another class that wins'
      : `probability by size, at ${placeText(place)}; dots: another class that wins`
  figure.text(curves, LEFT, below - 8, { size: SMALL, colour: FAINT })
  drawCurves(figure, given, [source, target], size => at(size, followed), LEFT, below, colour)
  for (const [k, index] of [...names.keys()].entries()) {
    figure.rectangle(LEFT + CURVE.width + 60, below + k * 18, 11, 11, colour(index))
    const style = { size: SMALL, width: LEGEND }
    figure.text(distinctName(labels, index), LEFT + CURVE.width + 78, below + k * 18 + 10, style)
  }
  const done = after.filter(reading => reading !== undefined).length
  appendCaption(
    figure,
    `${given.about}: ${done} of ${after.length} compositions, ${sizes.length} sizes at ${positions} × ${positions} positions; photographs and patches resized with Lanczos`,
  )
  return figure
}

/** The reading of a size and a position; undefined where it is not yet classified. */
type At = (size: number, position: number) => Plotted | undefined

const filled = (reading: Plotted | undefined, colour: (reading: Plotted) => string): string =>
  reading === undefined ? '#ffffff' : colour(reading)

/** A corner or the centre by name, any other place by its shares. */
const placeText = ({ x, y }: Place): string => {
  const row = y === 0 ? 'upper' : y === 1 ? 'lower' : ''
  const column = x === 0 ? 'left' : x === 1 ? 'right' : ''
  if (row !== '' && column !== '') return `the ${row} ${column}`
  return x === 0.5 && y === 0.5 ? 'the centre' : `${x.toFixed(2)}, ${y.toFixed(2)}`
}

function thumbnail(given: SweepFigure, at: number, place: Place): Promise<Uint8Array> {
  const { background, patch, picture, look, sizes } = given
  const placement = placementAt({ patch, look, size: sizes[at]!, place }, picture, background.original)
  return encodePng(compose(background, [placement], new Map([[patch, { ...picture, name: 'the patch' }]])))
}

function drawMap(figure: Figure, x: number, y: number, n: number, fill: (position: number) => string): void {
  const edge = THUMB / n
  for (let p = 0; p < n * n; p++)
    figure.rectangle(x + (p % n) * edge, y + Math.floor(p / n) * edge, edge + 0.2, edge + 0.2, fill(p))
}

/** The probabilities of source and target over size, and of whatever else wins. */
function drawCurves(
  figure: Figure,
  { sizes, source, before }: SweepFigure,
  classes: readonly number[],
  at: (size: number) => Plotted | undefined,
  left: number,
  top: number,
  colour: (index: number) => string,
): void {
  const [first, last] = [Math.min(0, sizes[0]!), sizes.at(-1)!]
  const x = (size: number): number => left + 30 + ((size - first) / Math.max(1e-9, last - first)) * (CURVE.width - 30)
  const y = (probability: number): number => top + (1 - probability) * CURVE.height
  for (const tick of [0, 0.25, 0.5, 0.75, 1]) {
    figure.line(left + 30, y(tick), left + CURVE.width, y(tick), RULE)
    figure.text(percent(tick), left + 24, y(tick) + 4, { align: 'right', colour: FAINT, size: 9 })
  }
  for (const size of sizes.filter((_, s) => spread(sizes.length, 9).includes(s)))
    figure.text(size.toFixed(2), x(size), top + CURVE.height + 14, { align: 'middle', colour: FAINT, size: 9 })
  const known = sizes.flatMap((size, s) => {
    const reading = at(s)
    return reading === undefined ? [] : [{ size, reading }]
  })
  for (const index of classes) {
    const value = (reading: Pick<SweepReading, 'sourceProbability' | 'targetProbability'>): number =>
      index === source ? reading.sourceProbability : reading.targetProbability
    const points = [
      [first, value(before)] as const,
      ...known.map(({ size, reading }) => [size, value(reading)] as const),
    ]
    figure.polyline(
      points.map(([size, p]) => [x(size), y(p)] as const),
      colour(index),
      2,
    )
  }
  // The probability of another class is known only where it wins: dots.
  for (const { size, reading } of known) {
    const { winner, winnerProbability } = reading
    if (!classes.includes(winner)) figure.dot(x(size), y(winnerProbability), 3.5, colour(winner))
  }
}

/** At most `most` of n, evenly, the last included. */
const spread = (n: number, most: number): readonly number[] =>
  n <= most
    ? Array.from({ length: n }, (_, k) => k)
    : Array.from({ length: most }, (_, k) => Math.round((k * (n - 1)) / (most - 1)))

/** A colour for each class, by how often it wins; the first two are source and target. */
function colours(classes: readonly number[]): ReadonlyMap<number, string> {
  const [source, target, ...winners] = classes
  const often = new Map<number, number>()
  for (const winner of winners) often.set(winner, (often.get(winner) ?? 0) + 1)
  const others = [...often].sort(([, a], [, b]) => b - a).map(([index]) => index)
  const order = [...new Set([source!, target!, ...others])]
  return new Map(order.slice(0, CLASS_COLOURS.length).map((index, k) => [index, CLASS_COLOURS[k]!]))
}

const percent = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`

/** A sweep as CSV: a row for each size and position that was classified. */
export function sweepRows(
  { plan, winner, winnerProbability, sourceProbability, targetProbability, targetLogOdds, controlLogOdds }: Sweep,
  labels: readonly Label[],
): readonly (readonly (string | number)[])[] {
  const places = placesOf({ kind: 'grid', n: plan.positions })
  const heading = ['size', 'row', 'column', 'x', 'y', 'winner', 'winner_name', 'winner_probability']
  return [
    [...heading, 'source_probability', 'target_probability', 'target_log_odds', 'control_log_odds'],
    ...plan.sizes.flatMap((size, s) =>
      places.flatMap(({ x, y }, p) => {
        const k = s * places.length + p
        if (winner[k]! < 0) return []
        const at = [size, Math.floor(p / plan.positions), p % plan.positions, x, y]
        const values = [sourceProbability, targetProbability, targetLogOdds, controlLogOdds].map(column => column[k]!)
        return [[...at, winner[k]!, distinctName(labels, winner[k]!), winnerProbability[k]!, ...values]]
      }),
    ),
  ]
}
