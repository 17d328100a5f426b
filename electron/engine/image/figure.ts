import { appendCaption } from '../figures/caption.ts'
import { Figure, LIGHT } from '../figures/figure.ts'
import { contactSheet, encodePng, type Picture } from '../images/encode.ts'
import { decodeStored } from '../images/stored-picture.ts'

export interface ImageFigure {
  readonly title: string
  /** What the network takes of the photograph, at any size. */
  readonly photograph: Picture
  /** Positions of the layer. */
  readonly height: number
  readonly width: number
  /** The stored icon of each position, row by row; undefined where it is not rendered. */
  readonly icons: readonly (Uint8Array | undefined)[]
  /** Attribution to a class at each position, logits; null: none is shown. */
  readonly attribution: { readonly name: string; readonly values: Float32Array } | null
  /** Model, layer, preset, seed. */
  readonly about: string
}

const [LEFT, TOP, EDGE, GAP, ICON, RAMP] = [16, 40, 380, 24, 40, 160]
/** Opacity of the strongest attribution over the photograph. */
const STRONGEST = 0.85

/** A photograph beside its activation grid; over the photograph, signed, the attribution to a class, with its scale. */
export async function imageFigure(given: ImageFigure): Promise<Figure> {
  const { title, photograph, height, width, icons, attribution, about } = given
  const high = Math.round((EDGE * photograph.height) / photograph.width)
  const below = attribution === null ? 8 : 44
  const rendered = icons.filter(icon => icon !== undefined)
  const columns = rendered.length > 0 ? 2 : 1
  const figure = new Figure(2 * LEFT + columns * EDGE + (columns - 1) * GAP, TOP + high + below, LIGHT)
  figure.text(title, LEFT, 26, { size: 15, weight: 600, width: figure.width - 2 * LEFT })
  figure.image(await encodePng(photograph), LEFT, TOP, EDGE, high)
  if (attribution !== null) {
    drawAttribution(figure, attribution.values, { height, width }, high)
    drawScale(figure, attribution, TOP + high + 12)
  }
  const x = LEFT + EDGE + GAP
  if (rendered.length > 0) figure.image(await sheetOf(icons, width), x, TOP, EDGE, high)
  const counts = `${rendered.length} of ${icons.length} icons of ${height} × ${width} positions`
  appendCaption(
    figure,
    [
      about,
      counts,
      ...(attribution === null
        ? []
        : [`${columns === 2 ? 'left: ' : ''}attribution to ${attribution.name} at each position`]),
    ].join('; '),
  )
  return figure
}

/** The icons as one picture; grey where one is not rendered. */
async function sheetOf(icons: readonly (Uint8Array | undefined)[], columns: number): Promise<Buffer> {
  const pictures = icons.map(webp =>
    webp === undefined
      ? undefined
      : decodeStored(webp, async image => {
          const { data, info } = await image
            .resize(ICON, ICON, { kernel: 'cubic' })
            .removeAlpha()
            .toColourspace('srgb')
            .raw()
            .toBuffer({ resolveWithObject: true })
          return { rgb: new Uint8Array(data), width: info.width, height: info.height }
        }),
  )
  return encodePng(contactSheet(await Promise.all(pictures), columns, 0, 217))
}

const largestOf = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9)

function drawAttribution(
  figure: Figure,
  values: Float32Array,
  { height, width }: Pick<ImageFigure, 'height' | 'width'>,
  high: number,
): void {
  const most = largestOf(values)
  const [across, down] = [EDGE / width, high / height]
  for (const [k, value] of values.entries()) {
    const [row, column] = [Math.floor(k / width), k % width]
    const opacity = Number(((STRONGEST * Math.abs(value)) / most).toFixed(3))
    const colour = value < 0 ? LIGHT.negative : LIGHT.positive
    if (opacity > 0) figure.rectangle(LEFT + column * across, TOP + row * down, across, down, colour, { opacity })
  }
}

/** From the strongest negative to the strongest positive attribution, with 0 in the middle. */
function drawScale(figure: Figure, { name, values }: NonNullable<ImageFigure['attribution']>, y: number): void {
  const most = largestOf(values)
  const steps = 32
  const text = { size: 11, colour: LIGHT.soft } as const
  const low = figure.text(`−${most.toFixed(2)}`, LEFT, y + 10, text)
  const left = LEFT + low + 8
  for (let k = 0; k < steps; k++) {
    const share = (2 * (k + 0.5)) / steps - 1
    const colour = mixed(share < 0 ? LIGHT.negative : LIGHT.positive, STRONGEST * Math.abs(share))
    // Each reaches a little into the next, so that no seam is seen.
    figure.rectangle(left + (k * RAMP) / steps, y, RAMP / steps + (k < steps - 1 ? 0.5 : 0), 12, colour)
  }
  figure.text(`+${most.toFixed(2)} logits, ${name}`, left + RAMP + 8, y + 10, {
    ...text,
    width: EDGE - RAMP - low - 16,
  })
}

/** A colour over white. @param colour `#rrggbb` */
function mixed(colour: string, opacity: number): string {
  const parts = colour
    .slice(1)
    .match(/../g)!
    .map(pair => Number.parseInt(pair, 16))
  return `rgb(${parts.map(part => Math.round(255 + (part - 255) * opacity)).join()})`
}

/** The same as CSV: a row for each position. */
export function imageRows({
  height,
  width,
  attribution,
}: Pick<ImageFigure, 'height' | 'width' | 'attribution'>): readonly (readonly (string | number)[])[] {
  return [
    ['row', 'column', ...(attribution === null ? [] : [`attribution to ${attribution.name}`])],
    ...Array.from({ length: height * width }, (_, k) => [
      Math.floor(k / width),
      k % width,
      ...(attribution === null ? [] : [Number(attribution.values[k]!.toPrecision(6))]),
    ]),
  ]
}
