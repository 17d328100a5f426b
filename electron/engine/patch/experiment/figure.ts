import { type Estimate, groupNames, type ModelResult, type Rate } from '../../../contract/experiment-result.ts'
import { OUTCOME } from '../../../contract/outcome.ts'
import { signed } from '../../../contract/signed.ts'
import { CLASS_COLOURS, Figure, heat, LIGHT } from '../../figures/figure.ts'

export interface ExperimentFigure {
  readonly title: string
  /** What was tried on which photographs, a line each. */
  readonly about: readonly string[]
  readonly sizes: readonly number[]
  readonly places: readonly { readonly x: number; readonly y: number }[]
  readonly result: ModelResult
  /** The pictures of the patches as PNGs, by id. */
  readonly pictures: ReadonlyMap<number, Uint8Array>
}

const [LEFT, ROW, THUMB] = [20, 46, 40]
const COLUMNS = { name: 72, static: 220, dynamic: 420, change: 640 }
const BAR = 120
const WIDTH = 900
const [STATIC, DYNAMIC] = [CLASS_COLOURS[0], CLASS_COLOURS[1]]

const SMALL = 11
const { text: INK, faint: FAINT, line: RULE } = LIGHT

/** A figure like the article's table of patches: a line for each patch, with bars, intervals and what they are of. */
export function experimentFigure({ title, about, sizes, places, result, pictures }: ExperimentFigure): Figure {
  const figure = new Figure(WIDTH, 0, LIGHT)
  figure.text(title, LEFT, 28, { size: 17, weight: 600, width: WIDTH - 2 * LEFT })
  let y = 46
  for (const line of about) {
    figure.text(line, LEFT, y, { size: SMALL, colour: FAINT, width: WIDTH - 2 * LEFT })
    y += 15
  }
  if (result.illustration) {
    const warning = 'Illustration: fewer than 20 photographs are no measurement.'
    figure.text(warning, LEFT, y + 2, { size: SMALL, colour: '#b00020', weight: 600 })
    y += 18
  }
  y += 16
  drawHeading(figure, y)
  y += 10
  for (const { patch, name, group, static: fixed, dynamic, overControls } of result.patches) {
    if (group !== 'real') continue
    const picture = pictures.get(patch)
    if (picture) figure.image(picture, LEFT, y, THUMB, THUMB)
    const where = fixed.chosen ? `static: size ${fixed.chosen.size} at ${placeName(fixed.chosen)}` : ''
    figure.text(name, COLUMNS.name, y + 17, { size: SMALL, width: COLUMNS.static - COLUMNS.name - 8 })
    figure.text(where, COLUMNS.name, y + 31, { size: 9, colour: FAINT })
    drawLine(figure, y, fixed.effect.flipped, dynamic.flipped, fixed.effect.change)
    if (overControls) {
      const { control, difference } = overControls.smallest
      const headline = `at least ${estimateText(difference)} above a control: ${groupNames[control]}`
      figure.text(headline, COLUMNS.change, y + 44, { size: 9, colour: FAINT, width: WIDTH - LEFT - COLUMNS.change })
    }
    y += ROW
  }
  figure.line(LEFT, y, WIDTH - LEFT, y, RULE)
  y += 8
  for (const { group, patches, static: fixed, dynamic } of result.groups) {
    const name = group === 'real' ? 'all patches' : groupNames[group]
    figure.text(name, COLUMNS.name, y + 17, { size: SMALL, weight: 600, width: COLUMNS.static - COLUMNS.name - 8 })
    figure.text(plural(patches, 'patch', 'patches'), COLUMNS.name, y + 31, { size: 9, colour: FAINT })
    drawLine(figure, y, fixed.flipped, dynamic.flipped, fixed.change)
    y += ROW
  }
  y += 26
  const maps = 'flips by size and position, all photographs and patches'
  figure.text(maps, LEFT, y, { size: SMALL, colour: FAINT })
  y += 12
  drawMaps(figure, y, sizes, places, result.flipsByGeometry)
  const cells = Math.max(...places.map(({ y: row }) => new Set(places.filter(each => each.y === row)).size))
  figure.height = y + (cells > 0 ? 130 : 20)
  return figure
}

