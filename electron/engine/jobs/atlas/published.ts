import type { PresetName } from '../../../contract/inversion.ts'

/** What a preset says about cells and layouts: notebook and our own, lucid's recipe, the article. */
export const LAID_OUT: Readonly<
  Record<PresetName, { readonly least: number; readonly neighbours: number; readonly minDist: number }>
> = {
  notebook: { least: 11, neighbours: 20, minDist: 0.01 },
  recipe: { least: 6, neighbours: 50, minDist: 0.05 },
  article: { least: 11, neighbours: 50, minDist: 0.05 },
  preview: { least: 4, neighbours: 20, minDist: 0.01 },
  faithful: { least: 4, neighbours: 20, minDist: 0.01 },
}
