import { availableParallelism, totalmem } from 'node:os'

/**
 * Resource limits of pictures. Files and downloads are untrusted; their memory must not depend on their headers.
 */

/** Maximum bytes of a file: larger ones are not photographs, and need twice their size in memory to decode. */
export const MAX_FILE_BYTES = 512 * 2 ** 20

/** Maximum pages of a TIFF: libvips visits all of them before it reads the first one. */
export const MAX_PAGES = 1000

/**
 * Pictures for the window that are processed at a time: one for each core, each with one decoded photograph, within an
 * eighth of the memory.
 */
export const PICTURES_AT_ONCE = Math.max(
  1,
  Math.min(4, availableParallelism(), Math.floor(totalmem() / 8 / (4 * 50_000_000))),
)

/**
 * Cells of a sheet that are decoded at a time: a pipeline takes memory from its creation, and a sheet has 256 of
 * them.
 */
export const CELLS_AT_ONCE = 16
