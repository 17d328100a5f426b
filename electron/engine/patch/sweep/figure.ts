import { lookText } from '../../../contract/patch-look.ts'
import { CLASS_COLOURS, drawn, FAINT, heat, inlinePng, RULE, text } from '../../figures/drawing.ts'
import { encodePng } from '../../images/encode.ts'
import type { Label } from '../../model/classifier.ts'
import { distinctName } from '../../model/labels.ts'
import { compose } from '../compose.ts'
import { placementAt, placesOf } from '../geometry.ts'
import type { SweepOrder, SweepReading } from './positions.ts'

export interface SweepFigure extends SweepOrder {
  readonly labels: readonly Label[]
  readonly before: SweepReading
  /** [sizes, positions²], in order. */
  readonly after: readonly SweepReading[]
}

const [THUMB, GAP, LEFT, TOP] = [104, 10, 16, 58]
/** Room for the names of classes beside the curves, pixels. */
const LEGEND = 220
const CURVE = { width: 520, height: 200 }

/**
 * A plate of a sweep: compositions at some sizes in the last position; below them, for each of these sizes, two maps
 * over the positions, the target's probability and the winning class; and the article's curves over size, of that
 * last position.
 */
export async function sweepPlate(figure: SweepFigure): Promise<Buffer> {
  const { sizes, positions, labels, source, target, before, after } = figure
  const cells = positions * positions
  const at = (size: number, position: number): SweepReading => after[size * cells + position]!
  const shown = spread(sizes.length, 8)
  const names = colours([source, target, ...after.map(({ winner }) => winner)])
  const colour = (index: number): string => names.get(index) ?? RULE
  const width = Math.max(LEFT * 2 + shown.length * (THUMB + GAP), LEFT + CURVE.width + 80 + LEGEND)
  const body = [
    text(LEFT, 22, `${distinctName(labels, source)} → ${distinctName(labels, target)}`, {
      size: 15,
      weight: 600,
      width: width - 2 * LEFT,
    }),
    text(
      LEFT,
      36,
      `before: ${percent(before.sourceProbability)} ${distinctName(labels, source)}, ${percent(before.targetProbability)} ${distinctName(labels, target)}`,
      { fill: FAINT, width: width - 2 * LEFT },
    ),
    text(LEFT, 50, `look: ${lookText(figure.look)}`, { fill: FAINT, width: width - 2 * LEFT }),
  ]
  for (const [column, s] of shown.entries()) {
    const x = LEFT + column * (THUMB + GAP)
    body.push(
      `<image x="${x}" y="${TOP}" width="${THUMB}" height="${THUMB}" xlink:href="${await thumbnail(figure, s)}"/>`,
    )
    const reading = at(s, cells - 1)
    body.push(text(x, TOP + THUMB + 14, `size ${sizes[s]!.toFixed(2)}`))
    body.push(
      text(x, TOP + THUMB + 28, distinctName(labels, reading.winner), {
        width: THUMB,
        fill: colour(reading.winner),
        weight: 600,
      }),
    )
    body.push(...map(x, TOP + THUMB + 52, positions, p => heat(at(s, p).targetProbability)))
    body.push(...map(x, TOP + 2 * THUMB + 80, positions, p => colour(at(s, p).winner)))
  }
  body.push(
    text(LEFT, TOP + THUMB + 46, `probability of ${distinctName(labels, target)} by position, white 0 to blue 1`, {
      fill: FAINT,
      width: width - 2 * LEFT,
    }),
  )
  body.push(text(LEFT, TOP + 2 * THUMB + 74, 'winning class by position', { fill: FAINT }))
  const below = TOP + 3 * THUMB + 112
  body.push(
    text(
      LEFT,
      below - 8,
      positions === 1
        ? 'probability by size; dots: another class that wins'
        : 'probability by size, at the lower right; dots: another class that wins',
      { fill: FAINT },
    ),
  )
  const followed = [...names.keys()].slice(0, 3)
  const known = followed.filter(index => index === source || index === target)
  body.push(...curves(figure, known, at, LEFT, below, colour))
  for (const [k, index] of [...names.keys()].entries())
    body.push(
      `<rect x="${LEFT + CURVE.width + 60}" y="${below + k * 18}" width="11" height="11" fill="${colour(index)}"/>`,
      text(LEFT + CURVE.width + 78, below + k * 18 + 10, distinctName(labels, index), { width: LEGEND }),
    )
  return drawn(width, below + CURVE.height + 40, body)
}

async function thumbnail({ ground, picture, look, sizes, positions }: SweepFigure, size: number): Promise<string> {
  const place = placesOf({ kind: 'grid', n: positions }).at(-1)!
  const placement = placementAt(look, sizes[size]!, place, picture, ground.original)
  return inlinePng(await encodePng(compose(ground, [{ placement, picture, name: 'the patch' }])))
}

function map(x: number, y: number, n: number, fill: (position: number) => string): string[] {
  const edge = THUMB / n
  return Array.from(
    { length: n * n },
    (_, p) =>
      `<rect x="${x + (p % n) * edge}" y="${y + Math.floor(p / n) * edge}" width="${edge + 0.2}" height="${edge + 0.2}" fill="${fill(p)}"/>`,
  )
}

/** The probabilities of source and target over size, and of whatever else wins. */
function curves(
  { sizes, positions, source, before }: SweepFigure,
  classes: readonly number[],
  at: (size: number, position: number) => SweepReading,
  left: number,
  top: number,
  colour: (index: number) => string,
): string[] {
  const [first, last] = [Math.min(0, sizes[0]!), sizes.at(-1)!]
  const x = (size: number): number => left + 30 + ((size - first) / Math.max(1e-9, last - first)) * (CURVE.width - 30)
  const y = (probability: number): number => top + (1 - probability) * CURVE.height
  const body: string[] = []
  for (const tick of [0, 0.25, 0.5, 0.75, 1])
    body.push(
      `<line x1="${left + 30}" x2="${left + CURVE.width}" y1="${y(tick)}" y2="${y(tick)}" stroke="${RULE}"/>`,
      text(left + 24, y(tick) + 4, percent(tick), { anchor: 'end', fill: FAINT, size: 9 }),
    )
  for (const size of sizes.filter((_, s) => spread(sizes.length, 9).includes(s)))
    body.push(text(x(size), top + CURVE.height + 14, size.toFixed(2), { anchor: 'middle', fill: FAINT, size: 9 }))
  const position = positions * positions - 1
  for (const index of classes) {
    const value = (reading: SweepReading): number =>
      index === source ? reading.sourceProbability : reading.targetProbability
    const points = [[first, value(before)] as const, ...sizes.map((size, s) => [size, value(at(s, position))] as const)]
    body.push(
      `<polyline fill="none" stroke="${colour(index)}" stroke-width="2" points="${points.map(([size, p]) => `${x(size)},${y(p)}`).join(' ')}"/>`,
    )
  }
  // What else wins is known only where it does: dots.
  for (const [s, size] of sizes.entries()) {
    const { winner, winnerProbability } = at(s, position)
    if (!classes.includes(winner))
      body.push(`<circle cx="${x(size)}" cy="${y(winnerProbability)}" r="3.5" fill="${colour(winner)}"/>`)
  }
  return body
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
