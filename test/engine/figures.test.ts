import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { classFigure } from '../../electron/engine/class-atlas/figure.ts'
import { comparisonFigure } from '../../electron/engine/comparison/figure.ts'
import { LIGHT, paragraphLines } from '../../electron/engine/figures/figure.ts'
import { Lettering } from '../../electron/engine/figures/lettering.ts'
import { viewFigure, viewSize } from '../../electron/engine/figures/view.ts'
import { encodePng, type Picture } from '../../electron/engine/images/encode.ts'

const square = sharp({ create: { width: 40, height: 40, channels: 3, background: '#ff0000' } })
const red = await square.clone().png().toBuffer()
/** As projects store it. */
const icon = await square.clone().webp({ lossless: true }).toBuffer()
const cells = (grid: number) =>
  Array.from({ length: grid * grid }, (_, k) => ({
    row: Math.floor(k / grid),
    column: k % grid,
    count: 10,
    icon: k % 3 === 2 ? undefined : icon,
    label: 'a class with rather a long name',
    bar: k % 2 === 0 ? 0.5 : -1,
  }))
const reds = ({ rgb }: Picture): number => {
  let count = 0
  for (let p = 0; p < rgb.length; p += 3) if (rgb[p] === 255 && rgb[p + 1] === 0 && rgb[p + 2] === 0) count++
  return count
}
const classOf = (grid: number, title = 'fireboat') =>
  classFigure({
    title,
    place: 'mixed4d',
    about: ['one', 'two'],
    key: 'k '.repeat(90),
    grid,
    cells: cells(grid),
    trim: 0,
  })
const line = { icon, difference: '+1', evidence: 'some', otherClasses: 'others', significant: true }
const comparisonOf = (grid: number) =>
  comparisonFigure({
    ...{
      left: 'snorkel',
      right: 'scuba diver',
      place: 'mixed4d',
      about: ['one'],
      key: 'key',
      grid,
      cells: cells(grid),
    },
    ...{ trim: 0, scale: 1.5, ranked: { left: [line], right: [] } },
  })

describe('lettering', () => {
  it('is as wide as its text, and is cut where there is no room', () => {
    const letters = Lettering.of(400)
    expect(letters.width('mm', 10)).toBeCloseTo(2 * letters.width('m', 10), 5)
    expect(letters.width('scuba diver', 20)).toBeCloseTo(2 * letters.width('scuba diver', 10), 5)
    const cut = letters.fitted('great white shark', 12, 60)
    expect(cut).toMatch(/^great.*…$/)
    expect(letters.width(cut, 12)).toBeLessThanOrEqual(60)
    expect(letters.fitted('wok', 12, 60)).toBe('wok')
    expect(Lettering.of(600).width('wok', 12)).toBeGreaterThan(letters.width('wok', 12))
  })
})

describe.each([1, 2, 8, 20])('a figure of a grid of %i', grid => {
  it.each([
    ['class atlas', classOf],
    ['comparison', comparisonOf],
  ] as const)('has every icon of a %s, room for its texts, and the same bytes again', async (kind, make) => {
    const picture = await make(grid)
    expect(picture.rgb).toHaveLength(3 * picture.width * picture.height)
    expect(picture.width).toBeGreaterThanOrEqual(720)
    const edge = Math.max(36, Math.min(88, Math.floor(1100 / grid)))
    const shown = cells(grid).filter(({ icon }) => icon).length
    const listed = kind === 'comparison' ? 66 * 66 : 0
    // The axis of a comparison may run over the edge of an icon.
    expect(reds(picture)).toBeGreaterThan(0.97 * (shown * edge * edge + listed))
    expect(reds(picture)).toBeLessThanOrEqual(shown * edge * edge + listed)
    expect(await encodePng(await make(grid))).toEqual(await encodePng(picture))
  })
})

it('a figure shows its title: another title, other pixels', async () => {
  expect((await classOf(2)).rgb).not.toEqual((await classOf(2, 'wok')).rgb)
})

