import { z } from 'zod'
import { Credit } from './credit.ts'
import { ClassIndex, FilePath, ImageId, LayerName, ModelHash, ProjectKey, ShownText, Time, Uint8s } from './values.ts'

export const ProjectSummary = z
  .object({
    key: ProjectKey,
    file: FilePath,
    name: ShownText,
    /** Another process writes to it: this one only looks. */
    readOnly: ShownText.nullable(),
    images: z.int().min(0),
    unreadable: z.int().min(0),
    models: z.int().min(0),
    atlases: z.int().min(0),
    bytes: z.number().min(0),
  })
  .readonly()
export type ProjectSummary = z.infer<typeof ProjectSummary>

/** What a project is, before it is opened: for the list of recent ones. */
export const ProjectPreview = z
  .object({
    bytes: z.number().min(0),
    models: z.array(ShownText).readonly(),
    /** Of its atlases, as far as they have cells. */
    layers: z.array(LayerName).readonly(),
    /** Its last atlas, small, as WebP; null where no icon is there yet. */
    picture: Uint8s.nullable(),
  })
  .readonly()
export type ProjectPreview = z.infer<typeof ProjectPreview>

export const ClassInfo = z
  .object({
    index: ClassIndex,
    /** WordNet id, or '' where labels are plain names. Names are not unique. */
    synset: ShownText,
    name: ShownText,
    /** The name, with synset or index where another class has the same: no two classes of a model have equal titles. */
    title: ShownText,
    synonyms: z.array(ShownText).readonly(),
    /** Photographs of the project with this class in the name of their folder or file. */
    photographs: z.int().min(0),
  })
  .readonly()
export type ClassInfo = z.infer<typeof ClassInfo>

export const LayerInfo = z
  .object({
    name: LayerName,
    tensor: ShownText,
    channels: z.int().positive(),
    height: z.int().positive(),
    width: z.int().positive(),
    stride: z.number(),
    receptiveField: z.number(),
  })
  .readonly()
export type LayerInfo = z.infer<typeof LayerInfo>

export const ModelInfo = z
  .object({
    /** Hash of the network; for an earlier description of it, the key of that classifier. */
    hash: ModelHash,
    name: ShownText,
    file: ShownText,
    /** Whether the same network is still at one of its paths. */
    available: z.boolean(),
    /** What has changed in it since results were made with it; null where nothing has. */
    note: ShownText.nullable(),
    layers: z.array(LayerInfo).readonly(),
    operators: z.array(ShownText).readonly(),
    classes: z.int().min(0),
    preprocessing: z.array(z.object({ name: ShownText, value: ShownText }).readonly()).readonly(),
    license: ShownText,
    source: ShownText,
  })
  .readonly()
export type ModelInfo = z.infer<typeof ModelInfo>

export const FolderInfo = z
  .object({
    id: z.int().positive(),
    name: ShownText,
    /** Null: known by name only, may be linked. */
    path: ShownText.nullable(),
    available: z.boolean(),
    images: z.int().min(0),
    /** Classes of its photographs by their folder or name, in the classes of the first model that knows any; the most frequent first. */
    classes: z
      .object({
        modelName: ShownText,
        total: z.int().min(0),
        most: z.array(z.object({ name: ShownText, images: z.int().min(1) }).readonly()).readonly(),
      })
      .readonly()
      .nullable(),
    /** The path of its ATTRIBUTION.csv; null without one. */
    attribution: ShownText.nullable(),
    /** Why it cannot be removed; null if it can. */
    used: ShownText.nullable(),
    /** Photographs whose folder or name is that of no class, or of several; for each model that has some. */
    classless: z
      .array(
        z
          .object({
            modelName: ShownText,
            images: z.int().min(1),
            /** The names of their folders or files, with counts: `"holiday" (3, no class)`. */
            hints: ShownText,
          })
          .readonly(),
      )
      .readonly(),
    /** Licences of the photographs whose author is known. */
    licenses: z.array(z.object({ license: ShownText, images: z.int().min(1) }).readonly()).readonly(),
    unreadable: z.array(z.object({ file: ShownText, reason: ShownText }).readonly()).readonly(),
  })
  .readonly()
export type FolderInfo = z.infer<typeof FolderInfo>

/** A file that was not added, and why. */
export const Refused = z.object({ file: ShownText, reason: ShownText }).readonly()
export type Refused = z.infer<typeof Refused>

export const Photograph = z
  .object({
    id: ImageId,
    file: ShownText,
    width: z.int().positive(),
    height: z.int().positive(),
    available: z.boolean(),
    /** The file holds another picture now than the project knows. */
    changed: z.boolean(),
    class: ClassIndex.nullable(),
    /** Null without a line in an ATTRIBUTION.csv. */
    credit: Credit.nullable(),
  })
  .readonly()
export type Photograph = z.infer<typeof Photograph>

/** What the window restores when it opens the project again. */
export const SavedItemKind = z.enum(['note', 'bookmark', 'view'])
export const SavedItem = z
  .object({ kind: SavedItemKind, name: z.string().min(1).max(200), value: z.json(), updated: Time })
  .readonly()
export type SavedItem = z.infer<typeof SavedItem>
