import { z } from 'zod'
import { isVisible, visible } from './visible.ts'

/** A project that the engine has open: sha256 of its real path, 16 hex digits, so the same after a restart. */
export const ProjectKey = z.string().regex(/^[0-9a-f]{16}$/)
export const AtlasId = z.int().positive()
export const ImageId = z.int().positive()
/** A picture that can be pasted on photographs, kept in the project. */
export const PatchId = z.int().positive()
/** sha256 of a model file, hex. */
export const ModelHash = z.string().regex(/^[0-9a-f]{64}$/)
/** Content key of an icon. */
export const IconKey = z.string().regex(/^[0-9a-f]{16,64}$/)
/** Cells along each edge of a grid. */
export const Grid = z.int().min(1).max(4096)
/** Characters. */
export const LONGEST_LAYER_NAME = 200
/** Shown, and sent back by the window: characters that act are refused where a name is read. */
export const LayerName = z.string().min(1).max(LONGEST_LAYER_NAME).refine(isVisible, 'must have no control characters')
export const ClassIndex = z.int().min(0).max(65_535)
export const Revision = z.int().nonnegative()
export const Seed = z.int().min(0).max(0xffff_ffff)
/** A path of this machine. What comes from the window must have been chosen there: see `paths` in call.ts. */
export const FilePath = z
  .string()
  .min(1)
  .max(4096)
  .refine(path => !path.includes('\0'), 'a path has no null character')
/** Text from a file or project, for display: control characters are escaped. */
export const ShownText = z.string().transform(visible)
/** Milliseconds since 1970. */
export const Time = z.number()
export const Unit = z.number().min(0).max(1)

export const CellRef = z.object({ atlas: AtlasId, grid: Grid, i: z.int().min(0), j: z.int().min(0) }).readonly()
export type CellRef = z.infer<typeof CellRef>
export const GridRef = z.object({ atlas: AtlasId, grid: Grid }).readonly()
export type GridRef = z.infer<typeof GridRef>

/** A rectangle in a photograph as shares of its width and height; may reach beyond it, as receptive fields do. */
const edge = z.number().min(-1e6).max(1e6)
export const Box = z.object({ left: edge, top: edge, right: edge, bottom: edge }).readonly()
export type Box = z.infer<typeof Box>

/** A class with a number of its own: an attribution in logits, or a probability. */
export const ClassValue = z.object({ index: ClassIndex, value: z.number() }).readonly()
export type ClassValue = z.infer<typeof ClassValue>

// Structured clone keeps typed arrays as they are: a column costs a copy and no parsing.
export const Float32s = z.instanceof(Float32Array)
export const Uint32s = z.instanceof(Uint32Array)
export const Uint16s = z.instanceof(Uint16Array)
export const Int32s = z.instanceof(Int32Array)
export const Int16s = z.instanceof(Int16Array)
export const Uint8s = z.instanceof(Uint8Array)
