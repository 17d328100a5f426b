import type { AtlasPlan } from '../../electron/contract/atlas.ts'
import { MAX_POSITIONS } from '../../electron/contract/build.ts'
import { MAX_TSNE_SAMPLES } from '../../electron/contract/layout.ts'
import { PRESETS } from '../../electron/contract/presets.ts'
import type { FolderInfo, ModelInfo } from '../../electron/contract/project.ts'
import { count, number } from '../ui/text.ts'

/** The fields of the dialog. */
export interface PlanForm {
  readonly name: string
  /** Ids of the folders to sample. */
  readonly folders: readonly number[]
  readonly layers: readonly string[]
  readonly samples: number
  readonly border: NonNullable<AtlasPlan['border']>
  /** Cells per side, or `auto`, as typed. */
  readonly grids: string
  readonly preset: AtlasPlan['preset']
  /** Empty: the preset's default. */
  readonly steps: string
  /** What icons start from. */
  readonly start: NonNullable<AtlasPlan['start']>
  readonly seed: number
  readonly method: AtlasPlan['method']
  readonly neighbours: number
  readonly minDist: number
  readonly metric: AtlasPlan['metric']
  readonly align: boolean
}

/**
 * The default number of samples: three per photograph, clamped to 2,000–20,000, and never more than the 25 positions of
 * each photograph.
 */
export function defaultSamples(photographs: number): number {
  return Math.max(1, Math.min(20_000, MAX_POSITIONS * photographs, Math.max(3 * photographs, 2_000)))
}

/** How samples lie in photographs: "2 positions in each of 1,000 photographs". */
export function positionsText(samples: number, photographs: number): string {
  if (photographs === 0) return 'Add photographs first.'
  const positions = Math.ceil(samples / photographs)
  const each = (n: number): string => `${count(n, 'position')} in each of ${count(photographs, 'photograph')}`
  return positions <= MAX_POSITIONS
    ? `${each(positions)}.`
    : `${number(MAX_POSITIONS * photographs)}: ${each(MAX_POSITIONS)}, the most that are taken.`
}

/** The finest grid should have about seven samples per cell. */
const defaultGrids = (samples: number): string => (samples < 10_000 ? '10, 20' : '10, 20, 40')

/** Photographs in some of the folders. */
export const photographsIn = (folders: readonly FolderInfo[], chosen: readonly number[]): number =>
  folders.reduce((sum, { id, images }) => (chosen.includes(id) ? sum + images : sum), 0)

/** The article's parameters: 20 neighbours, a minimum distance of 0.01, cosine; of all folders that are there. */
export function defaultForm(model: ModelInfo | undefined, folders: readonly FolderInfo[]): PlanForm {
  const chosen = folders.filter(({ available }) => available).map(({ id }) => id)
  const photographs = photographsIn(folders, chosen)
  return {
    name: '',
    folders: chosen,
    layers: [model?.layers.find(l => l.name === 'mixed4c')?.name ?? model?.layers.at(-1)?.name ?? ''].filter(Boolean),
    samples: defaultSamples(photographs),
    border: 'exclude',
    grids: defaultGrids(defaultSamples(photographs)),
    ...withPreset('atlas'),
    steps: '',
    start: 'noise',
    seed: 0,
    method: 'umap',
    metric: 'cosine',
    align: false,
  }
}

/** The fields that a preset sets: a published preset includes the layout. */
export function withPreset(preset: AtlasPlan['preset']): Pick<PlanForm, 'preset' | 'neighbours' | 'minDist'> {
  const { neighbours, minDist } = PRESETS[preset].layout
  return { preset, neighbours, minDist }
}

/** @returns the first missing input as a sentence; undefined if the form is complete */
export function missing(
  form: PlanForm,
  model: ModelInfo | undefined,
  folders: readonly FolderInfo[],
): string | undefined {
  if (!model) return 'Add a model first (Models page).'
  if (folders.length === 0) return 'Add a folder of photographs first (Photographs page).'
  const [lost] = folders
  if (!folders.some(({ available }) => available))
    return `The folder ${lost!.name} was not found: relink it first (Photographs page).`
  if (!folders.some(({ id, available }) => available && form.folders.includes(id))) return 'Choose at least one folder.'
  if (form.layers.length === 0) return 'Choose at least one layer.'
  if (form.method === 'tsne' && form.samples > MAX_TSNE_SAMPLES)
    return `Enter at most ${number(MAX_TSNE_SAMPLES)} samples, or choose UMAP: t-SNE takes no more.`
  if (gridsOf(form.grids).length === 0) return 'Enter at least one grid size, such as 20, or auto.'
  return undefined
}

/** Only UMAP lays out several layers together. */
export const canAlign = ({ method, layers }: Pick<PlanForm, 'method' | 'layers'>): boolean =>
  method === 'umap' && layers.length > 1

/** The grid sizes in a text, ascending, without duplicates. */
function gridsOf(text: string): readonly number[] | 'auto' {
  if (text.trim().toLowerCase() === 'auto') return 'auto'
  return [...new Set(text.split(/[\s,]+/).map(Number))]
    .filter(g => Number.isInteger(g) && g > 0 && g <= 4096)
    .sort((a, b) => a - b)
}

/** @returns null while the form is incomplete */
export function planOf(form: PlanForm, model: ModelInfo | undefined, folders: readonly FolderInfo[]): AtlasPlan | null {
  if (!model || missing(form, model, folders) !== undefined) return null
  const steps = Number(form.steps)
  return {
    name: form.name.trim() || `${form.layers.join(', ')}, ${form.preset}`.slice(0, 120),
    model: model.hash,
    folders: folders.filter(f => f.available && form.folders.includes(f.id)).map(f => f.id),
    layers: form.layers,
    samples: form.samples,
    ...(form.border === 'include' && { border: form.border }),
    grids: gridsOf(form.grids),
    preset: form.preset,
    ...(Number.isInteger(steps) && steps > 0 ? { steps } : {}),
    ...(form.start === 'photographs' && { start: form.start }),
    seed: form.seed,
    method: form.method,
    neighbours: form.neighbours,
    minDist: form.minDist,
    metric: form.metric,
    layoutSeed: form.seed,
    ...(form.align && canAlign(form) && { align: true }),
  }
}
