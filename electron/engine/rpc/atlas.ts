import { existsSync } from 'node:fs'
import type { AtlasSummary, Cells } from '../../contract/atlas.ts'
import type { BuildJob } from '../../contract/build.ts'
import { coverageText } from '../../contract/build.ts'
import { UserError } from '../../contract/errors.ts'
import { STABILITY_SEEDS, type StabilityJob } from '../../contract/stability.ts'
import { ATLAS_BUILD } from '../atlas/build.ts'
import { storeLabels } from '../atlas/cell-labels.ts'
import { estimateBuild } from '../atlas/estimate.ts'
import { fillActivations } from '../atlas/icon-fidelity.ts'
import { ATLAS_STABILITY, repeatable } from '../atlas/stability.ts'
import { startOfAtlas } from '../atlas/start-record.ts'
import { findLayer } from '../model/layers.ts'
import { cellsOf, positionsOf, requireAtlas } from '../query/atlas-records.ts'
import { attributionOfCells } from '../query/attribution.ts'
import { classesOfCells } from '../query/cell-classes.ts'
import { labelColumns, labelsOfGrid } from '../query/cell-labels.ts'
import { coloursOf } from '../query/colours.ts'
import { coverageOfSet } from '../query/coverage.ts'
import { cropsOfSamples } from '../query/crops.ts'
import { summaryOfGrid } from '../query/fidelity.ts'
import { foundSamples } from '../query/found-samples.ts'
import { modelOf } from '../query/model-records.ts'
import { spreadOfCells } from '../query/nearest-samples.ts'
import { stabilityOfCells } from '../query/stability.ts'
import { classifierKey } from '../registry/enter.ts'
import { outdated } from '../registry/outdated.ts'
import { coarsest, coverageOf } from '../sampling/positions.ts'
import { type AtlasRecord, listAtlases, removeAtlas } from '../store/atlases.ts'
import { classAtlas, removeClassAtlas } from '../store/class-atlases.ts'
import { type GridState, gridStates } from '../store/grid-states.ts'
import { removeUnusedIcons } from '../store/icons.ts'
import { stabilityOfLayout } from '../store/layout-stability.ts'
import { alignmentOf, layoutWithId, qualityOf } from '../store/layouts.ts'
import { findModel } from '../store/models.ts'
import { listFolders, listImages } from '../store/photographs.ts'
import { sampleSet } from '../store/samples.ts'
import type { OpenProject } from '../workspace/open-project.ts'
import { estimateWithin } from './estimate-within.ts'
import type { Calls } from './handlers.ts'
import { type Plan, paramsOfPlan } from './plan.ts'

/** How long the window waits for an estimate, seconds. */
const PATIENCE = 60

export const atlasCalls: Calls<'atlas'> = {
  'atlas.list': (_, { project }) => {
    const it = project()
    const grids = Map.groupBy(gridStates(it.db), state => state.atlas)
    return listAtlases(it.db).map(atlas => summary(it, atlas, grids.get(atlas.id) ?? []))
  },
  'atlas.cells': ({ atlas, grid }, { project }) => columns(project(), requireAtlas(project(), atlas), grid),
  'atlas.labels': async ({ atlas: id, grid }, { project }) => {
    const atlas = requireAtlas(project(), id)
    return labelColumns(project(), atlas, grid, await knownLabels(project(), atlas, grid))
  },
  'atlas.classes': ({ atlas, grid, each }, { project }) =>
    classesOfCells(project(), requireAtlas(project(), atlas), grid, each),
  'atlas.fidelity': ({ atlas: id, grid }, { project }) => {
    const it = project()
    const atlas = requireAtlas(it, id)
    return summaryOfGrid(
      it,
      atlas,
      grid,
      it.readOnly === null ? means => fillActivations(it.writable(), atlas, grid, means) : undefined,
    )
  },
  'atlas.samples': ({ atlas, ...search }, { project }) =>
    foundSamples(project(), requireAtlas(project(), atlas), search),
  'atlas.sample': async ({ atlas: id, sample }, { project }) => {
    const atlas = requireAtlas(project(), id)
    if (!(positionsOf(project(), atlas)[2 * sample]! >= 0))
      throw new UserError(`${atlas.name} has no sample ${sample}; choose another`)
    const [crop] = await cropsOfSamples(project(), { atlas, model: modelOf(project(), atlas) }, [
      { sample, distance: 0 },
    ])
    return crop!
  },
  'atlas.spread': async ({ atlas, grid }, { project }) => ({
    spread: await spreadOfCells(project(), requireAtlas(project(), atlas), grid),
  }),
  'atlas.stability': ({ atlas, grid }, { project }) =>
    stabilityOfCells(project(), requireAtlas(project(), atlas), grid),
  'atlas.measureStability': ({ atlas }, { project }) => {
    const it = project()
    const layout = layoutWithId(it.writable(), requireAtlas(it, atlas).layout)!
    repeatable(it.db, layout.key)
    const order: StabilityJob = { layout: layout.key, seeds: STABILITY_SEEDS }
    return { job: it.startOnce(ATLAS_STABILITY, order) }
  },
  'atlas.attribution': ({ atlas, grid, classes }, { project }) =>
    attributionOfCells(project(), requireAtlas(project(), atlas), grid, classes),
  'atlas.estimate': async (plan, { project }) => {
    const { classifier, order, photographs } = await planned(project(), plan)
    const layers = order.params.layers.map(name => findLayer(classifier, name))
    const runtime = await project().runtime(classifier)
    const { seconds, samples, icons, diskBytes, memoryBytes } = await estimateWithin(PATIENCE, 'build', signal =>
      estimateBuild({ classifier, runtime, layers, params: order.params, photographs }, signal),
    )
    const { border = 'exclude', positionsPerImage } = order.params
    return {
      seconds: seconds.samples + seconds.layouts + seconds.icons,
      diskBytes,
      memoryBytes,
      notes: [
        `${samples} samples of ${photographs} photographs, at most ${icons} icons`,
        coverageText(coverageOf(coarsest(classifier.layers), border, positionsPerImage)),
        `measured on this machine: sampling ${minutes(seconds.samples)}, layouts ${minutes(seconds.layouts)}, icons ${minutes(seconds.icons)}`,
      ],
    }
  },
  'atlas.build': async (plan, { project }) => {
    const it = project()
    it.writable()
    const { order } = await planned(it, plan)
    return { job: it.start(ATLAS_BUILD, order) }
  },
  'atlas.remove': ({ atlas }, { project }) => {
    const db = project().writable()
    requireAtlas(project(), atlas)
    db.write(() => {
      const ofClass = classAtlas(db, atlas)
      if (ofClass === undefined) removeAtlas(db, atlas)
      else removeClassAtlas(db, ofClass)
      removeUnusedIcons(db)
    })
    project().forgetAtlas(atlas)
    project().notify('project.changed', { what: ['summary', 'atlases'] })
    return {}
  },
  'atlas.look': ({ atlas, grid, ...region }, { project }) => {
    project().look(atlas, { grid, ...region })
    return {}
  },
}

