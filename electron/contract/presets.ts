import type { PresetName } from './inversion.ts'

/** What belongs to a preset beyond its inversion: the parameters of grid and layout, and a description. */
export interface PresetInfo {
  /** Cells with fewer samples are hidden, but counted. */
  readonly least: number
  readonly neighbours: number
  readonly minDist: number
  readonly description: string
}

const NOTEBOOK = { neighbours: 20, minDist: 0.01 } as const

export const PRESET_INFO: Readonly<Record<PresetName, PresetInfo>> = {
  draft: { ...NOTEBOOK, least: 4, description: '“atlas” in 18 steps: a first look in seconds.' },
  atlas: {
    ...NOTEBOOK,
    least: 4,
    description:
      'Whole things in clean colour, with the highest fidelity: a scale-free objective over the whole frame.',
  },
  calm: {
    ...NOTEBOOK,
    least: 4,
    description: '“atlas” with low frequencies first: large, simple shapes on a calm ground.',
  },
  notebook: { ...NOTEBOOK, least: 11, description: 'Published: the article’s notebooks, whitened; bold and small.' },
  recipe: {
    least: 6,
    neighbours: 50,
    minDist: 0.05,
    description: 'Published: lucid’s recipe for atlases; soft, with quiet borders.',
  },
  article: {
    least: 11,
    neighbours: 50,
    minDist: 0.05,
    description: 'Published: the article’s figures; the most steps, and by far the slowest.',
  },
}
