import { type Figure, paragraphLines } from './figure.ts'

const [LEFT, LEAD, SIZE] = [16, 16, 11]

/** Appends a caption below everything that was drawn, and makes room for it. */
export function appendCaption(figure: Figure, text: string): void {
  const width = figure.width - 2 * LEFT
  const style = { size: SIZE, colour: figure.theme.soft }
  figure.paragraph(text, LEFT, figure.height + SIZE, width, LEAD, style)
  figure.height += paragraphLines(text, width, style).length * LEAD + LEFT
}