/** The labels of a grid, which are stored if they are computed now and this process may write. */
export const knownLabels = (project: OpenProject, atlas: AtlasRecord, grid: number) =>
  labelsOfGrid(project, atlas, grid, labels => {
    if (project.readOnly === null) storeLabels(project.writable(), atlas, grid, labels)
  })

export function summary(project: OpenProject, atlas: AtlasRecord, grids: readonly GridState[]): AtlasSummary {
  const { db } = project
  const set = sampleSet(db, atlas.set)!
  const layout = layoutWithId(db, atlas.layout)!
  const preset = namedPreset(atlas)
  return {
    id: atlas.id,
    name: layout.name,
    layer: atlas.layer,
    model: modelOf(project, atlas),
    modelName: findModel(db, set.model)?.name ?? '',
    samples: layout.n,
    photographs: Math.round(set.n / set.perImage),
    coverage: coverageOfSet(project, set),
    method: methodOf(layout.params),
    quality: qualityOf(layout),
    layout: layout.key,
    layoutSeed: layout.seed,
    aligned: alignmentOf(layout),
    stability: stabilityOfLayout(db, layout.id),
    preset: preset.name,
    seed: preset.seed,
    start: startOfAtlas(atlas),
    createdAt: atlas.created,
    outdated: outdated(db, atlas) ?? null,
    grids: grids.map(({ grid, shown, cells, samplesShown, finished }) => ({
      grid,
      shown,
      total: cells,
      samplesShown,
      finished,
    })),
  }
}

/** The preset, seed and steps of an atlas's icons. */
export const namedPreset = ({
  preset,
}: AtlasRecord): { readonly name: string; readonly seed: number; readonly steps: number } => {
  const { name, seed, steps } = preset as { name?: unknown; seed?: unknown; steps?: unknown }
  return { name: String(name ?? ''), seed: Number(seed ?? 0), steps: Number(steps ?? 0) }
}

const methodOf = (params: unknown): string => String((params as { method?: unknown } | null)?.method ?? '')

async function columns(project: OpenProject, atlas: AtlasRecord, grid: number): Promise<Cells> {
  const rows = cellsOf(project, atlas, grid)
  return {
    revision: rows.reduce((sum, row) => sum + row.state, 0),
    i: Uint16Array.from(rows, row => row.i),
    j: Uint16Array.from(rows, row => row.j),
    count: Uint32Array.from(rows, row => row.count),
    x: Float32Array.from(rows, row => row.x),
    y: Float32Array.from(rows, row => row.y),
    fidelity: Float32Array.from(rows, row => (row.state === 2 ? (row.fidelity ?? Number.NaN) : Number.NaN)),
    state: Uint8Array.from(rows, row => row.state),
    colour: Uint8Array.from(await coloursOf(project, atlas, grid, rows)),
  }
}

/** The job of a plan. @throws UserError when a folder or the model is missing */
async function planned(project: OpenProject, plan: Plan) {
  const folders = plan.folders.map(id => {
    const folder = listFolders(project.db).find(each => each.id === id)
    if (folder === undefined)
      throw new UserError(`there is no folder ${id} in ${project.file}; add it on the Photographs page`)
    if (folder.path === null || !existsSync(folder.path))
      throw new UserError(`the folder ${folder.name} was moved; link it again on the Photographs page`)
    return { ...folder, path: folder.path }
  })
  const classifier = await project.classifier(plan.model)
  const photographs = folders.reduce(
    (sum, { id }) => sum + listImages(project.db, id).filter(image => image.status === 'ok').length,
    0,
  )
  if (photographs === 0)
    throw new UserError('these folders hold no readable photograph; choose others on the Photographs page')
  const order: BuildJob = {
    model: classifier.file,
    classifier: classifierKey(classifier),
    folders: folders.map(({ path }) => path),
    name: plan.name,
    params: paramsOfPlan(plan, photographs, classifier),
  }
  return { classifier, order, photographs }
}

const minutes = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`
