import PDFDocument from 'pdfkit'
import { visible } from '../../contract/visible.ts'
import { type Element, HALO } from './elements.ts'
import { fontBytes, fontFileWith, type Weight } from './fonts.ts'
import { Lettering, lettersOf } from './lettering.ts'

interface Frame {
  readonly width: number
  readonly height: number
  readonly background: string
  /** Width of the page. */
  readonly millimetres: number
}

const POINTS_PER_MILLIMETRE = 72 / 25.4

/**
 * A figure as one page of a PDF. Text is text, in embedded subsets of the bundled fonts, so that it can be searched and edited;
 * shapes are vectors, and pictures keep their pixels. The same figure gives the same bytes.
 */
export async function pdfOf(
  elements: readonly Element[],
  { width, height, background, millimetres }: Frame,
): Promise<Buffer> {
  const scale = (millimetres * POINTS_PER_MILLIMETRE) / width
  // Without a time: it would be the only part that differs.
  const info = { Producer: 'Portolan', Creator: 'Portolan', CreationDate: new Date(0) }
  const doc = new PDFDocument({ size: [width * scale, height * scale], margin: 0, info })
  const parts: Buffer[] = []
  const ended = new Promise<void>((resolve, reject) => {
    doc.on('data', (part: Buffer) => parts.push(part))
    doc.on('end', resolve)
    doc.on('error', reject)
  })
  doc.scale(scale)
  doc.rect(0, 0, width, height).fill(colourOf(background))
  for (const element of elements) draw(doc, element)
  doc.end()
  await ended
  return Buffer.concat(parts)
}

type Doc = InstanceType<typeof PDFDocument>

/** Fonts of a document: each is embedded once. */
const registered = new WeakMap<Doc, Set<string>>()

/** The name of a bundled font in a document. */
function fontIn(doc: Doc, file: string): string {
  const known = registered.get(doc) ?? new Set<string>()
  registered.set(doc, known)
  if (!known.has(file)) doc.registerFont(file, fontBytes(file))
  known.add(file)
  return file
}

function draw(doc: Doc, element: Element): void {
  switch (element.kind) {
    case 'image': {
      const { png, left, top, width, height } = element
      doc.image(Buffer.from(png), left, top, { fit: [width, height], align: 'center', valign: 'center' })
      return
    }
    case 'text':
      drawText(doc, element)
      return
    case 'rectangle': {
      const { left, top, width, height, fill, opacity = 1, stroke, radius } = element
      const outline = (): Doc =>
        radius === undefined
          ? doc.rect(left, top, width, height)
          : doc.roundedRect(left, top, width, height, Math.min(radius, width / 2, height / 2))
      outline().fillOpacity(opacity).fill(colourOf(fill)).fillOpacity(1)
      if (stroke !== undefined) outline().lineWidth(1).stroke(colourOf(stroke))
      return
    }
    case 'line': {
      const { x1, y1, x2, y2, colour, width } = element
      doc.moveTo(x1, y1).lineTo(x2, y2).lineWidth(width).stroke(colourOf(colour))
      return
    }
    case 'polyline': {
      const [first, ...rest] = element.points
      if (first === undefined) return
      doc.moveTo(...first)
      for (const point of rest) doc.lineTo(...point)
      doc.lineWidth(element.width).stroke(colourOf(element.colour))
      return
    }
    case 'dot':
      doc.circle(element.x, element.y, element.radius).fill(colourOf(element.colour))
  }
}

/** Each run of letters of one font where the outlines of the SVG begin; a letter that no font has is a box here as there. */
function drawText(doc: Doc, { shown, x, y, size, weight, colour, halo }: Element & { kind: 'text' }): void {
  const letters = Lettering.of(weight)
  if (halo !== undefined) {
    doc
      .path(letters.outlines(shown, x, y, size))
      .lineWidth(HALO.width)
      .lineJoin('round')
      .strokeOpacity(HALO.opacity)
    doc.stroke(colourOf(halo)).strokeOpacity(1)
  }
  let before = ''
  for (const { file, text } of runsOf(shown, weight)) {
    const at = x + letters.width(before, size)
    before += text
    if (file === undefined) doc.path(letters.outlines(text, at, y, size)).fill(colourOf(colour))
    else
      doc
        .font(fontIn(doc, file))
        .fontSize(size)
        .fillColor(colourOf(colour))
        .text(text, at, y, { lineBreak: false, baseline: 'alphabetic' })
  }
}

/** A text as runs of letters that one font has. */
function runsOf(text: string, weight: Weight): readonly { readonly file: string | undefined; readonly text: string }[] {
  const runs: { file: string | undefined; text: string }[] = []
  for (const letter of lettersOf(visible(text))) {
    const file = fontFileWith(letter, weight)
    const last = runs.at(-1)
    if (last !== undefined && last.file === file) last.text += letter
    else runs.push({ file, text: letter })
  }
  return runs
}

/** @param colour `#rgb`, `#rrggbb` or `rgb(r,g,b)` */
function colourOf(colour: string): [number, number, number] {
  const parts = /^rgb\(([\d.]+),\s*([\d.]+),\s*([\d.]+)\)$/.exec(colour)
  if (parts) return [Number(parts[1]), Number(parts[2]), Number(parts[3])]
  const digits = colour.length === 4 ? [...colour.slice(1)].map(digit => digit + digit) : colour.slice(1).match(/../g)!
  const [red, green, blue] = digits.map(pair => Number.parseInt(pair, 16))
  return [red!, green!, blue!]
}
