import type { AtlasPlan } from '../../electron/contract/atlas.ts'
import { PRESETS } from '../../electron/contract/presets.ts'
import type { FolderInfo, ModelInfo } from '../../electron/contract/project.ts'

/** What the dialog asks, as it stands in its fields. */
export interface PlanForm {
  readonly name: string
  readonly layers: readonly string[]
  readonly samples: number
  /** Cells along an edge, as typed. */
  readonly grids: string
  readonly preset: AtlasPlan['preset']
  /** Empty: the preset's own. */
  readonly steps: string
  readonly seed: number
  readonly method: AtlasPlan['method']
  readonly neighbours: number
  readonly minDist: number
  readonly metric: AtlasPlan['metric']
}

/**
 * The number of samples that the dialog proposes: three for each photograph, but at least 2,000 and at most 20,000; and
 * never more than the 25 that a photograph has.
 */
export const usualSamples = (photographs: number): number =>
  Math.max(1, Math.min(20_000, 25 * photographs, Math.max(3 * photographs, 2_000)))

/** A grid is worth its icons where its cells hold about seven samples each. */
const usualGrids = (samples: number): string => (samples < 10_000 ? '10, 20' : '10, 20, 40')

/**
 * The article's own: 20 neighbours, a least distance of .01, cosine.
 * @param photographs how many there are to draw samples from
 */
export const usualForm = (model: ModelInfo | undefined, photographs: number): PlanForm => ({
  name: '',
  layers: [model?.layers.find(l => l.name === 'mixed4c')?.name ?? model?.layers.at(-1)?.name ?? ''].filter(Boolean),
  samples: usualSamples(photographs),
  grids: usualGrids(usualSamples(photographs)),
  ...withPreset('atlas'),
  steps: '',
  seed: 0,
  method: 'umap',
  metric: 'cosine',
})

/** What a preset chooses in the dialog: a published one is icons and layout together. */
export const withPreset = (preset: AtlasPlan['preset']): Pick<PlanForm, 'preset' | 'neighbours' | 'minDist'> => {
  const { neighbours, minDist } = PRESETS[preset].layout
  return { preset, neighbours, minDist }
}

export const METHOD_WORDS: Readonly<Record<AtlasPlan['method'], string>> = {
  umap: 'Keeps neighbourhoods and their rough arrangement; for any number of samples.',
  tsne: 'Parts clusters more finely, at the price of distances between them.',
}

/** @returns what is still missing, as a sentence; undefined when nothing is */
export function missing(
  form: PlanForm,
  model: ModelInfo | undefined,
  folders: readonly FolderInfo[],
): string | undefined {
  if (!model) return 'Add a model first: Models, Add a model.'
  if (folders.length === 0) return 'Add a folder of photographs first: Photographs, Add a folder.'
  if (form.layers.length === 0) return 'Choose at least one layer.'
  if (gridsOf(form.grids).length === 0) return 'Name at least one grid, such as 20.'
  return undefined
}

/** Whole numbers out of a text, ascending, each once. */
export const gridsOf = (text: string): readonly number[] =>
  [...new Set(text.split(/[\s,]+/).map(Number))]
    .filter(g => Number.isInteger(g) && g > 0 && g <= 4096)
    .sort((a, b) => a - b)

/** @returns null while something is missing */
export function planOf(form: PlanForm, model: ModelInfo | undefined, folders: readonly FolderInfo[]): AtlasPlan | null {
  if (!model || missing(form, model, folders) !== undefined) return null
  const steps = Number(form.steps)
  return {
    name: form.name.trim() || `${form.layers.join(', ')}, ${form.preset}`.slice(0, 120),
    model: model.hash,
    folders: folders.map(f => f.id),
    layers: form.layers,
    samples: form.samples,
    grids: gridsOf(form.grids),
    preset: form.preset,
    ...(Number.isInteger(steps) && steps > 0 ? { steps } : {}),
    seed: form.seed,
    method: form.method,
    neighbours: form.neighbours,
    minDist: form.minDist,
    metric: form.metric,
    layoutSeed: form.seed,
  }
}
