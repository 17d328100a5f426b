import { availableParallelism, totalmem } from 'node:os'

/**
 * What files and calls may require before they are refused or wait: the one place for these limits (docs/formats.md has
 * them as a table). Models, photographs, projects and samples files come from strangers, and a few bytes of them can
 * require more memory than a machine has; the system then ends running programs. Limits on single values of a call
 * (the size of a picture, cells of a grid) are part of its schema in electron/contract.
 */
export interface Bounds {
  /** Bytes of a model file: the limit of protobuf. Larger weights are stored in external files. */
  readonly modelBytes: number
  /** Elements of a constant that is computed when a graph is read: a weight of the largest networks, 256 MB. */
  readonly constantElements: number
  /**
   * Bytes that one value of a graph may take for a single photograph, and that all values computed from constants alone
   * may take together, because they are kept as long as the model is open.
   */
  readonly valueBytes: number
  /** Bytes of a label file, sidecar or `ATTRIBUTION.csv`: a hundred thousand names take a few megabytes. */
  readonly textBytes: number
  /** Bytes of a photograph: larger files are none, and need twice their size in memory to decode. */
  readonly photographBytes: number
  /** Pixels of a photograph: libvips' limit, 16,383 squared. Not of the machine: a refused photograph stays refused. */
  readonly photographPixels: number
  /** Pixels of a TIFF of 32-bit samples, which is not resized while it is read: 12 bytes each. */
  readonly widePixels: number
  /** Pages of a TIFF: libvips visits all of them before it reads the first one. */
  readonly tiffPages: number
  /** Pixels of a picture that becomes a patch. */
  readonly patchPixels: number
  /** Bytes of a file of directions (`portolan invert --directions`). */
  readonly directionBytes: number
  /** Photographs of a samples file: each takes up to a kilobyte while they are entered. */
  readonly samplesPhotographs: number
  /** Bytes of their names, as JSON: of some 800,000 photographs. Parsed, they may take twenty times as many. */
  readonly namesBytes: number
  /** Edge of a figure of an atlas in pixels: WebP's limit. */
  readonly figureEdge: number
  /** Pictures for the window that are processed at a time, each with one decoded photograph of 50 million pixels. */
  readonly picturesAtOnce: number
  /** Cells of a sheet that are decoded at a time: a pipeline takes memory from its creation, and a sheet has 256. */
  readonly cellsAtOnce: number
  /** Bytes of results that an open project keeps in memory. */
  readonly cacheBytes: number
  /** Windows: each takes about 150 MB. */
  readonly windows: number
}

/** What the limits depend on. */
export interface Machine {
  /** Bytes that this process may use. */
  readonly memory: number
  readonly cores: number
}

/** The share of the memory that any one purpose may take. */
const SHARE = 1 / 8
const MEBIBYTE = 2 ** 20

export function boundsOf({ memory, cores }: Machine): Bounds {
  const share = SHARE * memory
  const several = (bytes: number, most: number): number => Math.max(1, Math.min(most, Math.floor(share / bytes)))
  return {
    modelBytes: 2 ** 31 - 1,
    constantElements: Math.min(2 ** 26, Math.floor(share / 4)),
    valueBytes: share,
    textBytes: 64 * MEBIBYTE,
    photographBytes: 512 * MEBIBYTE,
    photographPixels: 0x3fff ** 2,
    widePixels: 2 ** 26,
    tiffPages: 1000,
    patchPixels: 50e6,
    directionBytes: 512 * MEBIBYTE,
    samplesPhotographs: Math.floor(share / 1024),
    namesBytes: Math.min(128 * MEBIBYTE, Math.floor(share / 8)),
    figureEdge: 16_384,
    picturesAtOnce: several(4 * 50e6, Math.min(4, cores)),
    cellsAtOnce: 16,
    cacheBytes: Math.min(256 * MEBIBYTE, share / 4),
    windows: several(150e6, 16),
  }
}

/** In a container less than what the machine has; 0 or a huge number where there is no such limit. */
const constrained = process.constrainedMemory() || Number.POSITIVE_INFINITY

export const THIS_MACHINE: Machine = { memory: Math.min(totalmem(), constrained), cores: availableParallelism() }

export const BOUNDS: Bounds = boundsOf(THIS_MACHINE)
