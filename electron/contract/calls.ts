import { z } from 'zod'
import {
  AtlasPlan,
  AtlasSummary,
  Attribution,
  CellClasses,
  CellDetail,
  Cells,
  ChannelValue,
  Estimate,
  LinkedCell,
  SampleCrop,
  Variant,
} from './atlas.ts'
import { call } from './call.ts'
import { GridLabels } from './cell-labels.ts'
import { classAtlasCalls } from './class-atlas.ts'
import { comparisonCalls } from './comparison.ts'
import { FidelitySummary } from './fidelity.ts'
import { figureCalls } from './figure.ts'
import { PresetNameSchema } from './inversion.ts'
import { JobId, JobLogLine, JobRecord } from './jobs.ts'
import { modelCalls } from './models.ts'
import { patchCalls } from './patch-calls.ts'
import {
  ClassInfo,
  FolderInfo,
  Photograph,
  ProjectPreview,
  ProjectSummary,
  Refused,
  SavedItem,
  SavedItemKind,
} from './project.ts'
import { publishCalls } from './publish-calls.ts'
import { queueCalls } from './queue.ts'
import { runtimeCalls } from './runtimes.ts'
import { FoundSamples, SampleSearch } from './samples-in-view.ts'
import { selectionCalls } from './selection.ts'
import { CellStability } from './stability.ts'
import { tourCalls } from './tour.ts'
import {
  AtlasId,
  CellRef,
  ClassIndex,
  ClassValue,
  FilePath,
  Float32s,
  GridRef,
  IconKey,
  ImageId,
  LayerName,
  ModelHash,
  Seed,
  Uint8s,
  Unit,
} from './values.ts'
import { viewFigureCalls } from './view-figure.ts'

const nothing = z.object({}).readonly()
const done = z.object({}).readonly()
const list = <T extends z.ZodType>(item: T) => z.array(item).readonly()
const started = z.object({ job: JobId }).readonly()
const model = z.object({ model: ModelHash }).readonly()

/**
 * All calls of the window. A call applies to the window's project, the one it opened last. Inputs and outputs that do not
 * match the table are refused on both sides.
 * A family of calls with types of its own has a file of its own, and is spread in at the end.
 */
