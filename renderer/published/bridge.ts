/** A bridge that replies from the data of a published page, so that the panes of the window run without an engine. */

import type { Attribution, CellDetail, LinkedCell } from '../../electron/contract/atlas.ts'
import type { Bridge } from '../../electron/contract/bridge.ts'
import type { CallName, Input, Output } from '../../electron/contract/calls.ts'
import { linkedCells, notLinked, samplesIn } from '../../electron/contract/linked-cells.ts'
import { tileCells } from '../../electron/contract/pictures.ts'
import {
  hiddenSlot,
  outsideSlot,
  type PublishedAttribution,
  type PublishedDetails,
  type PublishedGrid,
  type PublishedIndex,
  type PublishedLayers,
  type PublishedSamples,
  partNames,
} from '../../electron/contract/published.ts'
import type { ShellCallName, ShellInput, ShellOutput } from '../../electron/contract/shell.ts'
import type { CellRef, GridRef } from '../../electron/contract/values.ts'
import { copyImage, copyText } from './clipboard.ts'
import { partValue } from './parts.ts'
import { rememberIcon } from './pictures.ts'

export const publishedIndex = (): Promise<PublishedIndex> => partValue<PublishedIndex>(partNames.index())
const gridOf = (ref: GridRef): Promise<PublishedGrid> => partValue<PublishedGrid>(partNames.grid(ref))

const missing = (what: string): Error => new Error(`${what} is not part of this page`)

/** @throws when the cell is not published */
export async function detailOf(cell: CellRef): Promise<CellDetail> {
  const part = partNames.details(cell, Math.floor(cell.i / tileCells), Math.floor(cell.j / tileCells))
  const found = (await partValue<PublishedDetails>(part)).find(each => each.cell.i === cell.i && each.cell.j === cell.j)
  if (found === undefined) throw missing(`cell ${cell.i}, ${cell.j}`)
  return found
}

/** Mean attributions of the cells of a grid, as the engine replies; values in steps of 1/127 of each class's extreme. */
export async function attributionOf(ref: GridRef, classes: readonly number[]): Promise<Attribution> {
  const { block } = await publishedIndex()
  const parts = await Promise.all(
    classes.map(index => partValue<PublishedAttribution>(partNames.attribution(ref, Math.floor(index / block)))),
  )
  const cells = parts[0]!.steps.length / parts[0]!.max.length
  const [max, min] = [new Float32Array(classes.length), new Float32Array(classes.length)]
  const values = new Float32Array(classes.length * cells)
  for (const [k, part] of parts.entries()) {
    const at = classes[k]! % block
    max[k] = part.max[at]!
    min[k] = part.min[at]!
    const step = Math.max(max[k]!, -min[k]!) / 127
    for (let cell = 0; cell < cells; cell++) values[k * cells + cell] = part.steps[at * cells + cell]! * step
  }
  return {
    values,
    max,
    min,
    known: Math.min(...parts.map(({ known }, k) => known[classes[k]! % block]!)),
    of: parts[0]!.of,
  }
}

/** The up to eight shown cells around a cell, by the rows and columns of all. */
const neighboursOf = ({ atlas, grid, ...at }: CellRef, rows: Uint16Array, columns: Uint16Array): CellRef[] =>
  Array.from(rows, (i, k) => ({ atlas, grid, i, j: columns[k]! })).filter(
    ({ i, j }) => Math.max(Math.abs(i - at.i), Math.abs(j - at.j)) === 1,
  )

/** Where the samples of some cells lie in other grids. */
async function elsewhere({ atlas, grid, cells, others }: Input<'cell.linked'>): Promise<LinkedCell[]> {
  const { sets, followed } = await publishedIndex()
  const slotsOf = async (ref: GridRef): Promise<Uint32Array> =>
    (await partValue<PublishedSamples>(partNames.samples(ref))).slots
  const linked = (ref: GridRef): boolean => followed && sets[ref.atlas] === sets[atlas]
  const samples = others.some(linked) ? samplesIn(cells, await slotsOf({ atlas, grid })) : []
  const unplaced = { hidden: hiddenSlot, outside: outsideSlot }
  return Promise.all(
    others.map(async ref => {
      if (!linked(ref)) return notLinked(ref)
      return linkedCells(ref, samples, await slotsOf(ref), unplaced)
    }),
  )
}

