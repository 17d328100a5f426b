import type { Estimate, ModelResult, Rate } from '../../../contract/experiment.ts'
import { CLASS_COLOURS, drawn, FAINT, heat, RULE, text } from '../../figures/drawing.ts'

export interface PlateFigure {
  readonly title: string
  /** What was tried on which photographs, a line each. */
  readonly about: readonly string[]
  readonly sizes: readonly number[]
  readonly places: readonly { readonly x: number; readonly y: number }[]
  readonly result: ModelResult
  /** The pictures of the patches as PNGs inside a drawing, by id. */
  readonly pictures: ReadonlyMap<number, string>
}

const [LEFT, ROW, THUMB] = [20, 46, 40]
const COLUMNS = { name: 72, static: 220, dynamic: 420, change: 640 }
const BAR = 120
const WIDTH = 900
const [STATIC, DYNAMIC] = [CLASS_COLOURS[0], CLASS_COLOURS[1]]

/** A plate like the article's table of patches: a line for each patch, with bars, intervals and what they are of. */
export async function experimentPlate({ title, about, sizes, places, result, pictures }: PlateFigure): Promise<Buffer> {
  const body = [text(LEFT, 28, title, { size: 17, weight: 600, width: WIDTH - 2 * LEFT })]
  let y = 46
  for (const line of about) {
    body.push(text(LEFT, y, line, { fill: FAINT, width: WIDTH - 2 * LEFT }))
    y += 15
  }
  if (result.illustration) {
    body.push(
      text(LEFT, y + 2, 'Illustration: fewer than 20 photographs are no measurement.', {
        fill: '#b00020',
        weight: 600,
      }),
    )
    y += 18
  }
  y += 16
  body.push(...heading(y))
  y += 10
  for (const { patch, name, group, static: fixed, dynamic } of result.patches) {
    if (group !== 'real') continue
    const href = pictures.get(patch)
    if (href)
      body.push(
        `<image x="${LEFT}" y="${y}" width="${THUMB}" height="${THUMB}" preserveAspectRatio="xMidYMid meet" xlink:href="${href}"/>`,
      )
    const where = fixed.chosen ? `static: size ${fixed.chosen.size} at ${placeName(fixed.chosen)}` : ''
    body.push(
      text(COLUMNS.name, y + 17, name, { width: COLUMNS.static - COLUMNS.name - 8 }),
      text(COLUMNS.name, y + 31, where, { fill: FAINT, size: 9 }),
    )
    body.push(...line(y, fixed.effect.flipped, dynamic.flipped, fixed.effect.change))
    y += ROW
  }
  body.push(`<line x1="${LEFT}" x2="${WIDTH - LEFT}" y1="${y}" y2="${y}" stroke="${RULE}"/>`)
  y += 8
  for (const { group, patches, static: fixed, dynamic } of result.groups) {
    const name = { real: 'all patches', noise: 'noise', mean: 'mean colour', shuffled: 'shuffled in blocks' }[group]
    body.push(
      text(COLUMNS.name, y + 17, name, { weight: 600 }),
      text(COLUMNS.name, y + 31, plural(patches, 'patch', 'patches'), { fill: FAINT, size: 9 }),
    )
    body.push(...line(y, fixed.flipped, dynamic.flipped, fixed.change))
    y += ROW
  }
  y += 26
  body.push(text(LEFT, y, 'flips by size and position, all photographs and patches', { fill: FAINT }))
  y += 12
  body.push(...maps(y, sizes, places, result.flipsByGeometry))
  const cells = Math.max(...places.map(({ y: row }) => new Set(places.filter(each => each.y === row)).size))
  return drawn(WIDTH, y + (cells > 0 ? 130 : 20), body)
}

function heading(y: number): string[] {
  return [
    text(COLUMNS.static, y, 'flipped, static', { fill: STATIC, weight: 600 }),
    text(COLUMNS.dynamic, y, 'flipped, best for each photograph', { fill: DYNAMIC, weight: 600 }),
    text(COLUMNS.change, y, 'change of logit(target) − logit(source), static', { fill: FAINT, weight: 600, size: 10 }),
  ]
}