function drawHeading(figure: Figure, y: number): void {
  figure.text('flipped, static', COLUMNS.static, y, { size: SMALL, colour: STATIC, weight: 600 })
  figure.text('flipped, best for each photograph', COLUMNS.dynamic, y, { size: SMALL, colour: DYNAMIC, weight: 600 })
  const change = `${OUTCOME}, static`
  figure.text(change, COLUMNS.change, y, { size: 10, colour: FAINT, weight: 600 })
}

function drawLine(figure: Figure, y: number, fixed: Rate, dynamic: Rate, change: Estimate): void {
  drawBar(figure, COLUMNS.static, y, fixed, STATIC)
  drawBar(figure, COLUMNS.dynamic, y, dynamic, DYNAMIC)
  figure.text(estimateText(change), COLUMNS.change, y + 20, { size: SMALL })
  const photographs = plural(change.photographs, 'photograph', 'photographs')
  figure.text(photographs, COLUMNS.change, y + 33, { size: 9, colour: FAINT })
}

function estimateText({ value, low, high, photographs, interval }: Estimate): string {
  if (photographs === 0) return 'unknown'
  return interval === 'none' ? `${signed(value)}, no interval` : `${signed(value)}  [${signed(low)}, ${signed(high)}]`
}

/** A share as a bar with its interval, and its counts. */
function drawBar(figure: Figure, x: number, y: number, { count, of, share }: Rate, colour: string): void {
  if (of === 0) {
    figure.text('no trials', x, y + 20, { size: SMALL, colour: FAINT })
    return
  }
  const [low, high] = [x + share.low * BAR, x + share.high * BAR]
  figure.rectangle(x, y + 9, BAR, 12, '#f2f2f2')
  figure.rectangle(x, y + 9, share.value * BAR, 12, colour, { opacity: 0.75 })
  figure.line(low, y + 15, high, y + 15, INK, 1.2)
  for (const end of [low, high]) figure.line(end, y + 12, end, y + 18, INK, 1.2)
  figure.text(`${(100 * share.value).toFixed(1)} %`, x + BAR + 8, y + 20, { size: SMALL })
  const counts = `${count} of ${of}, 95 %: ${(100 * share.low).toFixed(0)}–${(100 * share.high).toFixed(0)} %`
  figure.text(counts, x, y + 34, { size: 9, colour: FAINT })
}

/** A small map for each size: the share of flips by position on the photograph. */
function drawMaps(
  figure: Figure,
  y: number,
  sizes: readonly number[],
  places: readonly { readonly x: number; readonly y: number }[],
  rates: readonly (readonly Rate[])[],
): void {
  const rows = [...new Set(places.map(place => place.y))].sort((a, b) => a - b)
  const columns = [...new Set(places.map(place => place.x))].sort((a, b) => a - b)
  const edge = Math.min(28, 84 / Math.max(rows.length, columns.length))
  for (const [s, size] of sizes.slice(0, 8).entries()) {
    const left = LEFT + s * 104
    figure.text(`size ${size}`, left, y + 8, { size: 9, colour: FAINT })
    for (const [p, place] of places.entries()) {
      const { count, of } = rates[s]![p]!
      const share = of === 0 ? 0 : count / of
      const [cx, cy] = [left + columns.indexOf(place.x) * edge, y + 14 + rows.indexOf(place.y) * edge]
      figure.rectangle(cx, cy, edge - 1, edge - 1, heat(share), { stroke: RULE })
      if (edge > 20) {
        const style = { size: 9, align: 'middle', colour: share > 0.5 ? '#fff' : '#333' } as const
        figure.text((100 * share).toFixed(0), cx + edge / 2, cy + edge / 2 + 3, style)
      }
    }
  }
}

/** A corner by name, any other place by its shares. */
const placeName = ({ x, y }: { readonly x: number; readonly y: number }): string =>
  (x === 0 || x === 1) && (y === 0 || y === 1)
    ? `the ${y === 0 ? 'upper' : 'lower'} ${x === 0 ? 'left' : 'right'}`
    : `${x.toFixed(2)}, ${y.toFixed(2)}`
const plural = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`