describe('a figure of the window', () => {
  const pane = {
    left: 0,
    top: 0,
    width: 400,
    height: 300,
    labels: [{ text: 'cock & <hen>', x: 10, y: 20, width: 60 }],
    legend: [{ text: 'wok (max 7.28 logits)', colour: [230, 180, 90] as const }],
    axis: null,
    caption:
      'mixed4d of GoogLeNet: 19,500 of 20,000 samples in 210 of 240 cells at 20 × 20; layout umap; icons atlas, seed 7; positive attribution: wok',
  }

  it('leaves room for every line of every caption', () => {
    const lines = paragraphLines(pane.caption, 380, { size: 12 })
    expect(lines.join(' ')).toBe(pane.caption)
    expect(lines.length).toBeGreaterThan(2)
    for (const line of lines) expect(Lettering.of(400).width(line, 12)).toBeLessThanOrEqual(380)
    const short = { ...pane, caption: 'mixed4d' }
    expect(viewSize([short]).width).toBe(400)
    expect(viewSize([short, { ...short, left: 401 }]).width).toBe(801)
    expect(viewSize([short, { ...short, left: 401 }]).height - viewSize([short]).height).toBe(18)
    expect(viewSize([pane]).height - viewSize([short]).height).toBe(18 * (lines.length - 1))
  })

  it('as SVG keeps its texts as labels of their outlines, escaped, with the map inside', () => {
    const svg = viewFigure([pane], [red]).svg()
    expect(svg).toContain('cock &#38; &#60;hen&#62;')
    expect(svg).toContain(`href="data:image/png;base64,${red.toString('base64')}"`)
    for (const line of paragraphLines(pane.caption, 380, { size: 12 })) expect(svg).toContain(line)
    expect(svg).not.toContain('<text')
  })

  it('as PNG has the map, the label and the legend where the window has them', async () => {
    const map = await sharp({ create: { width: 800, height: 600, channels: 3, background: '#ff0000' } })
      .png()
      .toBuffer()
    const { data, info } = await sharp(await viewFigure([pane], [map]).png(2))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    const { width, height } = viewSize([pane])
    expect([info.width, info.height]).toEqual([2 * width, 2 * height])
    const at = (x: number, y: number) => [...data.subarray(3 * (2 * y * info.width + 2 * x)).subarray(0, 3)]
    expect(at(200, 150)).toEqual([255, 0, 0])
    expect(at(13, 13)).toEqual([230, 180, 90])
    // The label has letters with a dark edge, and no background that would hide the map.
    expect(at(11, 22)).toEqual([255, 0, 0])
    const label = Array.from({ length: 60 * 24 }, (_, k) => at(10 + (k % 60), 20 + Math.floor(k / 60)))
    expect(label.some(([r, g, b]) => r! > 240 && g! > 240 && b! > 240)).toBe(true)
    expect(label.some(([r, g, b]) => r! < 80 && g! < 20 && b! < 20)).toBe(true)
    expect(at(200, height - 2)).toEqual([14, 15, 17])
  })

  it('on white states its resolution, and its caption is dark', async () => {
    const png = await viewFigure([pane], [red], LIGHT).png(1.5, 300)
    const { density, width } = await sharp(png).metadata()
    expect([density, width]).toEqual([300, 600])
    const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
    const last = [...data.subarray(3 * (info.width * (info.height - 2) + 20)).subarray(0, 3)]
    expect(last).toEqual([255, 255, 255])
  })

  it('has the axis of a comparison below the map, its zero as a line through it', async () => {
    const axis = {
      ticks: [-1, 0, 1].map(value => ({ text: String(value), x: 200 + 100 * value, zero: value === 0 })),
      left: 'snorkel',
      right: 'scuba diver',
      title: 'predicted attribution difference, logits',
    }
    const compared = { ...pane, labels: [], axis }
    expect(viewSize([compared]).height - viewSize([pane]).height).toBe(42)
    const { data, info } = await sharp(await viewFigure([compared], [red]).png(1))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    const at = (x: number, y: number) => [...data.subarray(3 * (y * info.width + x)).subarray(0, 3)]
    expect(at(199, 150)).not.toEqual(at(190, 150))
    expect(at(190, 150)).toEqual(at(180, 150))
    for (const text of ['← snorkel', 'scuba diver →']) expect(viewFigure([compared], [red]).svg()).toContain(text)
  })

  it('as PDF has the page of its width in print, with its texts in embedded fonts, and the same bytes each time', async () => {
    const figure = viewFigure([pane], [red], LIGHT)
    const pdf = await figure.pdf(180)
    const [, width, height] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf.toString('latin1'))!
    expect(Number(width)).toBeCloseTo((180 / 25.4) * 72, 1)
    expect(Number(height) / Number(width)).toBeCloseTo(figure.height / figure.width, 3)
    expect(pdf.toString('latin1')).toMatch(/\/BaseFont \/[A-Z]{6}\+Inter/)
    expect(pdf.toString('latin1')).toContain('/Subtype /Image')
    expect(await figure.pdf(180)).toEqual(pdf)
  })
})
