import { visible } from '../../contract/visible.ts'
import { type Element, HALO } from './elements.ts'
import { Lettering } from './lettering.ts'

interface Frame {
  readonly width: number
  readonly height: number
  readonly background: string
  /** Width and height that the file states, with their units. */
  readonly extent: { readonly width: string; readonly height: string }
}

/** A figure as SVG. Text is outlines; each has its text as a label, for search and screen readers. */
export function svgOf(elements: readonly Element[], { width, height, background, extent }: Frame): string {
  const size = `width="${extent.width}" height="${extent.height}" viewBox="0 0 ${width} ${height}"`
  const ground = `<rect width="${width}" height="${height}" fill="${background}"/>`
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${size}>${ground}${elements.map(written).join('')}</svg>`
}

/** A text as the value of an attribute. */
const escaped = (text: string): string => visible(text).replace(/[&<>"]/g, letter => `&#${letter.charCodeAt(0)};`)

function written(element: Element): string {
  switch (element.kind) {
    case 'image': {
      const { png, left, top, width, height } = element
      const href = `data:image/png;base64,${Buffer.from(png).toString('base64')}`
      return `<image x="${left}" y="${top}" width="${width}" height="${height}" xlink:href="${href}"/>`
    }
    case 'text': {
      const { text, shown, x, y, size, weight, colour, halo } = element
      const outlines = Lettering.of(weight).outlines(shown, x, y, size)
      const edge =
        halo === undefined
          ? ''
          : ` stroke="${halo}" stroke-opacity="${HALO.opacity}" stroke-width="${HALO.width}" stroke-linejoin="round" paint-order="stroke"`
      return `<path role="img" aria-label="${escaped(text)}" d="${outlines}" fill="${colour}"${edge}/>`
    }
    case 'rectangle': {
      const { left, top, width, height, fill, opacity, stroke, radius } = element
      const more = `${radius === undefined ? '' : ` rx="${radius}"`}${opacity === undefined ? '' : ` fill-opacity="${opacity}"`}${stroke === undefined ? '' : ` stroke="${stroke}"`}`
      return `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${fill}"${more}/>`
    }
    case 'line': {
      const { x1, y1, x2, y2, colour, width } = element
      return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}" stroke-width="${width}"/>`
    }
    case 'polyline': {
      const { points, colour, width } = element
      const list = points.map(([x, y]) => `${x},${y}`).join(' ')
      return `<polyline fill="none" stroke="${colour}" stroke-width="${width}" points="${list}"/>`
    }
    case 'dot':
      return `<circle cx="${element.x}" cy="${element.y}" r="${element.radius}" fill="${element.colour}"/>`
  }
}
