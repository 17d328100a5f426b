import { lookText, placementAt, placesOf } from '../../../contract/placement.ts'
import { CLASS_COLOURS, Figure, heat, LIGHT } from '../../figures/figure.ts'
import { encodePng } from '../../images/encode.ts'
import type { Label } from '../../model/classifier.ts'
import { distinctName } from '../../model/labels.ts'
import { compose } from '../compose.ts'
import type { SweepOrder, SweepReading } from './positions.ts'

export interface SweepPlate extends SweepOrder {
  readonly labels: readonly Label[]
  readonly before: SweepReading
  /** [sizes, positions²], in order. */
  readonly after: readonly SweepReading[]
}

const [THUMB, GAP, LEFT, TOP] = [104, 10, 16, 58]
/** Room for the names of classes beside the curves, pixels. */
const LEGEND = 220
const CURVE = { width: 520, height: 200 }
const SMALL = 11
const { faint: FAINT, line: RULE } = LIGHT

/**
 * A figure of a sweep: compositions at some sizes in the last position; below them, for each of these sizes, two maps
 * over the positions, the target's probability and the winning class; and the article's curves over size, of that
 * last position.
 */
export async function sweepPlate(plate: SweepPlate): Promise<Buffer> {
  const { sizes, positions, labels, source, target, before, after } = plate
  const cells = positions * positions
  const at = (size: number, position: number): SweepReading => after[size * cells + position]!
  const shown = spread(sizes.length, 8)
  const names = colours([source, target, ...after.map(({ winner }) => winner)])
  const colour = (index: number): string => names.get(index) ?? RULE
  const below = TOP + 3 * THUMB + 112
  const width = Math.max(LEFT * 2 + shown.length * (THUMB + GAP), LEFT + CURVE.width + 80 + LEGEND)
  const figure = new Figure(width, below + CURVE.height + 40, LIGHT)
  const inner = width - 2 * LEFT
  const heading = `${distinctName(labels, source)} → ${distinctName(labels, target)}`
  figure.text(heading, LEFT, 22, { size: 15, weight: 600, width: inner })
  const probabilities = `before: ${percent(before.sourceProbability)} ${distinctName(labels, source)}, ${percent(before.targetProbability)} ${distinctName(labels, target)}`
  figure.text(probabilities, LEFT, 36, { size: SMALL, colour: FAINT, width: inner })
  figure.text(`look: ${lookText(plate.look)}`, LEFT, 50, { size: SMALL, colour: FAINT, width: inner })
  for (const [column, s] of shown.entries()) {
    const x = LEFT + column * (THUMB + GAP)
    figure.image(await thumbnail(plate, s), x, TOP, THUMB, THUMB)
    const { winner } = at(s, cells - 1)
    figure.text(`size ${sizes[s]!.toFixed(2)}`, x, TOP + THUMB + 14, { size: SMALL })
    const style = { size: SMALL, width: THUMB, colour: colour(winner), weight: 600 } as const
    figure.text(distinctName(labels, winner), x, TOP + THUMB + 28, style)
    drawMap(figure, x, TOP + THUMB + 52, positions, p => heat(at(s, p).targetProbability))
    drawMap(figure, x, TOP + 2 * THUMB + 80, positions, p => colour(at(s, p).winner))
  }
  const key = `probability of ${distinctName(labels, target)} by position, white 0 to blue 1`
  figure.text(key, LEFT, TOP + THUMB + 46, { size: SMALL, colour: FAINT, width: inner })
  figure.text('winning class by position', LEFT, TOP + 2 * THUMB + 74, { size: SMALL, colour: FAINT })
  const curves =
    positions === 1
      ? 'probability by size; dots: another class that wins'
      : 'probability by size, at the lower right; dots: another class that wins'
  figure.text(curves, LEFT, below - 8, { size: SMALL, colour: FAINT })
  const followed = [...names.keys()].slice(0, 3).filter(index => index === source || index === target)
  drawCurves(figure, plate, followed, at, LEFT, below, colour)
  for (const [k, index] of [...names.keys()].entries()) {
    figure.rectangle(LEFT + CURVE.width + 60, below + k * 18, 11, 11, colour(index))
    const style = { size: SMALL, width: LEGEND }
    figure.text(distinctName(labels, index), LEFT + CURVE.width + 78, below + k * 18 + 10, style)
  }
  return figure.png()
}

function thumbnail(plate: SweepPlate, at: number): Promise<Uint8Array> {
  const { background, patch, picture, look, sizes, positions } = plate
  const place = placesOf({ kind: 'grid', n: positions }).at(-1)!
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
  { sizes, positions, source, before }: SweepPlate,
  classes: readonly number[],
  at: (size: number, position: number) => SweepReading,
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
  const position = positions * positions - 1
  for (const index of classes) {
    const value = (reading: SweepReading): number =>
      index === source ? reading.sourceProbability : reading.targetProbability
    const points = [[first, value(before)] as const, ...sizes.map((size, s) => [size, value(at(s, position))] as const)]
    figure.polyline(
      points.map(([size, p]) => [x(size), y(p)] as const),
      colour(index),
      2,
    )
  }
  // The probability of another class is known only where it wins: dots.
  for (const [s, size] of sizes.entries()) {
    const { winner, winnerProbability } = at(s, position)
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