function line(y: number, fixed: Rate, dynamic: Rate, change: Estimate): string[] {
  return [
    ...bar(COLUMNS.static, y, fixed, STATIC),
    ...bar(COLUMNS.dynamic, y, dynamic, DYNAMIC),
    text(
      COLUMNS.change,
      y + 20,
      change.photographs === 0
        ? 'unknown'
        : change.interval === 'none'
          ? `${signed(change.value)}, no interval`
          : `${signed(change.value)}  [${signed(change.low)}, ${signed(change.high)}]`,
    ),
    text(COLUMNS.change, y + 33, plural(change.photographs, 'photograph', 'photographs'), { fill: FAINT, size: 9 }),
  ]
}

/** A share as a bar with its interval, and its counts. */
function bar(x: number, y: number, { count, of, share }: Rate, colour: string): string[] {
  const at = (value: number): number => x + value * BAR
  if (of === 0) return [text(x, y + 20, 'no trials', { fill: FAINT })]
  return [
    `<rect x="${x}" y="${y + 9}" width="${BAR}" height="12" fill="#f2f2f2"/>`,
    `<rect x="${x}" y="${y + 9}" width="${share.value * BAR}" height="12" fill="${colour}" fill-opacity="0.75"/>`,
    `<line x1="${at(share.low)}" x2="${at(share.high)}" y1="${y + 15}" y2="${y + 15}" stroke="#000" stroke-width="1.2"/>`,
    `<line x1="${at(share.low)}" x2="${at(share.low)}" y1="${y + 12}" y2="${y + 18}" stroke="#000" stroke-width="1.2"/>`,
    `<line x1="${at(share.high)}" x2="${at(share.high)}" y1="${y + 12}" y2="${y + 18}" stroke="#000" stroke-width="1.2"/>`,
    text(x + BAR + 8, y + 20, `${(100 * share.value).toFixed(1)} %`),
    text(x, y + 34, `${count} of ${of}, 95 %: ${(100 * share.low).toFixed(0)}–${(100 * share.high).toFixed(0)} %`, {
      fill: FAINT,
      size: 9,
    }),
  ]
}

/** One little map for each size: where on the photograph patches were. */
function maps(
  y: number,
  sizes: readonly number[],
  places: readonly { readonly x: number; readonly y: number }[],
  rates: readonly (readonly Rate[])[],
): string[] {
  const rows = [...new Set(places.map(place => place.y))].sort((a, b) => a - b)
  const columns = [...new Set(places.map(place => place.x))].sort((a, b) => a - b)
  const edge = Math.min(28, 84 / Math.max(rows.length, columns.length))
  const body: string[] = []
  for (const [s, size] of sizes.slice(0, 8).entries()) {
    const left = LEFT + s * 104
    body.push(text(left, y + 8, `size ${size}`, { size: 9, fill: FAINT }))
    for (const [p, place] of places.entries()) {
      const { count, of } = rates[s]![p]!
      const share = of === 0 ? 0 : count / of
      const [cx, cy] = [left + columns.indexOf(place.x) * edge, y + 14 + rows.indexOf(place.y) * edge]
      body.push(
        `<rect x="${cx}" y="${cy}" width="${edge - 1}" height="${edge - 1}" fill="${heat(share)}" stroke="${RULE}"/>`,
      )
      if (edge > 20)
        body.push(
          text(cx + edge / 2, cy + edge / 2 + 3, (100 * share).toFixed(0), {
            size: 9,
            anchor: 'middle',
            fill: share > 0.5 ? '#fff' : '#333',
          }),
        )
    }
  }
  return body
}

/** A corner by name, any other place by its shares. */
const placeName = ({ x, y }: { readonly x: number; readonly y: number }): string =>
  (x === 0 || x === 1) && (y === 0 || y === 1)
    ? `the ${y === 0 ? 'upper' : 'lower'} ${x === 0 ? 'left' : 'right'}`
    : `${x.toFixed(2)}, ${y.toFixed(2)}`
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`
const plural = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`
