import type { Figure } from './figure.ts'

export interface FigureBar {
  readonly name: string
  /** 0…1. */
  readonly probability: number
  readonly colour: string
}

const [LEAD, HEIGHT, SIZE, VALUE] = [34, 12, 12, 54]

/** Pixels that so many bars take from their top. */
export const barsHeight = (bars: number): number => bars * LEAD

/** Probabilities as horizontal bars, each below its name, the first name bold. */
export function drawBars(figure: Figure, bars: readonly FigureBar[], left: number, top: number, width: number): void {
  for (const [k, { name, probability, colour }] of bars.entries()) {
    const y = top + k * LEAD
    figure.text(name, left, y + SIZE - 1, { size: SIZE, weight: k === 0 ? 600 : 400, width: width - VALUE })
    const style = { size: SIZE, align: 'right', colour: figure.theme.soft } as const
    figure.text(percentText(probability), left + width, y + SIZE - 1, style)
    figure.rectangle(left, y + SIZE + 3, width, HEIGHT, figure.theme.line)
    figure.rectangle(left, y + SIZE + 3, Math.max(0.5, probability * width), HEIGHT, colour)
  }
}

/** `69.3 %`, `<0.1 %`. */
export const percentText = (share: number): string =>
  share > 0 && share < 0.001 ? '<0.1 %' : `${(100 * share).toFixed(1)} %`