async function layersOf({
  grids,
  class: index,
  against,
}: Input<'classAtlas.layers'>): Promise<Output<'classAtlas.layers'>> {
  const { classAtlases } = await publishedIndex()
  for (const { id, scope } of classAtlases) {
    const own = scope.kind === 'class' ? [scope.class] : [scope.left, scope.right]
    if (!own.includes(index) || (against === null ? own.length > 1 : !own.includes(against))) continue
    const parts = await partValue<PublishedLayers>(partNames.layers(id))
    const found = parts.find(part => part.class === index && part.against === against)
    if (found !== undefined) return found.shares.filter(share => grids.some(({ atlas }) => atlas === share.atlas))
  }
  throw missing('the attribution by layers')
}

type Replies = { readonly [N in CallName]?: (input: Input<N>) => Promise<Output<N>> }

const replies: Replies = {
  'project.summary': async () => (await publishedIndex()).project,
  'atlas.list': async () => (await publishedIndex()).atlases,
  'models.list': async () => (await publishedIndex()).models,
  'classes.list': async ({ model }) => (await publishedIndex()).classes[model] ?? [],
  'classAtlas.list': async () => (await publishedIndex()).classAtlases,
  'saved.list': async () => [],
  'atlas.look': async () => ({}),
  'atlas.cells': async ref => (await gridOf(ref)).cells,
  'atlas.labels': async ref => (await gridOf(ref)).labels,
  'atlas.classes': async ({ each, ...ref }) => firstClasses((await gridOf(ref)).classes, each),
  'atlas.fidelity': async ref => (await gridOf(ref)).fidelity,
  'atlas.stability': async ref => (await gridOf(ref)).stability,
  'atlas.attribution': ({ classes, ...ref }) => attributionOf(ref, classes),
  'cell.detail': async ({ classes, nearest, ...cell }) => {
    const detail = await detailOf(cell)
    const { i, j } = (await gridOf(cell)).cells
    if (detail.icon !== null) rememberIcon(detail.icon, detail.cell)
    return {
      ...detail,
      for: detail.for.slice(0, classes),
      against: detail.against.slice(0, classes),
      nearest: detail.nearest.slice(0, nearest),
      neighbours: neighboursOf(cell, i, j),
    }
  },
  'cell.linked': elsewhere,
  'classAtlas.cells': async ref => (await gridOf(ref)).classCells ?? Promise.reject(missing('this class atlas')),
  'classAtlas.origins': async ({ to, ...ref }) => {
    const origins = (await gridOf(ref)).origins
    if (origins?.to.atlas !== to.atlas || origins.to.grid !== to.grid) throw missing('the place in the whole atlas')
    return origins.value
  },
  'classAtlas.layers': layersOf,
  'comparison.cells': async ({ swap, ...ref }) =>
    (await gridOf(ref)).comparison?.[swap ? 1 : 0] ?? Promise.reject(missing('this comparison')),
  'comparison.ranked': async ({ swap, toward, limit, ...ref }) => {
    const ranked = (await gridOf(ref)).ranked?.[swap ? 1 : 0]
    if (ranked === undefined) throw missing('this comparison')
    const cells = ranked.cells.filter(cell => toward === 'both' || cell.toward === toward)
    for (const { icon, cell } of cells) rememberIcon(icon, cell)
    return { ...ranked, cells: cells.slice(0, limit) }
  },
}

/** The first few of the classes of each cell. */
function firstClasses({ each, index, value }: PublishedGrid['classes'], wanted: number): PublishedGrid['classes'] {
  if (wanted >= each) return { each, index, value }
  const taken = (_: number, at: number): boolean => at % each < wanted
  return { each: wanted, index: index.filter(taken), value: value.filter(taken) }
}

type ShellReplies = { readonly [N in ShellCallName]?: (input: ShellInput<N>) => Promise<ShellOutput<N>> }

const shellReplies: ShellReplies = {
  'clipboard.text': async ({ text }) => {
    await copyText(text)
    return {}
  },
  'clipboard.image': async ({ png }) => {
    await copyImage(png)
    return {}
  },
}

export const bridge: Bridge = {
  async call<N extends CallName>(name: N, input: Input<N>): Promise<Output<N>> {
    const reply: Replies[N] = replies[name]
    if (reply === undefined) throw missing(name)
    return reply(input)
  },
  async shell<N extends ShellCallName>(name: N, input: ShellInput<N>): Promise<ShellOutput<N>> {
    const reply: ShellReplies[N] = shellReplies[name]
    if (reply === undefined) throw missing(name)
    return reply(input)
  },
  // Nothing of a page changes.
  on: () => () => {},
  pathOf: async () => '',
}
