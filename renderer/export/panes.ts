import type { AtlasSummary, Attribution } from '../../electron/contract/atlas.ts'
import { labelRule } from '../../electron/contract/cell-labels.ts'
import { fidelityText } from '../../electron/contract/fidelity.ts'
import type { FigurePane } from '../../electron/contract/figure.ts'
import { qualityText } from '../../electron/contract/layout.ts'
import { stabilityText } from '../../electron/contract/stability.ts'
import { labelsText } from '../atlas/cell-labels.ts'
import { classColour, cold, heat } from '../atlas/colours.ts'
import { labelWidth } from '../atlas/labels.ts'
import { extremes } from '../atlas/look.ts'
import type { AtlasScene } from '../atlas/scene.ts'
import { useShownPanes } from '../atlas/use-linked-cells.ts'
import { scenes } from '../atlas/use-scene.ts'
import { across, axisTicks } from '../compare/axis.ts'
import { type CellRange, measuredClass, useCellRanges } from '../state/cell-range.ts'
import { client } from '../state/queries.ts'
import { type PaneState, useView } from '../state/view.ts'
import { count, decimal, number } from '../ui/text.ts'
import { describedPanes } from './described.ts'

/** The caption of a pane: model, layer, how much is shown, and what is needed to reproduce it. */
export function captionOf(atlas: AtlasSummary, grid: number, extra: readonly string[] = []): string {
  const g = atlas.grids.find(each => each.grid === grid)
  const shown = g
    ? `${number(g.samplesShown)} of ${number(atlas.samples)} samples in ${number(g.shown)} of ${number(g.total)} cells`
    : count(atlas.samples, 'sample')
  return [
    `${atlas.layer} of ${atlas.modelName}: ${shown} at ${grid} × ${grid}`,
    `layout ${atlas.method}${atlas.quality ? ` (${qualityText(atlas.quality)})` : ''}`,
    `icons ${atlas.preset}${atlas.start === 'photographs' ? ', started from photographs' : ''}, seed ${atlas.seed}`,
    ...extra,
  ].join('; ')
}

/** A pane on the screen, and its scene. */
export interface ShownPane {
  readonly pane: FigurePane
  readonly scene: AtlasScene
  readonly layer: string
}

/** All panes on the screen, left to right and top to bottom. */
export function shownPanes(
  atlases: readonly AtlasSummary[],
  className: (index: number) => string,
  labels: boolean,
): readonly ShownPane[] {
  const stages = [...document.querySelectorAll<HTMLElement>('[data-pane] [role="application"]')]
  const boxes = stages.map(stage => stage.getBoundingClientRect())
  const [left, top] = [Math.min(...boxes.map(b => b.left)), Math.min(...boxes.map(b => b.top))]
  return stages.flatMap((stage, k): ShownPane[] => {
    const id = Number(stage.closest<HTMLElement>('[data-pane]')?.dataset['pane'])
    const scene = scenes.get(id)
    const content = atlasContent(id, atlases, className, labels) ?? (scene && describedContent(id, scene))
    if (!scene || !content) return []
    const box = boxes[k]!
    const { layer, ...described } = content
    const pane: FigurePane = {
      left: box.left - left,
      top: box.top - top,
      width: box.width,
      height: box.height,
      labels: labels
        ? scene.placedLabels.map(({ candidate, x, y }) => ({
            text: candidate.text,
            x,
            y,
            width: labelWidth(candidate.text),
          }))
        : [],
      ...described,
    }
    return [{ pane, scene, layer }]
  })
}

type Content = Pick<FigurePane, 'legend' | 'axis' | 'caption'> & { readonly layer: string }

const SIGNS = { for: 'positive', against: 'negative', both: 'positive (warm) and negative (blue)' } as const

/** What a pane of the Atlas view shows. */
function atlasContent(
  id: number,
  atlases: readonly AtlasSummary[],
  className: (index: number) => string,
  labels: boolean,
): Content | undefined {
  const state = useView.getState().panes.find(p => p.id === id)
  const shown = useShownPanes.getState()[id]
  const atlas = atlases.find(a => a.id === shown?.atlas)
  if (!state || !shown || !atlas) return undefined
  const { grid } = shown.index.cells
  const legend = legendOf(state, atlas.id, grid, className)
  const filtered =
    legend.length > 0 ? [`${SIGNS[state.filter.sign]} attribution: ${legend.map(l => l.text).join(', ')}`] : []
  const shaded =
    state.filter.stability && atlas.stability
      ? [`icons of less stable cells fainter: ${stabilityText(atlas.stability)}`]
      : []
  const crops = state.pictures === 'crops' ? ['nearest photographs instead of icons'] : []
  const icons = shown.fidelity && state.pictures !== 'crops' ? [fidelityText(shown.fidelity)] : []
  const values = labels && legend.length > 0 ? ['numbers: mean attribution of the cell, logits'] : []
  const labelling =
    labels && legend.length === 0 && shown.labels?.note === null ? [`${labelRule} (${labelsText(shown.labels)})`] : []
  const range = useCellRanges.getState()[id]
  const dimmed = range === undefined ? [] : [dimmedText(range, className)]
  const caption = captionOf(atlas, grid, [
    ...crops,
    ...filtered,
    ...values,
    ...dimmed,
    ...shaded,
    ...icons,
    ...labelling,
  ])
  return { layer: atlas.layer, legend, axis: null, caption }
}

/** `cells outside of fidelity 0.50 to 0.82 dimmed`. */
function dimmedText({ measure, low, high }: CellRange, className: (index: number) => string): string {
  const index = measuredClass(measure)
  const name = index === undefined ? measure : `attribution to ${className(index)}`
  return `cells outside of ${name} ${decimal(low)} to ${decimal(high)} dimmed`
}

/** What the pane of a class atlas or comparison shows. */
function describedContent(id: number, { camera }: AtlasScene): Content | undefined {
  const found = describedPanes.get(id)
  if (found === undefined) return undefined
  const { layer, caption, axis } = found
  if (axis === null) return { layer, legend: [], axis, caption }
  const placed = axisTicks(axis.scale).map(({ text, value }) => ({
    text,
    x: camera.toScreen(across(value, axis.scale), 0).x,
    zero: value === 0,
  }))
  return { layer, legend: [], axis: { ticks: placed, left: axis.left, right: axis.right, title: axis.title }, caption }
}

function legendOf(
  { filter }: PaneState,
  atlas: number,
  grid: number,
  className: (index: number) => string,
): FigurePane['legend'] {
  const { classes, mode, sign } = filter
  const data = client.getQueryData<Attribution>(['atlas.attribution', { atlas, grid, classes }])
  const ramp = sign === 'against' ? cold : heat
  return classes.map((index, k) => {
    const values = data && ` (${extremes({ min: data.min[k]!, max: data.max[k]! }, sign)} logits)`
    return {
      text: `${className(index)}${values ?? ''}`,
      colour: mode === 'hues' ? classColour(k) : ramp(0.75),
    }
  })
}