export const calls = {
  'project.open': call(z.object({ file: FilePath }).readonly(), ProjectSummary, given => [given.file]),
  /** Begins a new file; refused where there is one. */
  'project.create': call(
    z.object({ file: FilePath }).readonly(),
    ProjectSummary,
    () => [],
    given => [given.file],
  ),
  /** The embedded project, which is made on first use. */
  'project.demo': call(nothing, ProjectSummary),
  /** Reads a project without opening it for the window. */
  'project.preview': call(z.object({ file: FilePath }).readonly(), ProjectPreview, given => [given.file]),
  'project.summary': call(nothing, ProjectSummary.nullable()),

  'atlas.list': call(nothing, list(AtlasSummary)),
  'atlas.estimate': call(AtlasPlan, Estimate),
  'atlas.build': call(AtlasPlan, started),
  'atlas.remove': call(z.object({ atlas: AtlasId }).readonly(), done),
  'atlas.cells': call(GridRef, Cells),
  /** Computed the first time in projects of earlier versions, which takes seconds. */
  'atlas.labels': call(GridRef, GridLabels),
  /** As stored when the atlas was built: at most the ten strongest of each cell. */
  'atlas.classes': call(z.object({ ...GridRef.unwrap().shape, each: z.int().min(1).max(10) }).readonly(), CellClasses),
  /** In projects of earlier versions the activations of the icons are computed the first time. */
  'atlas.fidelity': call(GridRef, FidelitySummary),
  /** Single samples of a part of the layout, for points on the map. */
  'atlas.samples': call(SampleSearch, FoundSamples),
  /** The photograph of a sample, with the place of its unit. */
  'atlas.sample': call(z.object({ atlas: AtlasId, sample: z.int().min(0).max(0xffff_ffff) }).readonly(), SampleCrop),
  /** How much the samples of each shown cell differ: mean of 1 − cosine to the direction of the cell, in the order of Cells. */
  'atlas.spread': call(GridRef, z.object({ spread: Float32s }).readonly()),
  /** Null where the stability of the layout was not measured. */
  'atlas.stability': call(GridRef, CellStability.nullable()),
  /** Lays the samples out by further seeds, and measures how far the layout depends on its own. */
  'atlas.measureStability': call(z.object({ atlas: AtlasId }).readonly(), started),
  'atlas.attribution': call(
    z.object({ ...GridRef.unwrap().shape, classes: list(ClassIndex).unwrap().min(1).max(64).readonly() }).readonly(),
    Attribution,
  ),
  /** Reports the visible cells, which are refined first. Rows and columns, the last ones included. */
  'atlas.look': call(
    z.object({ ...GridRef.unwrap().shape, top: z.int(), left: z.int(), bottom: z.int(), right: z.int() }).readonly(),
    done,
  ),

  'cell.detail': call(
    z
      .object({ ...CellRef.unwrap().shape, classes: z.int().min(1).max(100), nearest: z.int().min(0).max(200) })
      .readonly(),
    CellDetail,
  ),
  /** More of the photographs of a cell's samples, nearest first. */
  'cell.samples': call(
    z.object({ ...CellRef.unwrap().shape, offset: z.int().min(0), limit: z.int().min(1).max(500) }).readonly(),
    list(SampleCrop),
  ),
  'cell.channels': call(
    z.object({ ...CellRef.unwrap().shape, limit: z.int().min(1).max(64) }).readonly(),
    list(ChannelValue),
  ),
  /** The mean activation itself. */
  'cell.direction': call(CellRef, Float32s),
  /** Where the samples of these cells (indices in Cells) lie in other grids. */
  'cell.linked': call(
    z
      .object({
        ...GridRef.unwrap().shape,
        cells: z.array(z.int().min(0)).min(1).max(4096).readonly(),
        others: z.array(GridRef).max(16).readonly(),
      })
      .readonly(),
    list(LinkedCell),
  ),
  /** Renders a cell's icon again; returns when it is finished. */
  'cell.variant': call(
    z
      .object({ ...CellRef.unwrap().shape, preset: PresetNameSchema, seed: Seed, size: z.int().min(32).max(512) })
      .readonly(),
    Variant,
  ),

  'classes.list': call(model, list(ClassInfo)),
  /** Nearest spellings first: by name, synonym, synset or index. */
  'classes.search': call(
    z.object({ ...model.unwrap().shape, text: z.string().max(200), limit: z.int().min(1).max(2000) }).readonly(),
    list(ClassInfo),
  ),
  'classes.photographs': call(
    z
      .object({ ...model.unwrap().shape, index: ClassIndex, offset: z.int().min(0), limit: z.int().min(1).max(500) })
      .readonly(),
    z
      .object({
        total: z.int().min(0),
        photographs: list(
          z.object({ ...Photograph.unwrap().shape, predictions: list(ClassValue).nullable() }).readonly(),
        ),
      })
      .readonly(),
  ),

  'photograph.list': call(
    z.object({ text: z.string().max(200), offset: z.int().min(0), limit: z.int().min(1).max(500) }).readonly(),
    z.object({ total: z.int().min(0), photographs: list(Photograph) }).readonly(),
  ),
  'photograph.get': call(z.object({ image: ImageId }).readonly(), Photograph),
  /** Photographs dropped on the window or chosen in a dialog. Those that cannot be read do not keep the others out. */
  'photograph.add': call(
    z.object({ files: z.array(FilePath).min(1).max(1000).readonly() }).readonly(),
    z.object({ added: list(Photograph), refused: list(Refused) }).readonly(),
    given => given.files,
  ),
  /** From the clipboard: an encoded picture. */
  'photograph.addBytes': call(z.object({ name: z.string().max(200), bytes: Uint8s }).readonly(), Photograph),
  'photograph.predict': call(
    z.object({ ...model.unwrap().shape, image: ImageId, limit: z.int().min(1).max(100) }).readonly(),
    z.object({ probabilities: list(ClassValue), logits: list(ClassValue) }).readonly(),
  ),
  /** The activation grid: one icon per position, coarse to fine; icons arrive as `photograph.grid` jobs make them. */
  'photograph.grid': call(
    z
      .object({ ...model.unwrap().shape, image: ImageId, layer: LayerName, preset: PresetNameSchema, seed: Seed })
      .readonly(),
    z
      .object({
        height: z.int().positive(),
        width: z.int().positive(),
        /** Row-major; null until it is made. */
        icons: list(IconKey.nullable()),
        job: JobId.nullable(),
      })
      .readonly(),
  ),
  /** Attributions of all positions to one class, [height, width], in logits. */
  'photograph.attribution': call(
    z.object({ ...model.unwrap().shape, image: ImageId, layer: LayerName, class: ClassIndex }).readonly(),
    z.object({ height: z.int().positive(), width: z.int().positive(), values: Float32s }).readonly(),
  ),
  /** Attributions of one position to classes, and its place in an atlas of the layer. */
  'photograph.position': call(
    z
      .object({
        ...model.unwrap().shape,
        image: ImageId,
        layer: LayerName,
        row: z.int().min(0),
        column: z.int().min(0),
        classes: z.int().min(1).max(100),
        atlas: AtlasId.nullable(),
      })
      .readonly(),
    z
      .object({
        for: list(ClassValue),
        against: list(ClassValue),
        place: z.object({ x: Unit, y: Unit, distance: z.number(), unlikeAnything: z.boolean() }).readonly().nullable(),
      })
      .readonly(),
  ),

  ...patchCalls,
  ...modelCalls,

  'jobs.list': call(nothing, list(JobRecord)),
  'jobs.cancel': call(z.object({ job: JobId }).readonly(), done),
  'jobs.resume': call(z.object({ job: JobId }).readonly(), started),
  'jobs.log': call(z.object({ job: JobId }).readonly(), list(JobLogLine)),

  'folder.list': call(nothing, list(FolderInfo)),
  /** Refused while results were made from its photographs. Its files stay. */
  'folder.remove': call(z.object({ id: z.int().positive() }).readonly(), done),
  'folder.add': call(z.object({ folder: FilePath }).readonly(), started, given => [given.folder]),
  'folder.relink': call(
    z.object({ id: z.int().positive(), folder: FilePath }).readonly(),
    z.object({ found: z.int().min(0), missing: z.int().min(0), changed: z.int().min(0) }).readonly(),
    given => [given.folder],
  ),

  /** Notes on regions, named bookmarks, and the last view (kind `view`). */
  'saved.list': call(z.object({ kind: SavedItemKind }).readonly(), list(SavedItem)),
  'saved.save': call(
    z.object({ kind: SavedItemKind, name: z.string().min(1).max(200), value: z.json() }).readonly(),
    done,
  ),
  'saved.remove': call(z.object({ kind: SavedItemKind, name: z.string().min(1).max(200) }).readonly(), done),

  ...classAtlasCalls,
  ...comparisonCalls,
  ...runtimeCalls,
  ...queueCalls,
  ...figureCalls,
  ...viewFigureCalls,
  ...selectionCalls,
  ...tourCalls,
  ...publishCalls,
} as const

export type CallName = keyof typeof calls
export type Input<N extends CallName> = z.input<(typeof calls)[N]['input']>
export type Output<N extends CallName> = z.output<(typeof calls)[N]['output']>

export const isCallName = (name: unknown): name is CallName => typeof name === 'string' && Object.hasOwn(calls, name)
