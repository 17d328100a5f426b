import type { Weight } from './fonts.ts'

/** A part of a figure, in pixels from its top left corner. Colours are those of CSS: `#rgb`, `#rrggbb` or `rgb(r,g,b)`. */
export type Element =
  | {
      readonly kind: 'image'
      readonly png: Uint8Array
      readonly left: number
      readonly top: number
      readonly width: number
      readonly height: number
    }
  | {
      readonly kind: 'text'
      readonly text: string
      /** The text as it is set, shortened where it does not fit. */
      readonly shown: string
      /** Left end of the baseline. */
      readonly x: number
      readonly y: number
      readonly size: number
      readonly weight: Weight
      readonly colour: string
      /** Colour of an edge around the letters. */
      readonly halo?: string | undefined
    }
  | {
      readonly kind: 'rectangle'
      readonly left: number
      readonly top: number
      readonly width: number
      readonly height: number
      readonly fill: string
      readonly opacity?: number
      readonly stroke?: string
      readonly radius?: number
    }
  | {
      readonly kind: 'line'
      readonly x1: number
      readonly y1: number
      readonly x2: number
      readonly y2: number
      readonly colour: string
      readonly width: number
    }
  | {
      readonly kind: 'polyline'
      readonly points: readonly (readonly [x: number, y: number])[]
      readonly colour: string
      readonly width: number
    }
  | {
      readonly kind: 'dot'
      readonly x: number
      readonly y: number
      readonly radius: number
      readonly colour: string
    }

/** The edge around letters, as shares and pixels. */
export const HALO = { opacity: 0.8, width: 3 } as const

/** An element by so many pixels further down. */
export function lowered(element: Element, by: number): Element {
  switch (element.kind) {
    case 'image':
    case 'rectangle':
      return { ...element, top: element.top + by }
    case 'text':
    case 'dot':
      return { ...element, y: element.y + by }
    case 'line':
      return { ...element, y1: element.y1 + by, y2: element.y2 + by }
    case 'polyline':
      return { ...element, points: element.points.map(([x, y]) => [x, y + by] as const) }
  }
}
