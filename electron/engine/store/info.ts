import type { Writer } from '../../contract/jobs.ts'
import { type AtlasRecord, listAtlases } from './atlases.ts'
import { listGrids } from './cells.ts'
import { type LayoutRecord, listLayouts } from './layouts.ts'
import { listMatrices, type Matrix } from './matrices.ts'
import { listModels, type ModelRecord } from './models.ts'
import { projectOrigin } from './project.ts'
import { listSampleSets, type SampleSet } from './samples.ts'
import { type None, query, type Readable } from './sql.ts'
import { currentWriter } from './writer.ts'

/** Rows of a table, and the bytes of its blobs and long texts. */
interface TableSize {
  readonly table: string
  readonly rows: number
  readonly bytes: number
}

/** The contents of a project, for `portolan project info`. */
export interface ProjectInfo {
  readonly file: string
  readonly bytes: number
  readonly version: number
  readonly created: number
  readonly createdBy: string
  /** The process that writes to it now. */
  readonly writer: Writer | undefined
  readonly models: readonly Pick<ModelRecord, 'hash' | 'name' | 'file' | 'layers'>[]
  readonly folders: readonly FolderCount[]
  readonly sets: readonly (SampleSet & {
    readonly matrices: readonly Matrix[]
    readonly layouts: readonly LayoutRecord[]
  })[]
  readonly atlases: readonly (AtlasRecord & { readonly grids: ReturnType<typeof listGrids> })[]
  readonly icons: readonly { readonly status: string; readonly icons: number }[]
  readonly jobs: readonly { readonly state: string; readonly jobs: number }[]
  readonly tables: readonly TableSize[]
}

interface FolderCount {
  readonly name: string
  readonly path: string | null
  readonly readable: number
  readonly unreadable: number
}

// length() of a blob is read from the row's header: the blobs themselves stay on the disk.
const selectTables = query<None, TableSize>(`
  SELECT 'models' AS "table", count(*) AS rows, coalesce(sum(length(sidecar) + length(layers)), 0) AS bytes FROM models
  UNION ALL SELECT 'images', count(*), coalesce(sum(length(relative)), 0) FROM images
  UNION ALL SELECT 'samples', coalesce(sum(n), 0), 24 * coalesce(sum(n), 0) FROM sample_sets
  UNION ALL SELECT 'activations', coalesce(sum(n), 0), coalesce(sum(n * row_bytes), 0) FROM matrices
    WHERE kind = 'activation'
  UNION ALL SELECT 'attributions', coalesce(sum(n), 0), coalesce(sum(n * row_bytes), 0) FROM matrices
    WHERE kind <> 'activation'
  UNION ALL SELECT 'moments', count(*), coalesce(sum(length(data)), 0) FROM moments
  UNION ALL SELECT 'layouts', count(*), coalesce(sum(length(xy)), 0) FROM layouts
  UNION ALL SELECT 'layout_repeats', count(*), coalesce(sum(length(xy)), 0) FROM layout_repeats
  UNION ALL SELECT 'cells', count(*), coalesce(sum(length(direction)), 0) FROM cells
  UNION ALL SELECT 'icons', count(*), coalesce(sum(length(webp)), 0) FROM icons
  UNION ALL SELECT 'patches', count(*), coalesce(sum(length(webp)), 0) FROM patches
  UNION ALL SELECT 'trials', count(*), 64 * count(*) FROM trials
  UNION ALL SELECT 'job_log', count(*), coalesce(sum(length(text)), 0) FROM job_log
`)
const selectFolders = query<None, FolderCount>(`
  SELECT name, path, count(images.id) FILTER (WHERE status = 'ok') AS readable,
    count(images.id) FILTER (WHERE status = 'unreadable') AS unreadable
  FROM folders LEFT JOIN images ON images.folder = folders.id AND current = 1 GROUP BY folders.id ORDER BY folders.id
`)
const selectIcons = query<None, { status: string; icons: number }>(`
  SELECT status, count(*) AS icons FROM icons GROUP BY status ORDER BY status
`)
const selectJobs = query<None, { state: string; jobs: number }>(`
  SELECT state, count(*) AS jobs FROM jobs GROUP BY state ORDER BY state
`)

const selectCounts = query<None, { images: number; unreadable: number; models: number; atlases: number }>(`
  SELECT (SELECT count(DISTINCT hash) FROM images WHERE status = 'ok' AND current = 1) AS images,
    (SELECT count(*) FROM images WHERE status = 'unreadable' AND current = 1) AS unreadable,
    (SELECT count(*) FROM models) AS models, (SELECT count(*) FROM atlases WHERE scope IS NULL) AS atlases
`)

/** Numbers of photographs, models and atlases of a project. */
export const projectCounts = (
  db: Readable,
): { readonly images: number; readonly unreadable: number; readonly models: number; readonly atlases: number } =>
  db.one(selectCounts, {})!

/** The contents of a project at one moment. Reads no blobs, so it is quick for projects of any size. */
export const projectInfo = (db: Readable): ProjectInfo =>
  db.snapshot(() => ({
    file: db.file,
    bytes: db.bytes(),
    ...projectOrigin(db),
    writer: currentWriter(db),
    models: listModels(db).map(({ hash, name, file, layers }) => ({ hash, name, file, layers })),
    folders: db.all(selectFolders, {}),
    sets: listSampleSets(db).map(set => ({
      ...set,
      matrices: listMatrices(db, set.id),
      layouts: listLayouts(db, set.id),
    })),
    atlases: listAtlases(db).map(atlas => ({ ...atlas, grids: listGrids(db, atlas.id) })),
    icons: db.all(selectIcons, {}),
    jobs: db.all(selectJobs, {}),
    tables: db.all(selectTables, {}),
  }))
