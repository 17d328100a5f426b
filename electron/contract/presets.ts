import type { PresetName } from './inversion.ts'

/** What a preset says besides how icons are made: which cells are shown, how UMAP lays out, and what it is for. */
export interface PresetInfo {
  /** Cells with fewer samples are hidden, but counted. */
  readonly least: number
  readonly neighbours: number
  readonly minDist: number
  readonly words: string
}

const NOTEBOOK = { neighbours: 20, minDist: 0.01 } as const

export const PRESET_INFO: Readonly<Record<PresetName, PresetInfo>> = {
  draft: { ...NOTEBOOK, least: 4, words: 'Seconds: the look of “atlas” in 18 steps, to see whether more is worth it.' },
  atlas: {
    ...NOTEBOOK,
    least: 4,
    words: 'Whole things in clean colour, with the highest fidelity: a scale-free objective over the whole frame.',
  },
  calm: { ...NOTEBOOK, least: 4, words: 'As “atlas”, low frequencies first: large, simple shapes on a calm ground.' },
  notebook: { ...NOTEBOOK, least: 11, words: 'Published: the notebook beside the article, whitened; bold and small.' },
  recipe: {
    least: 6,
    neighbours: 50,
    minDist: 0.05,
    words: 'Published: lucid’s recipe for atlases; soft, with quiet borders.',
  },
  article: {
    least: 11,
    neighbours: 50,
    minDist: 0.05,
    words: 'As the article’s figures: the most steps, and much the slowest.',
  },
}
